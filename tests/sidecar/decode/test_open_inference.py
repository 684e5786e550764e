"""Open Inference (KServe V2): JSON tensors and the binary extension."""

import contextlib
import json
import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmonitor_api.spec import Model, Version
from modelmonitor_sidecar.decode import tensors
from modelmonitor_sidecar.decode.registry import decode
from modelmonitor_sidecar.decode.rows import (
    MAX_ROWS,
    Captured,
    Decoded,
    Reason,
    Rows,
    Undecodable,
)

PATH = "/v2/models/wine/infer"
ANSWER = b'{"outputs": []}'


def tensor(name: str, shape: list[int], data: Any, datatype: str = "FP64") -> dict[str, Any]:
    return {"name": name, "shape": shape, "datatype": datatype, "data": data}


def from_json(tensors: Any, **fields: Any) -> Rows:
    body = json.dumps({"inputs": tensors, **fields}).encode()
    table = decode(Captured(PATH, body, ANSWER), Model("wine")).inputs
    assert isinstance(table, Rows)
    return table


@pytest.mark.parametrize(("datatype", "dtype"), [("FP16", np.float16), ("FP32", np.float32)])
def test_numbers_of_a_narrow_type_in_json_are_known_to_be_rounded(
    datatype: str, dtype: type[np.floating[Any]]
) -> None:
    written = [float(dtype(value)) for value in (14.23, 1.71, 13.05, 3)]
    table = from_json([tensor("x", [2, 2], written, datatype)])
    assert isinstance(table.values, np.ndarray)
    assert table.values.dtype == dtype
    assert table.values.tolist() == [written[:2], written[2:]]


def test_columns_of_a_narrow_type_stay_narrow_together() -> None:
    columns = [tensor(name, [2, 1], [0.5, 0.25], "FP32") for name in ("a", "b")]
    values = from_json(columns).values
    assert isinstance(values, np.ndarray)
    assert values.dtype == np.float32


@pytest.mark.parametrize("value", [None, "7", True])
def test_a_narrow_type_keeps_what_is_no_number_of_it(value: object) -> None:
    values = from_json([tensor("x", [1, 2], [1.5, value], "FP32")]).values
    assert list(values[0]) == [1.5, value]


def test_a_narrow_type_keeps_integers_beyond_every_float() -> None:
    head = {"shape": [1], "datatype": "FP32", "data": [10**400]}
    assert tensors.tensor(head, memoryview(b""))[0].values == [10**400]


def test_what_a_narrow_type_cannot_hold_is_infinite() -> None:
    values = from_json([tensor("x", [1, 2], [1.0, 1e39], "FP32")]).values
    assert list(values[0]) == [1.0, float("inf")]


def binary_body(parts: list[tuple[str, list[int], str, bytes]], key: str) -> tuple[bytes, int]:
    heads = [
        {
            "name": name,
            "shape": shape,
            "datatype": datatype,
            "parameters": {"binary_data_size": len(data)},
        }
        for name, shape, datatype, data in parts
    ]
    head = json.dumps({key: heads, "model_version": "7"}).encode()
    return head + b"".join(data for *_, data in parts), len(head)


def from_binary(*parts: tuple[str, list[int], str, bytes]) -> Rows:
    body, length = binary_body(list(parts), "inputs")
    exchange = Captured("/any", body, ANSWER, "", request_headers_length=length)
    table = decode(exchange, Model("wine")).inputs
    assert isinstance(table, Rows)
    return table


def reason_of(tensors: Any, **fields: Any) -> Reason:
    with pytest.raises(Undecodable) as caught:
        from_json(tensors, **fields)
    return caught.value.reason


def answered(outputs: Any, rows: int) -> Decoded:
    request = json.dumps({"inputs": [tensor("x", [rows, 2], [0] * rows * 2)]}).encode()
    return decode(Captured(PATH, request, json.dumps({"outputs": outputs}).encode()), Model("wine"))


def texts(*values: bytes) -> bytes:
    return b"".join(struct.pack("<I", len(value)) + value for value in values)


@pytest.mark.parametrize("data", [[1, 2, 3, 4, 5, 6], [[1, 2, 3], [4, 5, 6]]])
def test_a_lone_matrix_is_positional_rows_flat_or_nested(data: list[Any]) -> None:
    assert from_json([tensor("input-0", [2, 3], data)]) == Rows(None, [[1, 2, 3], [4, 5, 6]])


def test_the_first_dimension_counts_rows_and_the_others_are_one_row() -> None:
    assert from_json([tensor("x", [1, 3], [1, 2, 3])]) == Rows(None, [[1, 2, 3]])
    assert from_json([tensor("x", [3], [1, 2, 3])]) == Rows(None, [[1], [2], [3]])
    assert from_json([tensor("x", [3, 1], [[1], [2], [3]])]) == Rows(None, [[1], [2], [3]])
    assert from_json([tensor("x", [2, 1, 2], [[[1, 2]], [[3, 4]]])]) == Rows(None, [[1, 2], [3, 4]])
    assert from_json([tensor("x", [], 5)]) == Rows(None, [[5]])
    assert from_json([tensor("x", [0, 4], [])]).count == 0


