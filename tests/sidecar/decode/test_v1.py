"""KServe and TensorFlow Serving V1."""

import json
from typing import Any

import pytest

from modelmonitor_api.spec import Feature, Model
from modelmonitor_sidecar.decode.registry import decode
from modelmonitor_sidecar.decode.rows import (
    MAX_ROWS,
    Captured,
    Decoded,
    Reason,
    Records,
    Rows,
    Undecodable,
)

PATH = "/v1/models/churn:predict"


def exchanged(request: Any, answer: Any, model: Model | None = None) -> Decoded:
    exchange = Captured(PATH, json.dumps(request).encode(), json.dumps(answer).encode())
    return decode(exchange, model or Model("churn"))


def inputs(request: Any, **model: Any) -> Rows | Records:
    return exchanged(request, {"predictions": []}, Model("churn", **model)).inputs


def outputs(answer: Any, rows: int) -> Rows | Records | Reason | None:
    decoded = exchanged({"instances": [[1.0]] * rows}, answer)
    return decoded.outputs_reason or decoded.outputs


def test_instances_of_lists_are_positional_rows() -> None:
    assert inputs({"instances": [[1, 2.5, "a"], [None, True, ""]]}) == Rows(
        None, [[1, 2.5, "a"], [None, True, ""]]
    )


def test_instances_of_values_are_rows_of_one_column() -> None:
    assert inputs({"instances": [1, None, "a"]}) == Rows(None, [[1], [None], ["a"]])


def test_instances_of_objects_are_records() -> None:
    rows: list[dict[str, Any]] = [{"age": 39, "job": "cook"}, {"age": None}]
    assert inputs({"instances": rows}) == Records(rows)


def test_the_lists_of_one_in_which_tensorflow_wraps_features_are_taken_off() -> None:
    assert inputs({"instances": [{"age": [39], "job": ["cook"]}]}) == Records(
        [{"age": 39, "job": "cook"}]
    )


@pytest.mark.parametrize(
    "rows",
    [
        [{"dense": [1, 2]}, {"dense": [3, 4]}],
        [{"data": {"features": {"values": [1, 2]}}}, {"data": {"features": {"values": [3, 4]}}}],
        [[[1, 2]], [[3, 4]]],
    ],
)
def test_a_lone_tensor_in_each_row_is_the_row(rows: list[Any]) -> None:
    assert inputs({"instances": rows}) == Rows(None, [[1, 2], [3, 4]])


def test_inputs_are_rows_or_columns_by_name() -> None:
    assert inputs({"inputs": [[1, 2], [3, 4]]}) == Rows(None, [[1, 2], [3, 4]])
    assert inputs({"inputs": {"a": [1, 2], "b": ["x", None]}}) == Rows(
        ("a", "b"), [[1, "x"], [2, None]]
    )
    assert inputs({"inputs": {"a": [1, 2]}}) == Rows(("a",), [[1], [2]])
    assert inputs({"inputs": {"a": [[1], [2]]}}) == Rows(("a",), [[1], [2]])
    assert inputs({"inputs": {"x": [[1, 2], [3, 4]]}}) == Rows(None, [[1, 2], [3, 4]])
    assert inputs({"inputs": {"a": 1, "b": 2}}) == Records([{"a": 1, "b": 2}])


def test_a_matrix_among_columns_becomes_a_column_for_each_place() -> None:
    assert inputs({"inputs": {"a": [[1], [2]], "x": [[3, 4], [5]]}}) == Rows(
        ("a", "x[0]", "x[1]"), [[1, 3, 4], [2, 5, None]]
    )


def test_columns_of_different_lengths_pair_no_rows() -> None:
    with pytest.raises(Undecodable) as caught:
        inputs({"inputs": {"a": [1, 2], "b": [1]}})
    assert caught.value.reason is Reason.ROW_COUNTS_DIFFER


@pytest.mark.parametrize(
    ("batch", "table"),
    [
        ([[1, 2], [3], [4, 5, 6], []], Rows(None, [[1, 2], [3], [4, 5, 6], []])),
        ([[1, 2], None, {"a": 1}], Rows(None, [[1, 2], [None], [{"a": 1}]])),
        ([1, [2, 3], {"a": 1}], Rows(None, [[1], [2, 3], [{"a": 1}]])),
        ([{"a": 1, "b": 2}, [3, 4], None], Records([{"a": 1, "b": 2}, {}, {}])),
        ([{"a": 1, "b": 2}, {"c": 3}, {}], Records([{"a": 1, "b": 2}, {"c": 3}, {}])),
        ([{"x": [1, 2]}, 7, {"y": 1}], Rows(None, [[1, 2], [None], [None]])),
        ([{}], Records([{}])),
        ([{"a": {"b": {"c": {"d": {"e": 1}}}}}], Records([{"e": 1}])),
        ([{"a": {"b": 1}}, {"a": 2}], Records([{"b": 1}, {}])),
        ([{"x": []}], Rows(None, [[]])),
        ([[]], Rows(None, [[]])),
    ],
)
def test_no_row_is_lost_whatever_its_make(batch: list[Any], table: Rows | Records) -> None:
    assert inputs({"instances": batch}) == table
    assert table.count == len(batch)


