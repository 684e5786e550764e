"""What is said beside a number instead of a warning: a word, and the sentence that explains it."""

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from modelmonitor_cli.compare.comparison import Remark

CONSTANT: Final = Remark("constant", "one value in every table; there is nothing to test")
NO_SPREAD: Final = Remark(
    "no spread", "a table has one value only, so means have no error to compare with"
)
TOO_FEW: Final = Remark(
    "too few", "a table has too few values for the test: 1 for ks, 2 for the others"
)
ROUGH: Final = Remark("rough", "few rows in a table or a cell; take p for a hint only")
TIES: Final = Remark("ties", "few different values; p is rather too large than too small")
RARE: Final = Remark("rare", "values with few rows are taken together as one")
INVALID: Final = Remark("invalid", "a table has values that the column's kind cannot hold")
TOO_LARGE: Final = Remark("overflow", "numbers too large to compute with")

_SAID_BY_SCIPY: Final = (
    ("Exact calculation unsuccessful", Remark("approximate", "p by the formula for many rows")),
)


@contextmanager
def warnings_as_remarks() -> Iterator[list[Remark]]:
    """No warning leaves this block; the list has their words when it is over."""
    remarks: list[Remark] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield remarks
    for warning in caught:
        remark = _said(str(warning.message))
        if remark not in remarks:
            remarks.append(remark)


def _said(message: str) -> Remark:
    for part, remark in _SAID_BY_SCIPY:
        if part in message:
            return remark
    first = re.split(r"(?<=\w)[.;]\s", " ".join(message.split()))[0]
    return Remark("scipy", f"scipy says: {first}")
