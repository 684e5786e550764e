"""What a replay found: windows, the judgement of each feature in each, and the alarms.

Plain values; `docs/backtest.md` has the same as JSON.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from modelmonitor_api.baseline import Role
from modelmonitor_api.spec import Kind, Severity
from modelmonitor_cli.backtest.plan import LeftOut
from modelmonitor_cli.backtest.stretches import MICROSECONDS
from modelmonitor_sidecar.stats.dispersion import counts_rows, window_length
from modelmonitor_sidecar.stats.effect import Reference
from modelmonitor_sidecar.stats.layout import Watched
from modelmonitor_sidecar.stats.shares import SHARE_KINDS, ShareKind, ShareVerdict
from modelmonitor_sidecar.stats.verdict import Bar, Outcome, Verdict

AlarmKind = Literal["drift", "change", "missing", "invalid", "unseen", "range"]
WINDOW_KINDS: Final[tuple[AlarmKind, ...]] = ("drift", *SHARE_KINDS)
"""Tests that judge whole windows, in the order in which alarms of one window are listed."""


@dataclass(frozen=True, slots=True)
class ReplayedFeature:
    """A feature, what it is held against, and its places in the counts."""

    watched: Watched
    reference: Reference
    bar: Bar
    severity: Severity
    place: int
    cells: slice

    @property
    def name(self) -> str:
        """As the baseline has it."""
        return self.watched.name

    @property
    def role(self) -> Role:
        """Input, prediction or score."""
        return self.watched.role

    @property
    def kind(self) -> Kind:
        """As it is watched."""
        return self.watched.kind


@dataclass(frozen=True, slots=True)
class Window:
    """One window; rows from 0, `end_row` exclusive; times in microseconds since 1970.

    Windows of time have their bounds, windows of rows the times of their first and last row (None:
    nothing tells the time).  Not `whole`: the rows begin after the window does, or end before it.
    """

    index: int
    length: str
    start_row: int
    end_row: int
    start: int | None
    end: int | None
    whole: bool

    @property
    def rows(self) -> int:
        """How many there are."""
        return self.end_row - self.start_row

    @property
    def position(self) -> float:
        """Where it ends, in rows or seconds, as its length."""
        if counts_rows(self.length):
            return self.end_row
        assert self.end is not None
        return self.end / MICROSECONDS

    def follows(self, other: "Window | None") -> bool:
        """Whether nothing lies between the two."""
        return other is not None and (
            self.position - window_length(self.length) <= other.position < self.position
        )


@dataclass(frozen=True, slots=True)
class Result:
    """One feature in one window.

    `adjusted_p`: the smallest rate of false discoveries at which it is one among the features of
    its window (None: no verdict).  `week_ago`: held against the window a week before, where there
    is one.
    """

    window: int
    feature: ReplayedFeature
    verdict: Verdict
    shares: tuple[ShareVerdict, ...]
    missing: int
    invalid: int
    unseen: int
    out_of_range: int
    adjusted_p: float | None = None
    week_ago: Verdict | None = None

    def outcome(self, kind: AlarmKind) -> Outcome:
        """The word of one test."""
        return self.test(kind).verdict

    def test(self, kind: AlarmKind) -> Verdict | ShareVerdict:
        """One of the tests that judge windows."""
        if kind == "drift":
            return self.verdict
        return next(share for share in self.shares if share.kind == kind)

    @property
    def strongest(self) -> Verdict | ShareVerdict:
        """The test with the largest effect; all share one unit, the smallest that matters."""
        return max(self._tests, key=lambda test: test.effect or 0.0)

    @property
    def largest_effect(self) -> float:
        """Of that test."""
        return self.strongest.effect or 0.0

    @property
    def drifts(self) -> bool:
        """Whether any test of the window says so."""
        return any(test.verdict == "drift" for test in self._tests)

    @property
    def _tests(self) -> "tuple[Verdict | ShareVerdict, ...]":
        return (self.verdict, *self.shares)

    def share_rows(self, kind: ShareKind) -> int:
        """Rows that are missing, invalid, unseen or out of range."""
        counted: Mapping[ShareKind, int] = {
            "missing": self.missing,
            "invalid": self.invalid,
            "unseen": self.unseen,
            "range": self.out_of_range,
        }
        return counted[kind]


@dataclass(frozen=True, slots=True)
class Alarm:
    """What would have alarmed; score and threshold are z, for a change log e.

    `row`: the last of the window or batch that completed it.  `onset_row`: the estimate of the
    first that was wrong.  `time` and `onset_time` are theirs, where a column tells the time.
    """

    kind: AlarmKind
    feature: ReplayedFeature
    window: int
    row: int
    onset_row: int
    score: float
    threshold: float
    effect: float
    effect_measure: str | None
    provisional: bool
    time: int | None = None
    onset_time: int | None = None

    @property
    def pages(self) -> bool:
        """Whether it would have paged somebody: where the monitor says so, never on a guess."""
        return self.feature.severity == "Page" and not self.provisional


@dataclass(frozen=True, slots=True)
class Moved:
    """The window in which a feature had its largest effect, with its rows by cell."""

    window: int
    result: Result
    cells: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Backtest:
    """All that was found.  `results` come window by window, features always in one order."""

    model: str
    version: str | None
    digest8: str
    length: str
    rows: int
    false_alarms_per_month: float
    rows_per_month: int
    features: tuple[ReplayedFeature, ...]
    windows: tuple[Window, ...]
    results: tuple[Result, ...]
    alarms: tuple[Alarm, ...]
    moved: Mapping[int, Moved]
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...]

    def series(self, feature: int) -> Sequence[Result]:
        """One feature's results in the order of the windows."""
        return self.results[feature :: len(self.features)]
