"""MLflow's scoring server."""

import json
from typing import Any

import pytest

from modelmonitor_api.spec import Model
from modelmonitor_sidecar.decode.answers import predictions
from modelmonitor_sidecar.decode.registry import decode
from modelmonitor_sidecar.decode.rows import Captured, Decoded, Reason, Records, Rows, Undecodable

PATH = "/invocations"
RECORDS: list[dict[str, Any]] = [{"age": 39, "job": "cook"}, {"age": None, "job": "smith"}]


def exchanged(request: Any, answer: Any = None, protocol: str = "Auto") -> Decoded:
    exchange = Captured(PATH, json.dumps(request).encode(), json.dumps(answer).encode())
    return decode(exchange, Model("churn", protocol=protocol))


@pytest.mark.parametrize("protocol", ["Auto", "MLflow"])
def test_a_split_data_frame_has_named_columns(protocol: str) -> None:
    frame = {"index": [7, 8], "columns": ["age", "job"], "data": [[39, "cook"], [40, None]]}
    assert exchanged({"dataframe_split": frame}, protocol=protocol).inputs == Rows(
        ("age", "job"), [[39, "cook"], [40, None]]
    )


def test_column_names_become_texts() -> None:
    frame = {"columns": [0, None, ["a", "b", 1], {"x": 1}], "data": []}
    table = exchanged({"dataframe_split": frame}).inputs
    assert isinstance(table, Rows)
    assert table.names == ("0", "None", "a.b.1", "")


def test_a_split_data_frame_without_columns_is_positional() -> None:
    assert exchanged({"dataframe_split": {"data": [[1, 2]]}}).inputs == Rows(None, [[1, 2]])


@pytest.mark.parametrize("frame", [3, {}, {"columns": ["a"]}, {"data": 3}])
def test_a_split_data_frame_without_data_is_of_another_shape(frame: Any) -> None:
    with pytest.raises(Undecodable) as caught:
        exchanged({"dataframe_split": frame})
    assert caught.value.reason is Reason.SHAPE_UNKNOWN


def test_rows_of_a_wrong_width_stay_rows() -> None:
    frame = {"columns": ["a", "b"], "data": [[1, 2], [3], [4, 5, 6]]}
    assert exchanged({"dataframe_split": frame}).inputs == Rows(
        ("a", "b"), [[1, 2], [3], [4, 5, 6]]
    )


@pytest.mark.parametrize("protocol", ["Auto", "MLflow"])
@pytest.mark.parametrize("key", ["dataframe_records", "instances", "inputs"])
def test_records_have_named_values(key: str, protocol: str) -> None:
    assert exchanged({key: RECORDS}, protocol=protocol).inputs == Records(RECORDS)


@pytest.mark.parametrize("protocol", ["Auto", "MLflow"])
def test_tensors_are_read_as_in_v1(protocol: str) -> None:
    assert exchanged({"inputs": {"a": [1, 2], "b": [3, 4]}}, protocol=protocol).inputs == Rows(
        ("a", "b"), [[1, 3], [2, 4]]
    )
    assert exchanged({"instances": [[1, 2]]}, protocol=protocol).inputs == Rows(None, [[1, 2]])


@pytest.mark.parametrize("protocol", ["Auto", "MLflow"])
def test_csv_has_named_columns_and_its_values_are_texts(protocol: str) -> None:
    body = b'age,job\n39,"cook, old"\n,smith\n'
    exchange = Captured(PATH, body, b'{"predictions": [0, 1]}', "text/csv; charset=utf-8")
    decoded = decode(exchange, Model("churn", protocol=protocol))
    assert decoded.inputs == Rows(("age", "job"), [["39", "cook, old"], ["", "smith"]], texts=True)
    assert predictions(decoded.outputs, None, None) == ([0, 1], None)


def test_what_servers_before_version_2_took_is_still_read() -> None:
    assert exchanged(RECORDS, protocol="MLflow").inputs == Records(RECORDS)
    assert exchanged({"columns": ["a"], "data": [[1]]}, protocol="MLflow").inputs == Rows(
        ("a",), [[1]]
    )


@pytest.mark.parametrize(
    ("answer", "outputs"),
    [
        ({"predictions": [0, 1]}, Rows(None, [[0], [1]])),
        ([0, 1], Rows(None, [[0], [1]])),
        ({"predictions": [[0.1, 0.9], [0.8, 0.2]]}, Rows(None, [[0.1, 0.9], [0.8, 0.2]])),
        ({"predictions": [{"y": 1}, {"y": 2}]}, Records([{"y": 1}, {"y": 2}])),
        ({"predictions": {"y": [1, 2], "p": [3, 4]}}, Rows(("y", "p"), [[1, 3], [2, 4]])),
    ],
)
def test_predictions_stand_beside_their_rows(answer: Any, outputs: Rows | Records) -> None:
    assert exchanged({"dataframe_records": RECORDS}, answer).outputs == outputs


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"predictions": [0]}, Reason.ROW_COUNTS_DIFFER),
        ({"predictions": 0}, Reason.SHAPE_UNKNOWN),
        ({}, Reason.SHAPE_UNKNOWN),
        (None, Reason.SHAPE_UNKNOWN),
    ],
)
def test_other_answers_leave_the_inputs_standing(answer: Any, reason: Reason) -> None:
    decoded = exchanged({"dataframe_records": RECORDS}, answer)
    assert decoded == Decoded(Records(RECORDS), None, reason)


@pytest.mark.parametrize("request_", [{"messages": []}, 3, None])
def test_a_request_without_rows_is_of_another_shape(request_: Any) -> None:
    with pytest.raises(Undecodable) as caught:
        exchanged(request_, protocol="MLflow")
    assert caught.value.reason is Reason.SHAPE_UNKNOWN
