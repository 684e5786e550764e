"""The command as a user calls it: arguments in; status, baseline and words out."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from modelmonitor_api.baseline import Baseline
from modelmonitor_cli.__main__ import main
from modelmonitor_cli.baseline.documents import read_file


@dataclass(frozen=True)
class Answer:
    """What a call gave."""

    status: int
    out: str
    err: str
    file: Path

    @property
    def baseline(self) -> Baseline:
        return read_file(self.file)


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Callable[..., Answer]:
    def run(*arguments: Any, file: Path = Path()) -> Answer:
        status = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Answer(status, captured.out, captured.err, file)

    return run


@pytest.fixture
def build(call: Callable[..., Answer], tmp_path: Path) -> Callable[..., Answer]:
    """`baseline build`, with the document in a file of its own."""
    numbers = iter(range(1_000))

    def run(*arguments: Any) -> Answer:
        file = tmp_path / f"built-{next(numbers)}.json"
        return call("baseline", "build", *arguments, "-o", file, file=file)

    return run


@pytest.fixture
def csv(tmp_path: Path) -> Callable[..., Path]:
    """A CSV of the given lines."""
    numbers = iter(range(1_000))

    def write(*lines: str, name: str = "") -> Path:
        path = tmp_path / (name or f"train-{next(numbers)}.csv")
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        return path

    return write
