"""Categories: one text for one value, and a cell for every text."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmonitor_api.baseline import Categories, boolean_text, category_hash
from modelmonitor_sidecar.stats.categories import (
    LONGEST_TEXT,
    CategoryCells,
    Problem,
    canonical,
    text_counts,
)

COLOURS = Categories(("red", "blue"), (600, 400), 30, (category_hash("tan"),))
RED, BLUE, OTHER, UNSEEN = range(4)

anything = st.none() | st.booleans() | st.floats() | st.integers() | st.text() | st.lists(st.none())


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("red", "red"),
        ("", ""),
        (True, "true"),
        (False, "false"),
        (1, "1"),
        (1.0, "1"),
        (-0.0, "0"),
        (0.5, "0.5"),
        (2**53 + 1, "9007199254740993"),
        (10**25, "1e+25"),
        (1e25, "1e+25"),
        (10**400, Problem.INFINITE),
        (math.inf, Problem.INFINITE),
        (math.nan, Problem.MISSING),
        (None, Problem.MISSING),
        ([1], Problem.TYPE),
        ({}, Problem.TYPE),
    ],
)
def test_a_value_has_one_text(value: object, text: str | Problem) -> None:
    assert canonical(value) == text


def test_long_texts_are_cut() -> None:
    assert canonical("x" * 10_000) == "x" * LONGEST_TEXT


def test_where_each_value_counts() -> None:
    tally = CategoryCells(COLOURS).tally(["red", "red", "blue", "tan", "mauve", None, math.nan, []])

    assert tally.cells == {RED: 2, BLUE: 1, OTHER: 1, UNSEEN: 1}
    assert (tally.missing, tally.invalid) == (2, {Problem.TYPE: 1})


def test_where_rare_values_were_too_many_everything_else_is_other() -> None:
    cells = CategoryCells(Categories(("red",), (600,), 9000, None))

    assert cells.tally(["mauve"]).cells == {cells.other: 1}


def test_allowed_values_decide_what_is_unseen_and_flag_what_is_not_allowed() -> None:
    tally = CategoryCells(COLOURS, allowed=("red", "pink")).tally(["red", "blue", "pink", "tan"])

    assert tally.cells == {RED: 1, BLUE: 1, OTHER: 1, UNSEEN: 1}
    assert tally.out_of_range == 1


def test_booleans_that_come_as_numbers_or_words_are_booleans() -> None:
    cells = CategoryCells(Categories(("true", "false"), (5, 5)), spelled=boolean_text)

    assert cells.tally([True, 1, "True", 0, False, "maybe"]).cells == {0: 3, 1: 2, 3: 1}


def test_true_and_one_in_one_column_are_two_categories() -> None:
    assert text_counts([True, 1, 1.0, False, 0]) == {"true": 1, "1": 2, "false": 1, "0": 1}


@given(st.lists(anything))
def test_every_value_is_counted_once(column: list[object]) -> None:
    tally = CategoryCells(COLOURS).tally(column)

    assert sum(tally.cells.values()) + tally.missing + sum(tally.invalid.values()) == len(column)
    assert max(tally.cells, default=0) <= UNSEEN


@given(st.lists(anything))
def test_the_fast_count_is_the_plain_one(column: list[object]) -> None:
    plain: dict[str | Problem, int] = {}
    for value in column:
        plain[canonical(value)] = plain.get(canonical(value), 0) + 1

    assert dict(text_counts(column)) == plain
