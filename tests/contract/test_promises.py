"""Every promise of docs/promises.md has a test, and every test of the battery its promise."""

import re

import pytest

from modelmonitor_cli.testing_pages import ROOT, functions_in, page

HOME = ROOT / "tests" / "sidecar"
PAGE = page("promises.md")
ROWS = [line for line in PAGE.splitlines() if line.startswith("| ") and "---" not in line]
NAMED = sorted(set(re.findall(r"`([\w./]+\.py::test_\w+)`", PAGE)))


def test_the_page_names_tests() -> None:
    assert len(NAMED) > 80


@pytest.mark.parametrize("test", NAMED)
def test_each_named_test_exists(test: str) -> None:
    path, _, function = test.partition("::")
    file = (ROOT if path.startswith(("integration/", "e2e/")) else HOME) / path

    assert function in functions_in(file)


def test_each_promise_has_a_test() -> None:
    promises = [row for row in ROWS if not row.rstrip().endswith("tests |")]

    assert [row for row in promises if "::test_" not in row] == []


def test_the_ten_rules_are_all_there() -> None:
    rules = [int(row.split("|")[1]) for row in ROWS if row.split("|")[1].strip().isdigit()]

    assert rules == list(range(1, 11))


def test_each_test_of_the_battery_is_promised() -> None:
    battery = {
        f"traffic/{file.name}::{name}"
        for file in (HOME / "traffic").glob("test_*.py")
        for name in functions_in(file)
        if name.startswith("test_")
    }

    assert sorted(battery - set(NAMED)) == []
