"""When a certificate is followed by the next, so that no API server ever meets one it doubts.

A pair is followed at two thirds of its life.  The next one is first only announced: API servers
get both authorities.  It is shown once they had it for the time of the overlap.  The old authority
stays trusted until it ends or the next but one is due, since a replica may still show the old
certificate for a moment.
Several replicas may all do this: each step follows from what is stored, and of two that write at
once one is refused.  It refuses to know where pairs are stored.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from modelmonitor_operator.admission.pairs import Pair


@dataclass(frozen=True, slots=True)
class Pairs:
    """The pair that is shown, and one that will be (it is younger) or was (it is older)."""

    serving: Pair
    other: Pair | None = None

    def trusted(self) -> bytes:
        """The authorities' certificates, one after the other, always in the same order."""
        found = {pair.authority for pair in (self.serving, self.other) if pair is not None}
        return b"".join(sorted(found))


@dataclass(frozen=True, slots=True)
class Terms:
    """`make` makes a new pair at a time; `hosts` are the names that it has to be good for."""

    make: Callable[[datetime], Pair]
    hosts: frozenset[str]
    overlap_seconds: int


def rotated(pairs: Pairs | None, announced: bytes, now: datetime, terms: Terms) -> Pairs:
    """What should be stored now; the same pairs where nothing is due.

    `announced` are the authorities that API servers are told to trust.
    """
    if pairs is None or pairs.serving.ends <= now:
        return Pairs(terms.make(now))
    serving, other = pairs.serving, pairs.other
    overlap = timedelta(seconds=terms.overlap_seconds)
    if other is None:
        return Pairs(serving, terms.make(now)) if _is_due(serving, now, terms) else pairs
    if other.made > serving.made:
        known = other.authority in announced and now >= other.made + overlap
        return Pairs(other, serving) if known else pairs
    if now >= serving.made + 2 * overlap and _is_due(serving, now, terms):
        return Pairs(serving, terms.make(now))
    return Pairs(serving) if other.ends <= now else pairs


def _is_due(serving: Pair, now: datetime, terms: Terms) -> bool:
    life = serving.ends - serving.made
    return now >= serving.made + life * 2 / 3 or not terms.hosts <= serving.hosts
