"""Things that go wrong in life, each as a change of the rows that clients send."""

from dataclasses import dataclass
from typing import Final, Protocol

from demo.rows import Row, Source

POUNDS_PER_KILOGRAM: Final = 2.204_622_6
SENIOR_AGE: Final = 50.0


class Apply(Protocol):
    """Makes a source send what is broken."""

    def __call__(self, source: Source) -> None:
        """Break it."""


@dataclass(frozen=True, slots=True)
class Break:
    """What broke, in words, how to break it, and the features that must be found."""

    title: str
    story: str
    apply: Apply
    culprits: frozenset[str]


def _in_pounds(row: Row) -> Row:
    weight = row["bodyweight_kg"]
    if not isinstance(weight, float):
        return row
    return {**row, "bodyweight_kg": round(weight * POUNDS_PER_KILOGRAM, 1)}


def _renamed(row: Row) -> Row:
    return {**row, "equipment": "Classic"} if row["equipment"] == "Raw" else row


def _ageless(row: Row) -> Row:
    return {**row, "age": None}


def _swapped(row: Row) -> Row:
    return {**row, "best3squat_kg": row["best3bench_kg"], "best3bench_kg": row["best3squat_kg"]}


def _senior(row: Row) -> bool:
    return isinstance(row["age"], float) and row["age"] >= SENIOR_AGE


BREAKS: Final = (
    Break(
        "a unit changes",
        "a new app sends half of the requests, with bodyweight in pounds",
        lambda source: source.change(0.5, _in_pounds),
        frozenset({"bodyweight_kg"}),
    ),
    Break(
        "a category is renamed",
        'the federation now says "Classic" where it said "Raw"',
        lambda source: source.change(1.0, _renamed),
        frozenset({"equipment"}),
    ),
    Break(
        "an upstream field goes null",
        "the service that knows birthdays is down, every age is null",
        lambda source: source.change(1.0, _ageless),
        frozenset({"age"}),
    ),
    Break(
        "a new segment of customers",
        "a league for lifters of 50 and older joins, half of the requests are theirs",
        lambda source: source.replace(0.5, _senior),
        frozenset({"age", "division"}),
    ),
)
KEPT_UP: Final = Break(
    "two fields are swapped",
    "a new release of the app sends squat and bench press in each other's field",
    lambda source: source.change(1.0, _swapped),
    frozenset({"best3squat_kg", "best3bench_kg"}),
)
"""For Prometheus, which judges minutes: nobody mends it before the alert."""
