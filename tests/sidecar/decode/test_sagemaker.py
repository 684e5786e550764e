"""SageMaker's containers: CSV, JSON Lines, JSON."""

import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmonitor_api.spec import Locator, Model, Output
from modelmonitor_sidecar.decode.answers import predictions
from modelmonitor_sidecar.decode.registry import decode
from modelmonitor_sidecar.decode.rows import (
    MAX_ROWS,
    Captured,
    Decoded,
    Reason,
    Records,
    Rows,
    Table,
    Undecodable,
)

CSV = "text/csv"
LINES = "application/jsonlines"


def exchanged(
    request: bytes,
    answer: bytes = b"",
    types: tuple[str, str] = (CSV, CSV),
    protocol: str = "SageMaker",
) -> Decoded:
    return decode(
        Captured("/invocations", request, answer, *types), Model("churn", protocol=protocol)
    )


def texts(*rows: list[str], names: tuple[str, ...] | None = None) -> Rows:
    return Rows(names, [*rows], texts=True)


def reason_of(request: bytes, content_type: str = CSV) -> Reason:
    with pytest.raises(Undecodable) as caught:
        exchanged(request, types=(content_type, ""))
    return caught.value.reason


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_csv_is_positional_texts_a_line(end: bytes) -> None:
    assert exchanged(b"1,a,2.5" + end + b"2,,x" + end).inputs == texts(
        ["1", "a", "2.5"], ["2", "", "x"]
    )


def test_quotes_hold_commas_quotes_and_line_ends() -> None:
    request = b'1,"a, ""b""\r\nc"\n2,d'
    assert exchanged(request).inputs == texts(["1", 'a, "b"\r\nc'], ["2", "d"])


def test_rows_of_a_wrong_width_stay_rows_and_blank_lines_are_none() -> None:
    assert exchanged(b"1,2\n\n3\n,,,\n").inputs == texts(["1", "2"], ["3"], ["", "", "", ""])


def test_a_byte_order_mark_and_stray_bytes_do_no_harm() -> None:
    assert exchanged(b"\xef\xbb\xbf1,K\xf6ln").inputs == texts(["1", "K�ln"])


def test_sagemaker_csv_has_no_head_line_unless_its_type_says_so() -> None:
    request = b"age,job\n39,cook\n"
    assert exchanged(request).inputs == texts(["age", "job"], ["39", "cook"])
    named = texts(["39", "cook"], names=("age", "job"))
    assert exchanged(request, types=("text/csv; header=present", "")).inputs == named


@pytest.mark.parametrize(
    ("request_", "has_header"),
    [
        (b"age,job\n39,cook", True),
        (b"39,cook\n40,smith", False),
        (b"age,job", False),
        (b"age,age\n39,cook", False),
        (b"age,\n39,cook", False),
        (b"cook,north\nsmith,south", False),
    ],
)
def test_of_an_unknown_protocol_a_head_line_is_names_above_a_number(
    request_: bytes, *, has_header: bool
) -> None:
    table = exchanged(request_, protocol="Auto").inputs
    assert isinstance(table, Rows)
    assert (table.names is not None) is has_header


@pytest.mark.parametrize("request_", [b"", b"\n\n", b"\xef\xbb\xbf"])
def test_csv_without_a_line_is_empty(request_: bytes) -> None:
    assert reason_of(request_) is Reason.EMPTY_BODY


def test_csv_is_bounded_in_rows_and_fields() -> None:
    assert exchanged(b"1\n" * MAX_ROWS).inputs.count == MAX_ROWS
    assert reason_of(b"1\n" * (MAX_ROWS + 1)) is Reason.TOO_MANY_ROWS
    assert reason_of(b"1\r" * (MAX_ROWS + 1)) is Reason.TOO_MANY_ROWS
    assert reason_of(b"1\n" * MAX_ROWS + b"1") is Reason.TOO_MANY_ROWS
    assert reason_of(b"," * (1 << 21)) is Reason.TOO_LARGE
    assert reason_of(b'"' + b"x" * 200_000) is Reason.NOT_CSV


def test_json_lines_are_rows() -> None:
    request = b'{"features": [1, "a"]}\n\n{"features": [2, null]}\r\n'
    assert exchanged(request, types=(LINES, "")).inputs == Rows(None, [[1, "a"], [2, None]])
    request = b'{"age": 1, "job": "a"}\n{"age": NaN}'
    table = exchanged(request, types=("application/x-ndjson", ""), protocol="Auto").inputs
    assert isinstance(table, Records)
    assert table.rows[0] == {"age": 1, "job": "a"}
    assert table.count == 2
    assert exchanged(b"[1,2]\n[3,4]", types=(LINES, "")).inputs == Rows(None, [[1, 2], [3, 4]])


