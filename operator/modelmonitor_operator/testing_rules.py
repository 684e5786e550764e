"""What rules record of given series, as promtool evaluates them.

It refuses to know what is expected.
"""

import json
import re
import subprocess
from ast import literal_eval
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from modelmonitor_api import names, recorded
from modelmonitor_operator.render.rules.rule import Group, Record

Labels = frozenset[tuple[str, str]]
Samples = Mapping[tuple[str, Labels], float]
"""Values by name and labels."""

RECORDED: Final = '{__name__=~"modelmonitor:.+"}'
_GOT: Final = re.compile(r"time: (\S+),\n +exp: nil\n +got: (.*)")
_SAMPLE: Final = re.compile(r'\{((?:[^"}]|"(?:[^"\\]|\\.)*")*)\} ([^\s,]+)')
_LABEL: Final = re.compile(r'(\w+)=("(?:[^"\\]|\\.)*")')
_OF_MODEL: Final = (recorded.L_NAMESPACE, names.L_MONITOR, names.L_MODEL)
_PAIR: Final = re.compile(r"\\u(d[89ab]\w\w)\\u(d[c-f]\w\w)")
"""JSON's surrogates, of which YAML knows nothing."""
_UNITS: Final = {"w": 604_800.0, "d": 86_400.0, "h": 3_600.0, "m": 60.0, "s": 1.0}


def of_model(samples: Samples) -> Samples:
    """The same without the labels that all series of one model share."""
    return {
        (name, frozenset((label, text) for label, text in labels if label not in _OF_MODEL)): value
        for (name, labels), value in samples.items()
    }


def values_of(samples: Samples, name: str, **labels: str) -> list[float]:
    """The values of all series of that name that bear these labels."""
    wanted = set(labels.items())
    return [value for (one, own), value in samples.items() if one == name and wanted <= own]


def value_of(samples: Samples, name: str, **labels: str) -> float:
    """The value of the one series of that name that bears these labels."""
    (value,) = values_of(samples, name, **labels)
    return value


@dataclass(frozen=True, slots=True)
class Evaluator:
    """A promtool, and a folder for its files."""

    promtool: str
    folder: Path

    def recorded(
        self,
        groups: Sequence[Group],
        series: Sequence[Mapping[str, str]],
        moments: Sequence[int],
        *,
        step_seconds: int,
        every_seconds: int = 30,
    ) -> dict[int, Samples]:
        """All that rules (no alerts) have recorded at these seconds after the start.

        All groups are evaluated in order, `every_seconds` from 0 on; `step_seconds` is from one
        value of the series to the next.  AssertionError where a rule fails.
        """
        self._write("rules.yml", {"groups": list(map(_recordings, groups))})
        order = {
            "rule_files": ["rules.yml"],
            "evaluation_interval": f"{every_seconds}s",
            "group_eval_order": [group.name for group in groups],
        }
        return self._asked(order, _test(series, step_seconds, RECORDED, moments), moments)

    def answers(
        self,
        query: str,
        series: Sequence[Mapping[str, str]],
        moments: Sequence[int],
        *,
        step_seconds: int,
    ) -> dict[int, Samples]:
        """What a query finds among these series, without rules."""
        return self._asked({}, _test(series, step_seconds, query, moments), moments)

    def _asked(
        self, order: Mapping[str, Any], test: Mapping[str, Any], moments: Sequence[int]
    ) -> dict[int, Samples]:
        self._write("tests.yml", {**order, "tests": [test]})
        said = self._run("test", "rules", "tests.yml")
        assert "FAILED:\n    expr:" in said or "SUCCESS" in said, said
        assert "err:" not in said, said
        return {moment: {} for moment in moments} | dict(_read(said))

    def _write(self, name: str, document: Any) -> None:
        (self.folder / name).write_text(_PAIR.sub(_as_one, json.dumps(document)))

    def _run(self, *arguments: str) -> str:
        run = subprocess.run(  # noqa: S603 - a tool that the test names
            [self.promtool, *arguments],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        return run.stdout + run.stderr


def _as_one(pair: re.Match[str]) -> str:
    high, low = (int(half, 16) for half in pair.groups())
    return f"\\U{0x10000 + (high - 0xD800) * 0x400 + low - 0xDC00:08x}"


def _test(
    series: Sequence[Mapping[str, str]], step_seconds: int, query: str, moments: Sequence[int]
) -> dict[str, Any]:
    """Expects nothing, so that promtool says what it got."""
    checks = [{"expr": query, "eval_time": f"{moment}s", "exp_samples": []} for moment in moments]
    return {
        "interval": f"{step_seconds}s",
        "input_series": list(series),
        "promql_expr_test": checks,
    }


def _recordings(group: Group) -> dict[str, Any]:
    rules = tuple(rule for rule in group.rules if isinstance(rule, Record))
    return Group(group.name, group.interval, rules).document()


def _read(said: str) -> Iterable[tuple[int, Samples]]:
    for moment, got in _GOT.findall(said):
        yield round(_seconds(moment)), dict(_sample(*found) for found in _SAMPLE.findall(got))


def _sample(labels: str, value: str) -> tuple[tuple[str, Labels], float]:
    found = {name: literal_eval(text) for name, text in _LABEL.findall(labels)}  # as Go quotes
    return (found.pop("__name__", ""), frozenset(found.items())), float(value)


def _seconds(text: str) -> float:
    """Of a duration as Go writes it."""
    return sum(
        float(number) * _UNITS[unit] for number, unit in re.findall(r"([\d.]+)([wdhms])", text)
    )
