"""From drifting windows and changes to alarms: one for each episode.

A test of windows alarms when enough windows in a row drift, and again only after a window that was
ok.  A change that comes while its feature's last change lasts is the same episode; it ends with a
window that began after the alarm and was ok.
"""

from collections import deque
from collections.abc import Sequence

from modelmonitor_cli.backtest.changes import Change, ChangeWatch
from modelmonitor_cli.backtest.results import (
    WINDOW_KINDS,
    Alarm,
    AlarmKind,
    ReplayedFeature,
    Result,
    Window,
)
from modelmonitor_sidecar.stats.change import change_is_provisional
from modelmonitor_sidecar.stats.confirm import Look, confirmed
from modelmonitor_sidecar.stats.verdict import Outcome, Verdict


class Chain:
    """The windows of one test of one feature, one after the other."""

    def __init__(self, length: str, confirm: int) -> None:
        self._length, self._confirm = length, confirm
        self._looks: deque[Look] = deque(maxlen=confirm + 1)
        self._last: Window | None = None
        self._before: Window | None = None
        self._first: Window | None = None
        self._alarmed = False

    def look(self, window: Window, outcome: Outcome) -> bool:
        """Take the next window; whether it completes an alarm."""
        self._follow(window, outcome)
        self._looks.append(Look(window.position, outcome))
        if outcome == "ok":
            self._alarmed = False
        if self._alarmed or not confirmed(self._looks, self._length, self._confirm):
            return False
        self._alarmed = True
        return True

    @property
    def first_row(self) -> int:
        """Of the drifting windows that lead to the last one without a gap."""
        assert self._first is not None
        return self._first.start_row

    @property
    def earliest_row(self) -> int:
        """Of the window before those, in which the onset may lie unseen."""
        return self.first_row if self._before is None else self._before.start_row

    def _follow(self, window: Window, outcome: Outcome) -> None:
        follows = window.follows(self._last)
        if outcome != "drift":
            self._first = None
        elif self._first is None or not follows:
            self._first, self._before = window, self._last if follows else None
        self._last = window


class AlarmLog:
    """All alarms of one replay, in the order in which they were raised."""

    def __init__(
        self, features: Sequence[ReplayedFeature], changes: ChangeWatch, length: str, confirm: int
    ) -> None:
        self.alarms: list[Alarm] = []
        self._features, self._changes = features, changes
        self._chains = [{kind: Chain(length, confirm) for kind in WINDOW_KINDS} for _ in features]
        self._changed_at: dict[int, int] = {}

    def changed(self, change: Change, window: int) -> None:
        """Take a change; it is an alarm unless the feature's last one lasts."""
        if change.feature in self._changed_at:
            return
        self._changed_at[change.feature] = change.row
        feature = self._features[change.feature]
        self.alarms.append(
            Alarm(
                kind="change",
                feature=feature,
                window=window,
                row=change.row,
                onset_row=change.onset_row,
                score=change.score,
                threshold=change.threshold,
                effect=change.effect.value,
                effect_measure=change.effect.measure,
                provisional=change_is_provisional(feature.reference.feature),
            )
        )

    def judged(self, window: Window, results: Sequence[Result]) -> None:
        """Take the next window's results, in the order of the features."""
        for at, result in enumerate(results):
            for kind in WINDOW_KINDS:
                if self._chains[at][kind].look(window, result.outcome(kind)):
                    self.alarms.append(self._alarm(at, kind, window, result))
            if result.verdict.verdict == "ok":
                self._changes.forget(at, window.start_row)
                if self._changed_at.get(at, window.start_row) < window.start_row:
                    del self._changed_at[at]

    def _alarm(self, at: int, kind: AlarmKind, window: Window, result: Result) -> Alarm:
        test, row = result.test(kind), window.end_row - 1
        assert test.z is not None
        assert test.effect is not None
        return Alarm(
            kind=kind,
            feature=result.feature,
            window=window.index,
            row=row,
            onset_row=self._onset_row(at, kind, row),
            score=test.z,
            threshold=test.z_threshold,
            effect=test.effect,
            effect_measure=test.effect_measure if isinstance(test, Verdict) else "jensen_shannon",
            provisional=test.provisional,
        )

    def _onset_row(self, at: int, kind: AlarmKind, row: int) -> int:
        """The first row of the drifting windows, or where the change detector saw it begin."""
        chain = self._chains[at][kind]
        seen = self._changes.onset(at, chain.earliest_row, row) if kind == "drift" else None
        return chain.first_row if seen is None else seen
