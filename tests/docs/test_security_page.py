"""What the page on security says is held by tests that exist; what is not protected is said."""

import re

import pytest

from modelmonitor_cli.testing_pages import named_tests, page, unknown_tests

PAGE = page("security.md")
TABLES = {
    title: rows
    for title, text in re.findall(r"^## (.*)\n((?:(?!## ).*\n)*)", PAGE, re.MULTILINE)
    if (rows := [row for row in text.splitlines() if row.startswith("| ")][2:])
}
WITHOUT_TESTS = "Who is trusted with what"


def test_the_page_has_a_table_for_every_actor() -> None:
    assert len(TABLES) == 7
    assert len(TABLES["A tenant"]) >= 17


@pytest.mark.parametrize("title", sorted(set(TABLES) - {WITHOUT_TESTS}))
def test_every_row_names_a_test(title: str) -> None:
    assert [row for row in TABLES[title] if not named_tests(row)] == []


def test_every_test_that_is_named_exists() -> None:
    assert unknown_tests(PAGE) == []


def test_what_is_not_protected_is_said() -> None:
    said = re.findall(r"^- \*\*(.+?)\*\*", PAGE.split("## What is not protected")[1], re.MULTILINE)
    assert len(said) >= 10
