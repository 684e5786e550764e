"""docs/monitor.md names every field that a ModelMonitor can have, and no other."""

import re
from pathlib import Path
from typing import Any

import pytest

from modelmonitor_api.reading import Fields
from modelmonitor_api.spec_reading import parse_monitor

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "monitor.md").read_text()
ROW = re.compile(r"^\| `([^`]+)` \| ([^|]*) \|.* \|$", re.MULTILINE)

BROADEST: dict[str, Any] = {
    "metadata": {"name": "broadest"},
    "spec": {
        "models": [
            {
                "name": "one",
                "baselines": [{"configMap": "one"}],
                "features": [{"name": "age"}],
                "prediction": {"index": 0},
                "score": {"index": 1},
            }
        ]
    },
}
"""A resource in which the parser comes to every place there is."""


def asked_for(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Every field that the parser looks up, by its place, without those that hold only others."""
    asked: set[str] = set()
    inner: set[str] = set()
    get, make = Fields._get, Fields.__init__

    def noted(fields: Fields, key: str) -> Any:
        asked.add(re.sub(r"\[\d+\]", "[]", fields._at(key)))
        return get(fields, key)

    def made(fields: Fields, raw: object, where: str, *, strict: bool) -> None:
        inner.add(re.sub(r"\[\d+\]", "[]", where))
        make(fields, raw, where, strict=strict)

    monkeypatch.setattr(Fields, "_get", noted)
    monkeypatch.setattr(Fields, "__init__", made)
    parse_monitor(BROADEST)
    lists = {place.removesuffix("[]") for place in inner if place.endswith("[]")}
    return asked - inner - (lists - {"spec.models"})


def test_the_page_names_exactly_the_fields_that_the_parser_knows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """`tests/contract/resource` holds the page against the API server's schema."""
    written = {name for name, _ in ROW.findall(PAGE) if not name.startswith("status.")}
    assert written == asked_for(monkeypatch)


def test_every_decimal_of_the_page_is_written_in_quotes() -> None:
    rows = [
        line.split(" | ")
        for line in PAGE.splitlines()
        if line.startswith("| `spec") and " | decimal" in line
    ]
    assert len(rows) >= 8
    assert [cells[0] for cells in rows if not re.search(r': "[\d.]+"', cells[-1])] == []