def test_an_empty_batch_has_no_rows() -> None:
    decoded = exchanged({"instances": []}, {"predictions": []})
    assert decoded.inputs == Rows(None, [])
    assert decoded.outputs == Rows(None, [])


def test_a_request_of_too_many_rows_is_refused() -> None:
    assert inputs({"instances": [0] * MAX_ROWS}).count == MAX_ROWS
    with pytest.raises(Undecodable) as caught:
        inputs({"instances": [0] * (MAX_ROWS + 1)})
    assert caught.value.reason is Reason.TOO_MANY_ROWS


def test_more_rows_than_may_be_are_refused_before_they_are_built() -> None:
    rows = [0] * (MAX_ROWS + 1)
    for request in ({"inputs": {"a": rows, "b": rows}}, {"inputs": {"a": rows}}):
        with pytest.raises(Undecodable) as caught:
            inputs(request)
        assert caught.value.reason is Reason.TOO_MANY_ROWS


def test_a_matrix_of_one_long_row_and_many_short_ones_is_not_filled_up() -> None:
    ragged = [[0] * 100_000, *([[]] * 1_000)]
    with pytest.raises(Undecodable) as caught:
        inputs({"inputs": {"a": [0] * 1_001, "x": ragged}})
    assert caught.value.reason is Reason.TOO_LARGE


@pytest.mark.parametrize(
    "request_", [{}, [], 1, None, "x", {"rows": []}, {"instances": 3}, {"instances": {"a": 1}}]
)
def test_another_shape_on_a_path_of_v1_is_named_as_the_reason(request_: Any) -> None:
    with pytest.raises(Undecodable) as caught:
        inputs(request_)
    assert caught.value.reason is Reason.SHAPE_UNKNOWN


def test_features_are_found_at_their_paths_within_a_row() -> None:
    features = (Feature("age", path="person.age"), Feature("first", path="scores[0]"))
    rows = [{"person": {"age": 3}, "scores": [7], "job": "cook"}, {"person": {}}]
    table = inputs({"instances": rows}, features=features)
    assert isinstance(table, Records)
    assert [row.get("age") for row in table.rows] == [3, None]
    assert [row.get("first") for row in table.rows] == [7, None]
    assert [row.get("job") for row in table.rows] == ["cook", None]
    assert "age" not in table.rows[1]


def test_predictions_stand_beside_their_rows() -> None:
    assert outputs({"predictions": [0.5, None]}, 2) == Rows(None, [[0.5], [None]])
    assert outputs({"predictions": [[0.1, 0.9]]}, 1) == Rows(None, [[0.1, 0.9]])
    assert outputs({"predictions": [{"a": 1}, {"a": 2}]}, 2) == Records([{"a": 1}, {"a": 2}])
    assert outputs({"outputs": [[1], [2]]}, 2) == Rows(None, [[1], [2]])
    assert outputs({"outputs": {"a": [1, 2], "b": [[3], [4]]}}, 2) == Rows(
        ("a", "b"), [[1, [3]], [2, [4]]]
    )


@pytest.mark.parametrize(
    "answer",
    [
        {"predictions": [1]},
        {"predictions": [1, 2, 3]},
        {"outputs": {"a": [1, 2], "b": [1]}},
        {"predictions": {}},
    ],
)
def test_predictions_of_another_number_leave_the_inputs_standing(answer: Any) -> None:
    assert outputs(answer, 2) is Reason.ROW_COUNTS_DIFFER


@pytest.mark.parametrize("answer", [{}, [1, 2], {"predictions": 3}, {"error": "x"}, None])
def test_an_answer_of_another_shape_leaves_the_inputs_standing(answer: Any) -> None:
    assert outputs(answer, 2) is Reason.SHAPE_UNKNOWN


def test_an_unreadable_answer_leaves_the_inputs_standing() -> None:
    request = b'{"instances": [[1, 2]]}'
    for body, encoding, reason in (
        (b"", "", Reason.EMPTY_BODY),
        (b"<html>", "", Reason.NOT_JSON),
        (b"{}", "br", Reason.ENCODING_UNKNOWN),
        (b"{}", "gzip", Reason.ENCODING_BROKEN),
    ):
        exchange = Captured(PATH, request, body, response_encoding=encoding)
        decoded = decode(exchange, Model("churn"))
        assert decoded == Decoded(Rows(None, [[1, 2]]), None, reason)


def test_a_text_of_ten_thousand_characters_is_a_value() -> None:
    assert inputs({"instances": [["x" * 10_000]]}) == Rows(None, [["x" * 10_000]])
