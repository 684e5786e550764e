"""What rules ought to record of scrapes: windows counted one by one, and judged in numpy.

The rules' definition of a window (`docs/rules.md`) in plain Python, and then `stats`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from modelmonitor_api import recorded
from modelmonitor_api.baseline import BaselineFeature, Categories
from modelmonitor_sidecar.stats.shares import SHARE_KINDS, Part, ShareVerdict, judge_share
from modelmonitor_sidecar.stats.verdict import VERDICT_VALUES, Bar, Verdict, judge
from modelmonitor_sidecar.testing_replicas import FLAGS, Integers, Replica, Row, watched_rows
from modelmonitor_sidecar.testing_scrapes import Look, Target

LOOKBACK_SECONDS: Final = 300
"""For so long Prometheus sees a sample."""
DISCOVERY_SECONDS: Final = 120
SECONDS: Final = {"1m": 60, "5m": 300, "1h": 3_600, "24h": 86_400}
_PARTS: Final = {"1h": ("5m", 30), "24h": ("1h", LOOKBACK_SECONDS)}
"""What a window is made of, and for how long that is seen."""

Key = tuple[str, frozenset[tuple[str, str]]]
"""A recorded name, and those of its labels that tell one series of a model from another."""


class Windows:
    """Windows over targets, as rules see them that are evaluated each `every_seconds` from 0."""

    def __init__(self, targets: Sequence[Target], every_seconds: int) -> None:
        self._targets, self._every = targets, every_seconds
        self._counted: dict[tuple[str, int], dict[Row, Integers]] = {}
        self._found: dict[tuple[str, int], dict[Key, float]] = {}

    def evaluation(self, at_seconds: float) -> int:
        """The last one until then."""
        return int(at_seconds // self._every * self._every)

    def counted(self, window: str, at_seconds: int) -> Mapping[Row, Integers]:
        """Rows of all replicas, by an evaluation at that second."""
        known = self._counted.get((window, at_seconds))
        if known is None:
            count = self._from_parts if window in _PARTS else self._from_counters
            known = self._counted[window, at_seconds] = count(window, at_seconds)
        return known

    def series(self, window: str, at_seconds: float) -> dict[Key, float]:
        """All that rules record of the window at that moment, but for alarms."""
        evaluation = self.evaluation(at_seconds)
        found = self._judged(window, evaluation)
        drifting = (
            one for one, value in found.items() if one[0] == recorded.VERDICT and value == 1
        )
        return found | {
            (recorded.DRIFTING_WINDOWS, labels): self._drifting(window, evaluation, labels)
            for _, labels in drifting
        }

    def _judged(self, window: str, evaluation: int) -> dict[Key, float]:
        known = self._found.get((window, evaluation))
        if known is None:
            known = self._found[window, evaluation] = {}
            left = dict(self.counted(window, evaluation))
            for target in self._targets:
                for one in judged(target.replica, left, window):
                    known.update(one.series())
                    del left[one.row]
        return known

    def _drifting(self, window: str, evaluation: int, labels: frozenset[tuple[str, str]]) -> float:
        """How many windows in a row have drifted, this one the last."""
        verdict, found = (recorded.VERDICT, labels), 0
        while evaluation >= 0 and self._judged(window, evaluation).get(verdict) == 1:
            evaluation, found = self.evaluation(evaluation - SECONDS[window]), found + 1
        return found

    def _from_counters(self, window: str, at_seconds: int) -> dict[Row, Integers]:
        total: dict[Row, Integers] = {}
        for target in self._targets:
            _add(total, _difference(target.looks, at_seconds, SECONDS[window]))
        return total

    def _from_parts(self, window: str, at_seconds: int) -> dict[Row, Integers]:
        part, seen_seconds = _PARTS[window]
        total: dict[Row, Integers] = {}
        first = at_seconds - SECONDS[window] + 1
        for step in range(0, at_seconds + 1, SECONDS[part]):
            evaluation = self.evaluation(step)
            if step >= first and evaluation > step - seen_seconds:
                _add(total, self.counted(part, evaluation))
        return total


def _add(total: dict[Row, Integers], more: Mapping[Row, Integers]) -> None:
    for row, counters in more.items():
        total[row] = total[row] + counters if row in total else counters


def batch(targets: Sequence[Target], now_seconds: int) -> dict[Row, Integers]:
    """Rows of the minute before an evaluation of the change detector, as seen at both its ends."""
    total: dict[Row, Integers] = {}
    for target in targets:
        _add(total, _since(_seen(target.looks, now_seconds), target.looks, now_seconds, 60))
    return total


def _difference(looks: Sequence[Look], now: int, length: int) -> Mapping[Row, Integers]:
    return _since(_last(looks, now, length), looks, now, length)


def _since(
    last: Look | None, looks: Sequence[Look], now: int, length: int
) -> Mapping[Row, Integers]:
    if last is None or last.counted is None:
        return {}
    before = _seen(looks, now - length)
    if before is None and last.started_seconds <= now - length - DISCOVERY_SECONDS:
        return {}
    earlier = before.counted if before is not None else None
    if earlier is None or before is None or before.started_seconds != last.started_seconds:
        return last.counted
    return {row: rows - earlier.get(row, 0) for row, rows in last.counted.items()}


def _last(looks: Sequence[Look], now: int, length: int) -> Look | None:
    there = (look for look in looks if now - length < look.at_seconds <= now)
    return max((look for look in there if look.counted is not None), key=_at, default=None)


def _seen(looks: Sequence[Look], now: int) -> Look | None:
    last = max((look for look in looks if look.at_seconds <= now), key=_at, default=None)
    visible = last is not None and last.at_seconds > now - LOOKBACK_SECONDS
    return last if visible and last is not None and last.counted is not None else None


def _at(look: Look) -> float:
    return look.at_seconds


@dataclass(frozen=True, slots=True)
class Judged:
    """Verdicts on one feature in one window."""

    row: Row
    window: str
    drift: Verdict
    shares: tuple[ShareVerdict, ...]

    def series(self) -> Iterator[tuple[Key, float]]:
        """As rules record them."""
        drift = self.drift
        for name in recorded.DISTANCES:
            value = getattr(drift, name)
            if value is not None:
                yield self._key(recorded.DISTANCE, recorded.L_DISTANCE, name), value
        yield from self._test(recorded.DRIFT, drift.n, drift.effect, drift.z, drift.verdict)
        for one in self.shares:
            yield from self._test(one.kind, one.n, one.effect, one.z, one.verdict)

    def _test(
        self, test: str, rows: int, effect: float | None, z: float | None, verdict: str
    ) -> Iterator[tuple[Key, float]]:
        found = {
            recorded.ROWS: rows,
            recorded.SCORE: effect,
            recorded.EVIDENCE: z,
            recorded.VERDICT: VERDICT_VALUES[verdict],  # type: ignore[index]
            recorded.THRESHOLD: self.drift.effect_threshold,
        }
        for name, value in found.items():
            if value is not None:
                yield self._key(name, recorded.L_TEST, test), value

    def _key(self, name: str, label: str, text: str) -> Key:
        labels = {
            "model_version": self.row.version,
            "baseline": self.row.baseline,
            "feature": self.row.feature,
            "window": self.window,
            label: text,
        }
        return name, frozenset(labels.items())


def judged(replica: Replica, counted: Mapping[Row, Integers], window: str) -> Iterator[Judged]:
    """Verdicts on all features, by the baselines and settings of a replica."""
    for version in replica.versions:
        places = {at: row for row, at in watched_rows(version).items()}
        bar = version.statistics.bar(window)
        for at, one in version.statistics.watched():
            row = places.get(at)
            if row in counted and row is not None and one.baseline is not None:
                own = None if one.override is None else one.override.minimum_effect
                own_bar = bar if own is None else Bar(own, bar.z_threshold)
                yield _judged(row, one.baseline, counted[row], window, own_bar)


def _judged(
    row: Row, feature: BaselineFeature, counters: Integers, window: str, bar: Bar
) -> Judged:
    cells, flags = counters[:-FLAGS], counters[-FLAGS:]
    rows = int(cells.sum() + flags[0] + flags[1])
    parts = zip(SHARE_KINDS, (Part(int(flag), rows) for flag in flags), strict=True)
    shares = tuple(
        judge_share(kind, part, feature, window, bar)
        for kind, part in parts
        if kind != "unseen" or isinstance(feature.counts, Categories)
    )
    return Judged(row, window, judge(cells, feature, window, bar), shares)