def test_a_line_that_is_no_json_makes_the_request_undecodable() -> None:
    assert reason_of(b'{"a": 1}\n{', LINES) is Reason.NOT_JSON
    assert reason_of(b"1\n" * (MAX_ROWS + 1), LINES) is Reason.TOO_MANY_ROWS


def test_json_is_read_as_v1_or_plain() -> None:
    types = ("application/json", "")
    assert exchanged(b'{"instances": [{"features": [1, 2]}]}', types=types).inputs == Rows(
        None, [[1, 2]]
    )
    assert exchanged(b"[[1, 2], [3, 4]]", types=types).inputs == Rows(None, [[1, 2], [3, 4]])


@pytest.mark.parametrize(
    ("answer", "content_type", "predicted", "scored"),
    [
        (b"0.5\n0.25\n", CSV, [0.5, 0.25], None),
        (b"0.5,0.25", CSV, [0.5, 0.25], None),
        (b"0.5,0.25", "text/html; charset=utf-8", [0.5, 0.25], None),
        (b"0.1,0.2,0.7\n0.6,0.3,0.1\n", CSV, [2, 0], [0.7, 0.6]),
        (b"yes\nno\n", CSV, ["yes", "no"], None),
        (b"[1, 0]", "application/json", [1, 0], None),
        (
            b'{"predictions": [{"score": 0.2, "predicted_label": 0},'
            b' {"score": 0.9, "predicted_label": 1}]}',
            "application/json",
            [0, 1],
            [0.2, 0.9],
        ),
        (
            b'{"score": 0.2, "predicted_label": 0}\n{"score": 0.9, "predicted_label": 1}\n',
            LINES,
            [0, 1],
            [0.2, 0.9],
        ),
    ],
)
def test_answers_of_every_container_stand_beside_their_rows(
    answer: bytes, content_type: str, predicted: list[Any], scored: list[Any] | None
) -> None:
    decoded = exchanged(b"1,2\n3,4\n", answer, (CSV, content_type))
    assert decoded.outputs_reason is None
    assert predictions(decoded.outputs, None, None) == (predicted, scored)


def test_one_line_of_an_answer_to_one_row_is_its_vector() -> None:
    outputs = exchanged(b"1,2", b"0.1,0.9\n").outputs
    assert predictions(outputs, None, None) == ([1], [0.9])


@pytest.mark.parametrize(
    ("answer", "content_type", "reason"),
    [
        (b"1\n2\n3\n", CSV, Reason.ROW_COUNTS_DIFFER),
        (b"1,2,3\n", CSV, Reason.ROW_COUNTS_DIFFER),
        (b'{"a": 1}', LINES, Reason.ROW_COUNTS_DIFFER),
        (b"", CSV, Reason.EMPTY_BODY),
        (b"{", "application/json", Reason.NOT_JSON),
    ],
)
def test_other_answers_leave_the_inputs_standing(
    answer: bytes, content_type: str, reason: Reason
) -> None:
    decoded = exchanged(b"1,2\n3,4\n", answer, (CSV, content_type))
    assert (decoded.inputs.count, decoded.outputs, decoded.outputs_reason) == (2, None, reason)


def test_a_prediction_is_located_in_each_line() -> None:
    model = Model(
        "churn",
        protocol="SageMaker",
        prediction=Output(Locator(path="answer.label")),
        score=Output(Locator(path="answer.p")),
    )
    line = b'{"answer": {"label": "%s", "p": %d}}\n'
    decoded = decode(
        Captured("/invocations", b"1\n2\n", line % (b"a", 1) + line % (b"b", 2), CSV, LINES), model
    )
    assert predictions(decoded.outputs, model.prediction, model.score) == (["a", "b"], [1, 2])


fields = st.text(st.characters(codec="utf-8", exclude_characters="\r\x00\ufeff"), max_size=8)


@given(st.lists(st.lists(fields, min_size=2, max_size=4), min_size=1, max_size=5))
def test_what_python_writes_as_csv_is_read_back(rows: list[list[str]]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    table: Table = exchanged(text.getvalue().encode()).inputs
    assert table == Rows(None, [*rows], texts=True)
