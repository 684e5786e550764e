"""Reads what a baseline document says of features that are measured of a text column.

It knows how they are measured, not what was counted of them.
"""

import re
from collections.abc import Collection, Iterable
from typing import Final

from modelmonitor_api.baseline import MAX_VOCABULARY_WORDS, Derived, Measure
from modelmonitor_api.document_entry import Entry

_MEASURES: Final[tuple[Measure, ...]] = ("words", "unknownShare")
_HASH: Final = re.compile(r"[0-9a-f]{8}")


def read_derived(entry: Entry, texts: Collection[str]) -> Derived | None:
    """How a feature is measured of one of the columns `texts`; DocumentError names the field.

    None: in a way that only the next version knows, so that this one cannot watch it.
    """
    column, measure = entry.text("from"), entry.text("measure")
    if measure not in _MEASURES:
        return None
    if column not in texts:
        entry.refuse("from", f"is {column!r}, which is no input of kind text among the features")
    how = entry.choice("measure", _MEASURES)
    return Derived(column, how, _vocabulary(entry) if how == "unknownShare" else ())


def check_hashes(entry: Entry, key: str, hashes: Iterable[str]) -> None:
    """DocumentError unless each is one of `category_hash`."""
    if not all(_HASH.fullmatch(one) for one in hashes):
        entry.refuse(key, "holds something that is not 8 hexadecimal digits")


def _vocabulary(entry: Entry) -> tuple[str, ...]:
    hashes = entry.texts("vocabulary")
    if not 0 < len(hashes) <= MAX_VOCABULARY_WORDS:
        entry.refuse("vocabulary", f"has {len(hashes)} words; write 1 to {MAX_VOCABULARY_WORDS:,}")
    check_hashes(entry, "vocabulary", hashes)
    return hashes
