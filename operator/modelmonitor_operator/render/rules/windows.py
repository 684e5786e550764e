"""Which windows there are, and what each is made of.

1 m and 5 m are differences of counters; 1 h is made of 5 m, 24 h of 1 h, 7 d of 24 h, laid end to
end.  A subquery stops a millisecond short of its length: at a whole five minutes Prometheus 2 sums
13 parts over `[1h:5m]`, and either version 11 over `[59m59s:5m]` in the second before it.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Window:
    """`part`: what it is made of, None where of counters; `reach`: the subquery's length.

    `look`: how long before the window its beginning is looked for: a gap of Prometheus is no new
    version.  `confirmed`: whether several in a row are asked for.
    """

    name: str
    look: str
    part: str | None = None
    reach: str = ""
    confirmed: bool = True


ALL_WINDOWS: Final = (
    Window("1m", "3m"),
    Window("5m", "5m"),
    Window("1h", "1h", "5m", "59m59s999ms"),
    Window("24h", "1h", "1h", "23h59m59s999ms", confirmed=False),
    Window("7d", "1h", "24h", "6d23h59m59s999ms", confirmed=False),
)
_BY_NAME: Final = {window.name: window for window in ALL_WINDOWS}


def needed_windows(wanted: tuple[str, ...]) -> tuple[Window, ...]:
    """The windows asked for and those that they are made of, the shortest first.

    >>> [window.name for window in needed_windows(("24h",))]
    ['5m', '1h', '24h']
    """
    needed = set(wanted)
    for name in wanted:
        part = _BY_NAME[name].part
        while part is not None:
            needed.add(part)
            part = _BY_NAME[part].part
    return tuple(window for window in ALL_WINDOWS if window.name in needed)