def test_data_nested_deeper_than_any_shape_stay_a_value() -> None:
    deep: Any = 5
    for _ in range(12):
        deep = [deep]
    table = from_json([tensor("x", [1], deep)])
    assert (table.count, type(table.values[0][0])) == (1, list)


def test_values_of_every_datatype_stay_as_they_came() -> None:
    row = [True, "a", None, 2**63, 0.5]
    assert from_json([tensor("x", [1, 5], row, "BYTES")]) == Rows(None, [row])


def test_several_tensors_are_columns_by_name() -> None:
    table = from_json([tensor("age", [2, 1], [39, 40]), tensor("job", [2], ["a", None], "BYTES")])
    assert table == Rows(("age", "job"), [[39, "a"], [40, None]])


def test_under_content_type_pd_a_lone_tensor_is_a_column_too() -> None:
    table = from_json([tensor("age", [2, 1], [39, 40])], parameters={"content_type": "pd"})
    assert table == Rows(("age",), [[39], [40]])


def test_under_content_type_np_a_lone_tensor_is_positional() -> None:
    table = from_json([tensor("age", [2, 1], [39, 40])], parameters={"content_type": "np"})
    assert table == Rows(None, [[39], [40]])


def test_a_matrix_among_tensors_becomes_a_column_for_each_place() -> None:
    table = from_json([tensor("x", [2, 2], [1, 2, 3, 4]), tensor("y", [2], [5, 6])])
    assert table == Rows(("x[0]", "x[1]", "y"), [[1, 2, 5], [3, 4, 6]])


def test_tensors_of_different_lengths_pair_no_rows() -> None:
    tensors = [tensor("x", [2], [1, 2]), tensor("y", [3], [1, 2, 3])]
    assert reason_of(tensors) is Reason.ROW_COUNTS_DIFFER


@pytest.mark.parametrize(
    "broken",
    [
        tensor("x", [2, 2], [1, 2, 3]),
        tensor("x", [2, 2], [[1, 2], [3]]),
        tensor("x", [-1, 2], [1, 2]),
        tensor("x", [1, 0], []),
        tensor("x", [1 << 40, 1 << 40], []),
        {"name": "x", "datatype": "FP32", "data": [1]},
        {"name": "x", "shape": "1", "datatype": "FP32", "data": [1]},
        {"name": "x", "shape": [True], "datatype": "FP32", "data": [1]},
        {"name": "x", "shape": [1] * 99, "datatype": "FP32", "data": [1]},
        {"name": "x", "shape": [1], "datatype": "FP32"},
        {"name": "x", "shape": [1], "parameters": {"binary_data_size": 4}, "datatype": "FP32"},
        7,
    ],
)
def test_a_tensor_whose_data_do_not_fill_its_shape_is_named_as_the_reason(broken: Any) -> None:
    assert reason_of([broken]) is Reason.TENSOR_BROKEN


@pytest.mark.parametrize("tensors", [[], {}, None, "x"])
def test_a_request_without_tensors_is_of_another_shape(tensors: Any) -> None:
    assert reason_of(tensors) is Reason.SHAPE_UNKNOWN


def test_a_tensor_of_too_many_rows_is_refused() -> None:
    rows = MAX_ROWS + 1
    assert reason_of([tensor("x", [rows], [0] * rows)]) is Reason.TOO_MANY_ROWS


@pytest.mark.parametrize(
    ("datatype", "dtype"),
    [
        ("BOOL", "?"),
        ("UINT8", "<u1"),
        ("UINT16", "<u2"),
        ("UINT32", "<u4"),
        ("UINT64", "<u8"),
        ("INT8", "<i1"),
        ("INT16", "<i2"),
        ("INT32", "<i4"),
        ("INT64", "<i8"),
        ("FP16", "<f2"),
        ("FP32", "<f4"),
        ("FP64", "<f8"),
    ],
)
def test_binary_numbers_are_read_little_endian(datatype: str, dtype: str) -> None:
    values = np.array([[0, 1, 1], [1, 0, 1]], dtype=dtype)
    table = from_binary(("x", [2, 3], datatype, values.tobytes()))
    assert table.names is None
    assert np.array_equal(table.values, values)
    assert np.asarray(table.values).dtype == np.dtype(dtype)


def test_bfloat_is_the_upper_half_of_a_float() -> None:
    # 1.0 = 3f80 0000, -2.5 = c020 0000, NaN = 7fc0 0000
    table = from_binary(("x", [1, 3], "BF16", bytes.fromhex("803f 20c0 c07f")))
    values = np.asarray(table.values)
    assert values[0, :2].tolist() == [1.0, -2.5]
    assert np.isnan(values[0, 2])


