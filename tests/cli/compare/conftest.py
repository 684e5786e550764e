"""`modelmonitor compare` as a user calls it."""

import csv
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def table(tmp_path: Path) -> Callable[..., Path]:
    """A CSV of columns: `table("live.csv", age=[1, 2, None])`."""

    def write(name: str, /, **columns: Sequence[object]) -> Path:
        path = tmp_path / name
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerows([columns, *zip(*columns.values(), strict=True)])
        return path

    return write


@pytest.fixture
def compared(call: Callable[..., Any]) -> Callable[..., dict[str, Any]]:
    """The JSON of a comparison."""

    def run(*arguments: Any) -> dict[str, Any]:
        answer = call("compare", *arguments, "--json")
        assert answer.status == 0, answer.err
        document: dict[str, Any] = json.loads(answer.out)
        return document

    return run


@pytest.fixture
def columns(compared: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """The columns of a comparison by name."""

    def run(*arguments: Any) -> dict[str, Any]:
        return {column["name"]: column for column in compared(*arguments)["columns"]}

    return run
