"""Which output is the prediction and which the score."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmonitor_api.spec import Locator, Output
from modelmonitor_sidecar.decode.answers import predictions
from modelmonitor_sidecar.decode.rows import Records, Rows, Table


def output(name: str) -> Output:
    return Output(Locator(output=name))


def place(index: int) -> Output:
    return Output(Locator(index=index))


def lists(column: Any) -> Any:
    return column.tolist() if isinstance(column, np.ndarray) else column


def read(table: Table | None, prediction: Output | None = None, score: Output | None = None) -> Any:
    predicted, scored = predictions(table, prediction, score)
    return lists(predicted), lists(scored)


def test_one_value_a_row_is_the_prediction() -> None:
    assert read(Rows(None, [[1], ["a"], [None]])) == ([1, "a", None], None)
    assert read(Rows(None, np.array([[1.5], [2.5]]))) == ([1.5, 2.5], None)


def test_a_vector_a_row_is_class_scores_and_its_largest_the_prediction() -> None:
    rows = [[0.2, 0.1, 0.7], [0.5, 0.4, 0.1]]
    assert read(Rows(None, rows)) == ([2, 0], [0.7, 0.5])
    assert read(Rows(None, np.array(rows))) == ([2, 0], [0.7, 0.5])


def test_the_score_of_two_classes_is_the_second_s() -> None:
    rows = [[0.9, 0.1], [0.2, 0.8]]
    assert read(Rows(None, rows)) == ([0, 1], [0.1, 0.8])
    assert read(Rows(None, np.array(rows))) == ([0, 1], [0.1, 0.8])


def test_the_usual_names_tell_prediction_and_score() -> None:
    names = ("predict_proba", "predict")
    assert read(Rows(names, [[[0.9, 0.1], 0], [[0.2, 0.8], 1]])) == ([0, 1], [0.1, 0.8])
    assert read(Rows(names, np.array([[0.9, 0.0], [0.2, 1.0]]))) == ([0.0, 1.0], [0.9, 0.2])
    assert read(Records([{"label": "a", "score": 0.5}, {"score": 1}])) == (["a", None], [0.5, 1])


def test_one_output_is_the_prediction_whatever_its_name() -> None:
    assert read(Rows(("output-0",), [[3], [4]])) == ([3, 4], None)
    assert read(Rows(("output-0",), [[[0.1, 0.9]]])) == ([1], [0.9])


def test_the_one_output_beside_the_score_is_the_prediction() -> None:
    assert read(Rows(("y", "score"), [[3, 0.5]])) == ([3], [0.5])
    assert read(Rows(("y", "p"), [[3, 0.5]]), score=output("p")) == ([3], [0.5])


def test_without_a_prediction_its_scores_tell_it() -> None:
    assert read(Records([{"scores": [0.1, 0.9], "id": 7, "at": 8}])) == ([1], [0.9])
    assert read(Records([{"scores": {"a": 0.1, "b": 0.2, "c": 0.7}}])) == (["c"], [0.7])


def test_several_outputs_of_unknown_names_tell_nothing() -> None:
    assert read(Rows(("a", "b"), [[1, 2]])) == (None, None)


def test_outputs_are_taken_by_name_and_place() -> None:
    table = Rows(("a", "b"), [[1, 0.5], [2, 0.25]])
    assert read(table, output("a"), output("b")) == ([1, 2], [0.5, 0.25])
    assert read(table, place(1), place(0)) == ([0.5, 0.25], [1, 2])
    records = Records([{"a": 1, "b": 0.5}, {"a": 2}])
    assert read(records, output("a"), output("b")) == ([1, 2], [0.5, None])
    assert read(records, place(0), place(1)) == ([1, 2], [0.5, None])


@pytest.mark.parametrize("array", [False, True])
def test_places_of_a_vector_are_taken_by_index(*, array: bool) -> None:
    rows = [[0.2, 0.1, 0.7], [0.5, 0.4, 0.1]]
    table = Rows(None, np.array(rows) if array else rows)
    assert read(table, score=place(1)) == ([2, 0], [0.1, 0.4])
    assert read(table, prediction=place(0)) == ([0.2, 0.5], [0.7, 0.5])
    assert read(table, place(0), place(9))[0] == [0.2, 0.5]
    assert read(table, output("a")) == (None, [0.7, 0.5])


def test_what_is_located_but_not_there_is_none_and_never_replaced() -> None:
    table = Rows(("predict", "score"), [[1, 0.5]])
    assert read(table, output("x"), output("y")) == (None, None)
    assert read(table, place(7), place(8)) == (None, None)
    assert read(Rows(None, [[1], [2, 3]]), place(1)) == ([None, 3], None)


def test_what_is_no_vector_of_numbers_is_left_as_it_came() -> None:
    odd: list[list[Any]] = [["a", "b"], [None, 1.0], [], [[1, 2], [3]]]
    assert read(Rows(None, odd)) == (odd, odd)
    assert read(Records([{"label": {"a": "x"}}])) == ([{"a": "x"}], [{"a": "x"}])


def test_no_rows_and_no_table_tell_nothing() -> None:
    assert read(None) == (None, None)
    assert read(Rows(None, [])) == (None, None)
    assert read(Rows(None, np.empty((2, 0)))) == (None, None)


vectors = st.lists(st.floats(allow_nan=False), min_size=2, max_size=5)


@given(
    st.integers(2, 5).flatmap(
        lambda k: st.lists(
            st.lists(st.floats(allow_nan=False), min_size=k, max_size=k), min_size=1, max_size=4
        )
    )
)
def test_lists_and_arrays_tell_the_same(rows: list[list[float]]) -> None:
    assert read(Rows(None, rows)) == read(Rows(None, np.array(rows)))


cells = st.recursive(
    st.none() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)
outputs = st.none() | st.builds(
    Output,
    st.builds(Locator, output=st.sampled_from(["a", "b"]))
    | st.builds(Locator, index=st.integers(0, 3)),
)
names = st.sampled_from(["a", "b", "predict", "score", ""])


@given(
    st.lists(st.dictionaries(names, cells, max_size=3), max_size=3).map(Records)
    | st.lists(st.lists(cells, max_size=3), max_size=3).map(lambda rows: Rows(None, rows))
    | st.lists(st.tuples(cells, cells).map(list), max_size=3).map(
        lambda rows: Rows(("predict", "b"), rows)
    ),
    outputs,
    outputs,
)
def test_any_answer_gives_one_value_a_row_or_none(
    table: Table, prediction: Output | None, score: Output | None
) -> None:
    for column in predictions(table, prediction, score):
        assert column is None or len(column) == table.count