def test_binary_texts_are_preceded_by_their_lengths() -> None:
    table = from_binary(
        ("age", [2], "FP32", np.array([1, 2], "<f4").tobytes()),
        ("job", [2], "BYTES", texts("Köchin".encode(), b"\xff")),
    )
    assert table == Rows(("age", "job"), [[1.0, "Köchin"], [2.0, "�"]])


def test_binary_columns_of_one_type_stay_one_array() -> None:
    column = np.array([1, 2], "<f8").tobytes()
    table = from_binary(("a", [2], "FP64", column), ("b", [2, 1], "FP64", column))
    assert table.names == ("a", "b")
    assert isinstance(table.values, np.ndarray)
    assert table.values.tolist() == [[1.0, 1.0], [2.0, 2.0]]


def test_binary_integers_beyond_2_to_the_53_beside_floats_keep_their_digits() -> None:
    table = from_binary(
        ("a", [1], "INT64", struct.pack("<q", 2**53 + 1)),
        ("b", [1], "FP64", struct.pack("<d", 0.5)),
    )
    assert table.values == [[2**53 + 1, 0.5]]


def test_tensors_in_the_head_and_after_it_stand_side_by_side() -> None:
    heads = [
        tensor("a", [2], [1, 2]),
        {"name": "b", "shape": [2], "datatype": "INT8", "parameters": {"binary_data_size": 2}},
    ]
    head = json.dumps({"inputs": heads}).encode()
    exchange = Captured(PATH, head + b"\x05\xff", ANSWER, request_headers_length=len(head))
    assert decode(exchange, Model("wine")).inputs == Rows(("a", "b"), [[1, 5], [2, -1]])


@pytest.mark.parametrize(
    "part",
    [
        ("x", [2], "FP32", b"1234"),
        ("x", [1], "FP32", b"12345"),
        ("x", [1], "FP128", b"1234"),
        ("x", [2], "BYTES", texts(b"one")),
        ("x", [1], "BYTES", b"\x01\x00"),
        ("x", [1], "BYTES", b"\xff\xff\xff\xff1"),
    ],
)
def test_binary_data_that_do_not_fill_the_shape_are_named_as_the_reason(part: Any) -> None:
    with pytest.raises(Undecodable) as caught:
        from_binary(part)
    assert caught.value.reason is Reason.TENSOR_BROKEN


@pytest.mark.parametrize("length", [0, 5, 10**9])
def test_a_head_length_that_does_not_fit_is_undecodable(length: int) -> None:
    body, _ = binary_body([("x", [1], "INT8", b"1")], "inputs")
    with pytest.raises(Undecodable):
        decode(Captured(PATH, body, request_headers_length=length), Model("wine"))


def test_outputs_are_named_columns_beside_their_rows() -> None:
    decoded = answered(
        [tensor("predict", [2, 1], [0, 1]), tensor("predict_proba", [2, 2], [0.9, 0.1, 0.2, 0.8])],
        2,
    )
    assert decoded.outputs == Rows(("predict", "predict_proba"), [[0, [0.9, 0.1]], [1, [0.2, 0.8]]])
    assert answered([tensor("output-0", [2], [3, 4])], 2).outputs == Rows(("output-0",), [[3], [4]])


def test_an_output_of_another_number_of_rows_is_left_out() -> None:
    some = answered([tensor("predict", [2], [0, 1]), tensor("means", [3], [1, 2, 3])], 2)
    assert some.outputs == Rows(("predict",), [[0], [1]])
    none = answered([tensor("means", [3], [1, 2, 3])], 2)
    assert (none.outputs, none.outputs_reason) == (None, Reason.ROW_COUNTS_DIFFER)


def test_a_binary_answer_is_read_and_tells_the_version() -> None:
    request = json.dumps({"inputs": [tensor("x", [2, 1], [1, 2])]}).encode()
    body, length = binary_body([("y", [2], "INT64", struct.pack("<qq", 5, 6))], "outputs")
    model = Model("wine", version=Version("ResponseField", path="model_version"))
    decoded = decode(
        Captured(PATH, request, body, response_type="", response_headers_length=length), model
    )
    assert decoded.version == "7"
    assert isinstance(decoded.outputs, Rows)
    assert (decoded.outputs.names, np.asarray(decoded.outputs.values).tolist()) == (
        ("y",),
        [[5], [6]],
    )


@given(st.binary(max_size=40), st.integers(-2, 60), st.sampled_from(["BYTES", "FP16", "INT64"]))
def test_any_bytes_after_a_good_head_are_rows_or_undecodable(
    data: bytes, length: int, datatype: str
) -> None:
    body, head = binary_body([("x", [2, 2], datatype, data)], "inputs")
    for headers_length in (head, length):
        exchange = Captured(PATH, body, body, request_headers_length=headers_length)
        with contextlib.suppress(Undecodable):
            assert decode(exchange, Model("wine")).inputs.count == 2
