"""CSV fields become values by what their columns hold."""

import math

from modelmonitor_sidecar.decode.csv_values import values_of
from modelmonitor_sidecar.decode.rows import Rows

FIELDS = [["007", "007", ""], ["x", "x", "1e3"]]


def texts(names: tuple[str, ...] | None, rows: list[list[str]]) -> Rows:
    return Rows(names, [*rows], texts=True)


def test_a_field_is_a_number_except_in_a_column_of_texts() -> None:
    expected = [[7.0, "007", None], ["x", "x", 1000.0]]
    assert values_of(texts(("a", "b", "c"), FIELDS), (), {"b"}) == expected


def test_without_names_the_columns_are_told_by_place() -> None:
    expected = [["007", 7.0, None], ["x", "x", "1e3"]]
    assert values_of(texts(None, FIELDS), ("a", "b", "c"), {"a", "c"}) == expected


def test_of_unknown_columns_every_field_may_be_a_number() -> None:
    assert values_of(texts(None, FIELDS), (), {"a"}) == [[7.0, 7.0, None], ["x", "x", 1000.0]]


def test_a_row_of_a_wrong_width_keeps_it() -> None:
    rows = texts(("a", "b"), [["1"], ["1", "2", "3"], []])
    assert values_of(rows, (), {"a"}) == [[1.0], [1.0, 2.0, 3.0], []]


def test_an_empty_field_is_missing_everywhere() -> None:
    assert values_of(texts(("a", "b"), [["", ""]]), (), {"a"}) == [[None, None]]


def test_nan_and_infinity_are_what_numbers_they_read_as() -> None:
    ((nan, infinity),) = values_of(texts(("a", "b"), [["nan", "-inf"]]), (), set())
    assert math.isnan(nan)
    assert infinity == -math.inf
