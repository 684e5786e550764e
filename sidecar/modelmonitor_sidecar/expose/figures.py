"""Numbers, shares and times as a person reads them at a glance."""

from datetime import UTC, datetime
from math import isfinite
from typing import Final

NOTHING: Final = "\N{EN DASH}"
_STEPS: Final = ((86_400, "d"), (3_600, "h"), (60, "min"))
_WINDOWS: Final = {"m": "min", "h": "h", "d": "d"}


def count(value: int) -> str:
    """Whole, with thousands apart.

    >>> count(12345)
    '12,345'
    """
    return f"{value:,}"


def amount(value: float | None) -> str:
    """Three significant digits, or all that stand before the point; an exponent only far out.

    >>> amount(1234.5678), amount(0.012345), amount(3.0), amount(1e300)
    ('1,235', '0.0123', '3', '1e+300')
    """
    if value is None or not isfinite(value):
        return NOTHING
    return f"{value:,.0f}" if 1000 <= abs(value) < 1e9 else f"{value:.3g}"


def percent(share: float | None) -> str:
    """A share in percent; what is not quite nothing is never shown as nothing.

    >>> percent(0.0), percent(0.00001), percent(0.0345), percent(1.0)
    ('0 %', '< 0.1 %', '3.5 %', '100 %')
    """
    if share is None:
        return NOTHING
    if share == 0 or share == 1:
        return f"{share:.0%}".replace("%", " %")
    if share < 0.001:
        return "< 0.1 %"
    return f"{min(share * 100, 99.9):.{0 if share >= 0.1 else 1}f} %"


def duration(seconds: float) -> str:
    """In the two largest units that fit.

    >>> duration(42), duration(65), duration(3700), duration(90_000)
    ('42 s', '1 min', '1 h 1 min', '1 d 1 h')
    """
    whole = int(seconds)
    for place, (size, unit) in enumerate(_STEPS):
        if whole >= size:
            first, rest = divmod(whole, size)
            if place + 1 == len(_STEPS) or rest < _STEPS[place + 1][0]:
                return f"{first} {unit}"
            smaller_size, smaller = _STEPS[place + 1]
            return f"{first} {unit} {rest // smaller_size} {smaller}"
    return f"{whole} s"


def clock(seconds: float) -> str:
    """Time of day in UTC.

    >>> clock(3661.0)
    '01:01 UTC'
    """
    return datetime.fromtimestamp(seconds, UTC).strftime("%H:%M UTC")


def window_name(window: str) -> str:
    """A window as it is spoken.

    >>> window_name("5m"), window_name("2000r")
    ('5 min', '2,000 rows')
    """
    length, unit = int(window[:-1]), window[-1]
    return f"{count(length)} rows" if unit == "r" else f"{length} {_WINDOWS.get(unit, unit)}"
