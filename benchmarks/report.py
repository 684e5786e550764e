"""Merges the parts in .cache/bench into the report of their word; run it alone with

    .venv/bin/python benchmarks/report.py [bench | bench-rules | bench-peers | bench-operator]

It measures nothing.
"""

import os
import platform
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from results import Figure, Part, read
from run_all import PARTS, name_of

HERE = Path(__file__).resolve().parent
TARGETS = {
    "bench": HERE / "RESULTS.md",
    "bench-rules": HERE / "RESULTS-rules.md",
    "bench-peers": HERE / "RESULTS-peers.md",
    "bench-operator": HERE / "RESULTS-operator.md",
}
ORDER = ("proxies", "memory", "restarts", "counting", "exposition", "baselines", "texts")
LIBRARIES = ("uvloop", "numpy", "orjson")
VERDICTS = {True: "yes", False: "**no**", None: ""}
KIBIBYTES_A_GIBIBYTE = 1 << 20
HEADER = """# Benchmarks

Written by `make {word}`; do not edit. All figures of one part are from one run. Both cores are
shared by all processes that take part, so CPU times and ratios say more than rates.

"""


def render(parts: Sequence[Part], word: str) -> str:
    """The report; parts of the proxy first, the others by name."""
    ordered = sorted(parts, key=lambda part: (_rank(part.name), part.name))
    sections = "\n".join("\n".join(_section(part)) for part in ordered)
    head = HEADER.format(word=word)
    return f"{head}{_machine(parts, word)}\n{_summary(parts)}\n\n{sections}"


def _rank(name: str) -> int:
    return ORDER.index(name) if name in ORDER else len(ORDER)


def _machine(parts: Sequence[Part], word: str) -> str:
    compared = {name: text for part in parts for name, text in part.versions.items()}
    libraries = {name: version(name) for name in LIBRARIES}
    facts = {
        "date": datetime.now(UTC).date().isoformat(),
        "commit": _commit(),
        "command": f"`make {word}`",
        "machine": f"{os.cpu_count()} cores of {_processor()}, {_memory_gibibytes():.0f} GiB, "
        f"Linux {platform.release()}",
        "Python": platform.python_version(),
        "with": ", ".join(f"{name} {text}" for name, text in libraries.items()),
        "compared with": ", ".join(f"{name} {text}" for name, text in sorted(compared.items())),
    }
    rows = "\n".join(f"| {name} | {text} |" for name, text in facts.items() if text)
    return f"| | |\n|---|---|\n{rows}\n"


def _commit() -> str:
    def git(*words: str) -> str:
        run = subprocess.run(["git", *words], cwd=HERE, capture_output=True, text=True, check=False)
        return run.stdout.strip()

    changed = git("status", "--porcelain", "--untracked-files=no", "--", "..", ":!RESULTS.md")
    return f"{git('rev-parse', '--short', 'HEAD')}{' with uncommitted changes' if changed else ''}"


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((li.partition(":")[2].strip() for li in lines if li.startswith("model name")), "?")


def _memory_gibibytes() -> float:
    total = Path("/proc/meminfo").read_text().splitlines()[0].split()[1]
    return int(total) / KIBIBYTES_A_GIBIBYTE


def _summary(parts: Sequence[Part]) -> str:
    verdicts = [figure.kept for part in parts for figure in part.figures]
    kept, missed = verdicts.count(True), verdicts.count(False)
    return f"Targets met: {kept} of {kept + missed}."


def _section(part: Part) -> Iterator[str]:
    yield f"## {part.title}\n"
    if part.text:
        yield f"{part.text.strip()}\n"
    yield "| figure | measured | target | met | |"
    yield "|---|---:|---:|---|---|"
    yield from map(_row, part.figures)
    yield ""


def _row(figure: Figure) -> str:
    measured = "not measurable" if figure.value is None else _number(figure.value, figure.unit)
    verdict = VERDICTS[figure.kept]
    return f"| {figure.name} | {measured} | {_target(figure)} | {verdict} | {figure.note} |"


def _target(figure: Figure) -> str:
    if figure.at_most is not None:
        return f"≤ {_number(figure.at_most, figure.unit)}"
    return "" if figure.at_least is None else f"≥ {_number(figure.at_least, figure.unit)}"


def _number(value: float, unit: str) -> str:
    """Three digits are enough.

    >>> _number(17.8612, "us"), _number(1234567.0, "values/s"), _number(0, "")
    ('17.9 µs', '1,234,567 values/s', '0')
    """
    text = f"{value:,.0f}" if value == int(value) or abs(value) >= 1_000 else f"{value:.3g}"
    return f"{text} {unit.replace('us', 'µs') if unit == 'us' else unit}".strip()


def main(word: str = "bench") -> int:
    """Write the report; exit status 1 where there is nothing to report."""
    names = tuple(map(name_of, PARTS[word]))
    parts = [part for part in read() if _belongs(part.name, names)]
    if not parts:
        sys.stderr.write(f"no part has been measured; run make {word}\n")
        return 1
    TARGETS[word].write_text(render(parts, word))
    sys.stdout.write(f"{_summary(parts)} {TARGETS[word].relative_to(HERE.parent)}\n")
    return 0


def _belongs(part: str, names: Sequence[str]) -> bool:
    return any(part == name or part.startswith(f"{name}-") for name in names)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
