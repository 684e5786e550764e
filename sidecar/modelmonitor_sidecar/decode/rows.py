"""What every decoder returns, what it is given, and the closed list of reasons why it may refuse.

It refuses to know any protocol, and which rows are good: a value of a wrong type, a missing one and
a row of a wrong width all stay in the table, to be counted by who knows the columns.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Protocol

from numpy.typing import NDArray

MAX_BODY_BYTES: Final = 4 << 20
"""Of one body after its content encoding is undone."""

MAX_ROWS: Final = 1 << 16
"""Of one request."""


class Reason(StrEnum):
    """Why an exchange, or its answer alone, cannot be read: values of a label, a closed list."""

    EMPTY_BODY = "empty_body"
    ENCODING_UNKNOWN = "encoding_unknown"
    ENCODING_BROKEN = "encoding_broken"
    TOO_LARGE = "too_large"
    TOO_DEEP = "too_deep"
    TOO_MANY_ROWS = "too_many_rows"
    NOT_JSON = "not_json"
    NOT_CSV = "not_csv"
    SHAPE_UNKNOWN = "shape_unknown"
    """No decoder, or not the one that the model names, knows a payload of this shape."""
    PATH_ABSENT = "path_absent"
    """The path that the resource names leads nowhere in this payload."""
    TENSOR_BROKEN = "tensor_broken"
    """A tensor's data do not fill its shape, or its datatype is not known."""
    ROW_COUNTS_DIFFER = "row_counts_differ"
    """Columns of one table, or the answer and its request, have different numbers of rows."""


class Undecodable(Exception):  # noqa: N818 - an outcome by name, as in the acknowledgements
    """A payload that cannot become rows; `reason` is all that is kept of it."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


# The classes below are not frozen, although nothing changes them: freezing costs 0.2 us an object,
# a tenth of what decoding a request of one row takes.


@dataclass(slots=True)
class Rows:
    """Rows whose values have places.

    `names` are the columns' names; None: the baseline's columns in their order.  `values` is a list
    of rows or a 2-d array (which may be read-only and of any number type).  In a list, rows keep
    the width they came with.  `texts`: every value is a text, as in CSV, where an empty one is
    missing and one that reads as a number is that number to a numeric column.
    """

    names: tuple[str, ...] | None
    values: list[list[Any]] | NDArray[Any]
    texts: bool = False

    @property
    def count(self) -> int:
        """The number of rows."""
        return len(self.values)


@dataclass(slots=True)
class Records:
    """Rows whose values have names; a name that a row lacks is missing in it.

    A row that came as no object among objects has no names at all: it is `{}`.
    """

    rows: list[dict[str, Any]]

    @property
    def count(self) -> int:
        """The number of rows."""
        return len(self.rows)


Table = Rows | Records


@dataclass(slots=True)
class Decoded:
    """One exchange as rows.

    `outputs` has as many rows as `inputs`, or is None, and then `outputs_reason` says why.  Without
    names, a row of `outputs` is what the model answered for one row: one value is a prediction,
    more are class scores; with names, each value (which may be a list or a mapping) is one output.
    `version` is what the exchange itself says, if the model's version comes from answer or path.
    """

    inputs: Table
    outputs: Table | None = None
    outputs_reason: Reason | None = None
    version: str | None = None


class Exchange(Protocol):
    """What a decoder is given: one request and its complete, good answer (a frame is one).

    Content types and encodings are as sent, empty where absent.  The header lengths are Open
    Inference's `Inference-Header-Content-Length`, -1 where absent.
    """

    @property
    def path(self) -> str: ...  # noqa: D102 - told by the class
    @property
    def request_type(self) -> str: ...  # noqa: D102
    @property
    def request_encoding(self) -> str: ...  # noqa: D102
    @property
    def request_headers_length(self) -> int: ...  # noqa: D102
    @property
    def request_body(self) -> bytes: ...  # noqa: D102
    @property
    def response_type(self) -> str: ...  # noqa: D102
    @property
    def response_encoding(self) -> str: ...  # noqa: D102
    @property
    def response_headers_length(self) -> int: ...  # noqa: D102
    @property
    def response_body(self) -> bytes: ...  # noqa: D102


@dataclass(slots=True)
class Captured:
    """The plainest Exchange, for who has no frame."""

    path: str
    request_body: bytes
    response_body: bytes = b""
    request_type: str = "application/json"
    response_type: str = "application/json"
    request_encoding: str = ""
    response_encoding: str = ""
    request_headers_length: int = -1
    response_headers_length: int = -1
