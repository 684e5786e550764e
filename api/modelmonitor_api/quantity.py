"""Durations, byte sizes and decimals as people write them, and as numbers with units in the name.

One form each: ``5m``, ``64Mi``, ``"99.9"``; no floats travel in the resource.
"""

import re
from typing import Final

from modelmonitor_api.errors import InputError

_SECONDS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_BYTES: Final = {
    "": 1,
    "Ki": 1 << 10,
    "Mi": 1 << 20,
    "Gi": 1 << 30,
    "k": 1_000,
    "M": 10**6,
    "G": 10**9,
}
_DURATION: Final = re.compile(r"([1-9][0-9]{0,8})([smhd])")
_SIZE: Final = re.compile(r"([0-9]{1,15})(Ki|Mi|Gi|k|M|G|)")
_DECIMAL: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]{1,2})?")
_MAX_DECIMAL: Final = 32
"""Characters; with exponents of two digits every decimal is a finite float."""
_ROWS: Final = re.compile(r"([1-9][0-9]{0,11})r?")


def duration_seconds(text: str, where: str) -> int:
    """Seconds of ``30s``, ``5m``, ``24h`` or ``7d``; InputError names `where`.

    >>> duration_seconds("5m", "spec.windows[0]")
    300
    """
    match = _DURATION.fullmatch(text)
    if match is None:
        raise InputError(
            where, f"{text!r} is no duration; write a whole number and s, m, h or d, e.g. 5m"
        )
    return int(match[1]) * _SECONDS[match[2]]


def size_bytes(text: str, where: str) -> int:
    """Bytes of ``65536``, ``64Ki`` or ``16Mi``; InputError names `where`.

    >>> size_bytes("64Ki", "maxPayloadBytes")
    65536
    """
    match = _SIZE.fullmatch(text)
    if match is None:
        raise InputError(
            where, f"{text!r} is no size; write a whole number and Ki, Mi or Gi, e.g. 64Ki"
        )
    return int(match[1]) * _BYTES[match[2]]


def window_rows(text: str, where: str) -> int:
    """Rows of ``2000r`` or ``2000``; InputError names `where`.

    >>> window_rows("2000r", "--window")
    2000
    """
    match = _ROWS.fullmatch(text)
    if match is None:
        raise InputError(where, f"{text!r} is no number of rows; write e.g. 2000r")
    return int(match[1])


def decimal(text: str, where: str) -> float:
    """The value of a decimal string such as ``"99.9"``; InputError names `where`.

    >>> decimal("0.1", "spec.verdict.falseAlarmsPerMonth")
    0.1
    """
    if len(text) > _MAX_DECIMAL or _DECIMAL.fullmatch(text) is None:
        raise InputError(where, f'{text!r} is no decimal number; write it in quotes, e.g. "0.1"')
    return float(text)
