"""Open Inference tensors: JSON or binary data of a shape and datatype become lists or arrays.

It refuses to know which tensor means what.
"""

import struct
from dataclasses import dataclass
from math import prod
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from modelmonitor_sidecar.decode.rows import MAX_BODY_BYTES, MAX_ROWS, Reason, Undecodable

MAX_DIMENSIONS: Final = 8

_DTYPES: Final = {
    "BOOL": np.dtype("?"),
    "UINT8": np.dtype("<u1"),
    "UINT16": np.dtype("<u2"),
    "UINT32": np.dtype("<u4"),
    "UINT64": np.dtype("<u8"),
    "INT8": np.dtype("<i1"),
    "INT16": np.dtype("<i2"),
    "INT32": np.dtype("<i4"),
    "INT64": np.dtype("<i8"),
    "FP16": np.dtype("<f2"),
    "FP32": np.dtype("<f4"),
    "FP64": np.dtype("<f8"),
    "BF16": np.dtype("<u2"),  # the upper half of an FP32; numpy has no type of its own
}
_NARROW: Final = ("FP16", "FP32")
_NUMBERS: Final = {float, int}
_LENGTH: Final = struct.Struct("<I")


@dataclass(slots=True)
class Tensor:
    """`rows` by `width` values: the first dimension counts rows, the others are one row's values.

    `values` is a flat list or a flat array.
    """

    name: str
    rows: int
    width: int
    values: list[Any] | NDArray[Any]

    def column(self) -> list[Any]:
        """One element a row: a value, or a list of them where a row has another number than one."""
        values: list[Any] = self.values if isinstance(self.values, list) else self.values.tolist()
        width = self.width
        if width == 1:
            return values
        return [values[start : start + width] for start in range(0, self.rows * width, width)]

    def matrix(self) -> list[list[Any]] | NDArray[Any]:
        """All rows as rows."""
        if not isinstance(self.values, list):
            return self.values.reshape(self.rows, self.width)
        if self.rows == 1:
            return [self.values]
        if self.width == 1:
            return [[value] for value in self.values]
        return self.column()


def tensor(head: Any, binary: memoryview) -> tuple[Tensor, memoryview]:
    """The tensor that `head` describes, and `binary` after its bytes (if it has any there)."""
    if type(head) is not dict:
        raise Undecodable(Reason.TENSOR_BROKEN)
    rows, width = _extent(head.get("shape"))
    data = head.get("data")
    if data is None:
        size = _binary_size(head, len(binary))
        values = _from_bytes(binary[:size], head.get("datatype"), rows * width)
        binary = binary[size:]
    else:
        values = _rounded(_flat(data), head.get("datatype"))
    if len(values) != rows * width:
        raise Undecodable(Reason.TENSOR_BROKEN)
    name = head.get("name")
    return Tensor(name if type(name) is str else "", rows, width, values), binary


def _extent(shape: Any) -> tuple[int, int]:
    """Rows and values a row."""
    if type(shape) is not list or len(shape) > MAX_DIMENSIONS:
        raise Undecodable(Reason.TENSOR_BROKEN)
    for length in shape:
        if type(length) is not int or not 0 <= length <= MAX_BODY_BYTES:
            raise Undecodable(Reason.TENSOR_BROKEN)
    rows, width = (shape[0], prod(shape[1:])) if shape else (1, 1)
    if rows > MAX_ROWS:
        raise Undecodable(Reason.TOO_MANY_ROWS)
    if not width:  # rows without values would cost memory that no body pays for
        raise Undecodable(Reason.TENSOR_BROKEN)
    return rows, width


def _flat(data: Any) -> list[Any]:
    """Tensor data may be flat or nested by its shape."""
    values: list[Any] = data if type(data) is list else [data]
    for _ in range(MAX_DIMENSIONS):
        if not values or type(values[0]) is not list:
            break
        values = [value for part in values for value in (part if type(part) is list else [part])]
    return values


def _rounded(values: list[Any], datatype: Any) -> list[Any] | NDArray[Any]:
    """Numbers of a narrow datatype as an array of it, so that they are known to be rounded.

    A client's 14.23 is written 14.229999542236328 then, and belongs into the bin of 14.23.
    """
    if datatype not in _NARROW or not values or not set(map(type, values)) <= _NUMBERS:
        return values
    try:
        with np.errstate(over="ignore"):  # what the type cannot hold is infinite to the server too
            return np.array(values, _DTYPES[datatype])
    except OverflowError:
        return values


def _binary_size(head: dict[str, Any], available: int) -> int:
    parameters = head.get("parameters")
    size = parameters.get("binary_data_size") if type(parameters) is dict else None
    if type(size) is not int or not 0 <= size <= available:
        raise Undecodable(Reason.TENSOR_BROKEN)
    return size


def _from_bytes(data: memoryview, datatype: Any, count: int) -> list[Any] | NDArray[Any]:
    if datatype == "BYTES":
        return _texts(data)
    dtype = _DTYPES.get(datatype) if type(datatype) is str else None
    if dtype is None or len(data) != count * dtype.itemsize:
        raise Undecodable(Reason.TENSOR_BROKEN)
    values = np.frombuffer(data, dtype)
    if datatype == "BF16":
        return (values.astype(np.uint32) << 16).view(np.float32)
    return values


def _texts(data: memoryview) -> list[str]:
    """Each text is preceded by its length."""
    texts: list[str] = []
    start, end = 0, len(data)
    while start < end:
        if end - start < _LENGTH.size:
            raise Undecodable(Reason.TENSOR_BROKEN)
        (length,) = _LENGTH.unpack_from(data, start)
        start += _LENGTH.size
        if length > end - start:
            raise Undecodable(Reason.TENSOR_BROKEN)
        texts.append(str(data[start : start + length], "utf-8", "replace"))
        start += length
    return texts
