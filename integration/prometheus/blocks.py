"""Blocks for Prometheus, made by promtool from samples and from rules."""

import json
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from prometheus.server import nice_command

MADE: Final = "made"
LONGEST_BLOCK: Final = "200h"
"""Few long blocks: promtool reads its input once for each."""


def from_text(promtool: Path, lines: Iterable[str], folder: Path, data: Path) -> None:
    """Samples as OpenMetrics; the text is gone afterwards."""
    file = folder / "samples.om"
    with file.open("w") as stream:
        stream.writelines(lines)
    _make(promtool, ["openmetrics", str(file), str(data)])
    file.unlink()


def from_rules(
    promtool: Path, rules: Sequence[Any], span: tuple[int, int, int], url: str, folder: Path
) -> None:
    """What rules (documents) come to of the data at `url`, as blocks in `folder / MADE`.

    `span`: first and last second, and seconds between evaluations.
    """
    begin, end, every = span
    file = folder / "rules.json"
    group = {"name": "history", "interval": f"{every}s", "rules": list(rules)}
    file.write_text(json.dumps({"groups": [group]}))
    flags = [f"--url={url}", f"--start={begin}", f"--end={end}", f"--output-dir={folder / MADE}"]
    _make(promtool, ["rules", *flags, str(file)])


def _make(promtool: Path, words: Sequence[str]) -> None:
    kind, *rest = words
    command = [str(promtool), "tsdb", "create-blocks-from", "-q"]
    command += [f"--max-block-duration={LONGEST_BLOCK}", kind, *rest]
    run = subprocess.run(nice_command(command), capture_output=True, text=True, check=False)
    assert run.returncode == 0, f"promtool {' '.join(words)}: {run.stdout}{run.stderr}"
