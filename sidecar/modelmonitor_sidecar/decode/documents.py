"""JSON bytes become Python values, as tolerantly as the servers that answer them.

orjson reads what the standard allows; what real clients send besides (NaN and Infinity, a byte
order mark, numbers beyond a double, lone surrogates, stray bytes) is read by the slower standard
library.  It refuses to know what the values mean.
"""

import json
from typing import Any, Final

import orjson

from modelmonitor_sidecar.decode.rows import Reason, Undecodable

MAX_CONTAINERS: Final = 300_000
"""Lists and objects in one document; an empty one takes 88 bytes in memory and 3 in a body."""

_SURELY_FEW_BYTES: Final = 3 * MAX_CONTAINERS
_MOST_DIGITS: Final = 20
_LEAST: Final = -(1 << 63)
_GREATEST: Final = (1 << 64) - 1
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


def parsed(body: bytes) -> Any:
    """The value in `body`; of equal keys in an object the last one counts."""
    if len(body) > _SURELY_FEW_BYTES and body.count(b"[") + body.count(b"{") > MAX_CONTAINERS:
        raise Undecodable(Reason.TOO_LARGE)
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        if "depth limit" in error.msg:
            raise Undecodable(Reason.TOO_DEEP) from None
    return _parsed_tolerantly(body)


def _parsed_tolerantly(body: bytes) -> Any:
    text = body.removeprefix(_BYTE_ORDER_MARK).decode("utf-8", "replace")
    if not text.strip():
        raise Undecodable(Reason.EMPTY_BODY)
    try:
        value = json.loads(text, parse_int=_number)
        return _without_surrogates(value) if "\\ud" in text.lower() else value
    except RecursionError:
        raise Undecodable(Reason.TOO_DEEP) from None
    except ValueError:
        raise Undecodable(Reason.NOT_JSON) from None


def _number(digits: str) -> int | float:
    """As orjson does: an integer beyond 64 bits is a double, so none is huge."""
    if len(digits) > _MOST_DIGITS:
        return float(digits)
    number = int(digits)
    return number if _LEAST <= number <= _GREATEST else float(digits)


def _without_surrogates(value: Any) -> Any:
    """Strings that no encoder takes would trouble whoever writes them later."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_without_surrogates(element) for element in value]
    if isinstance(value, dict):
        return {_without_surrogates(k): _without_surrogates(v) for k, v in value.items()}
    return value
