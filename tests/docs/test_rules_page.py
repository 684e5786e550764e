"""docs/rules.md lists every recorded series; runbook, rules and concepts name only what exists."""

import re
from pathlib import Path

import pytest

from modelmonitor_api import names, recorded

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "rules.md").read_text()
ROW = re.compile(r"^\| `(modelmonitor:\w+)` \| ([^|]*)\| (.*) \|$", re.MULTILINE)
PROSE = [
    *sorted((ROOT / "docs" / "runbook").glob("*.md")),
    *(ROOT / "docs" / f"{page}.md" for page in ("rules", "concepts")),
]
CONSTANTS = {
    value
    for module in (names, recorded)
    for value in vars(module).values()
    if isinstance(value, str)
}


def rows() -> dict[str, tuple[str, str]]:
    return {name: (labels, meaning) for name, labels, meaning in ROW.findall(PAGE)}


def test_the_page_lists_exactly_the_series_that_rules_record() -> None:
    recorded_names = {value for value in CONSTANTS if value.startswith("modelmonitor:")}

    assert set(rows()) == recorded_names
    assert len(ROW.findall(PAGE)) == len(recorded_names)


def test_every_label_of_a_recorded_series_is_a_name_of_ours() -> None:
    labels = {label for cell, _ in rows().values() for label in re.findall(r"`(\w+)`", cell)}

    assert labels <= CONSTANTS


def test_the_page_names_every_distance_memory_and_test() -> None:
    said = {name: set(re.findall(r"`(\w+)`", meaning)) for name, (_, meaning) in rows().items()}

    assert set(recorded.DISTANCES) <= said[recorded.DISTANCE]
    assert set(recorded.MEMORIES) <= said[recorded.LOG_EVIDENCE]
    assert {*recorded.WINDOW_TESTS, recorded.CHANGE, recorded.WEEK} <= said[recorded.SCORE]
    assert set(recorded.WINDOW_TESTS) <= said[recorded.VERDICT] & said[recorded.EVIDENCE]


@pytest.mark.parametrize("page", PROSE, ids=lambda page: page.stem)
def test_every_series_that_a_page_names_exists(page: Path) -> None:
    named = re.findall(r"\b(modelmonitor[:_][a-z0-9_]+)", page.read_text())

    unknown = [name for name in named if re.sub(r"_(bucket|sum|count)$", "", name) not in CONSTANTS]
    assert unknown == []
