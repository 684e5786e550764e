"""What counters counted in a window, exactly: no `increase()`, which extrapolates.

Extrapolated increases of few samples inflate chi-square (its mean becomes 1.05 degrees of freedom
at 15 s scrapes in 5 m, twice that at 30 s in 1 m).  Here each series gives its last value in the
window minus the one before it, so that windows laid end to end add up to the counter.

- A series that ended in the window counts until its end.
- A series that began in the window counts from 0.
- A sidecar that restarted in the window (its start time differs) counts from 0 for all its series
  at once: bins of one feature are never cut at different moments.
- A sidecar that is old but was not seen before the window (Prometheus had a gap) counts nothing,
  until there is a value to subtract.
"""

from dataclasses import dataclass
from typing import Final

from modelmonitor_api import names, recorded
from modelmonitor_operator.render.promql import (
    Expression,
    Like,
    Matcher,
    Selector,
    call,
    either,
    named_by_metric,
    time,
)
from modelmonitor_operator.render.rules.rule import Record
from modelmonitor_operator.render.rules.scope import TARGET, Scope

DISCOVERY_SECONDS: Final = 120
"""How long a new pod may run before its first scrape and still count from 0."""
_SECONDS: Final = {"1m": 60, "5m": 300}
_SEEN: Final = "5m"
"""For so long Prometheus sees a sample; no window of counters is longer."""
_RESTARTED: Final = 1
_UNSEEN: Final = 2


@dataclass(frozen=True, slots=True)
class Counters:
    """The counters of one sort of sidecar, as one group of rules sees them.

    `continuity` has to be recorded in that group before `counted` is used; `source` tells its
    windows from those of other groups.
    """

    scope: Scope
    source: str
    start_time: str

    def continuity(self, window: str) -> Record:
        """Which sidecars restarted in, or were not seen before, the window.

        The others have a sample, too: a Prometheus that was away ends no series, and would go on
        to see for five minutes that one had restarted.
        """
        states = _states(self.scope.select(self.start_time), window)
        return Record(recorded.CONTINUITY, states, {names.L_WINDOW: f"{self.source}-{window}"})

    def counted(self, metrics: str, window: str, /, **matchers: Matcher) -> Expression:
        """What counters counted in the window, by series; `metrics` have no two alike, but in name.

        One name, or several with `|` between.
        """
        counter = self._counter(metrics, **matchers)
        return self._since(_last(counter, window), counter.offset(window), window)

    def counted_by_name(
        self, label: str, pattern: str, window: str, /, **matchers: Matcher
    ) -> Expression:
        """The same of several counters at once, told apart by a part of their names."""
        counter = self.scope.select("", __name__=Like(pattern), **matchers)
        moments = (_last(counter, window), counter.offset(window))
        now, before = (named_by_metric(one, label, pattern) for one in moments)
        return self._since(now, before, window)

    def counted_by_now(self, metrics: str, window: str, /, **matchers: Matcher) -> Expression:
        """The same for windows as short as a scrape interval, that may hold no scrape.

        What is not seen now is seen in the next window; the last rows of a pod that ended are not.
        """
        counter = self._counter(metrics, **matchers)
        return self._since(counter, counter.offset(window), window)

    def _counter(self, metrics: str, **matchers: Matcher) -> Selector:
        if "|" in metrics:
            return self.scope.select("", __name__=Like(metrics), **matchers)
        return self.scope.select(metrics, **matchers)

    def _since(self, now: Expression, before: Expression, window: str) -> Expression:
        unbroken = before.without(self._in_state(_RESTARTED, window), on=TARGET)
        known = now.without(self._in_state(_UNSEEN, window), on=TARGET)
        return either(now - unbroken >= 0, known)

    def _in_state(self, state: int, window: str) -> Expression:
        continuity = self.scope.select(recorded.CONTINUITY, window=f"{self.source}-{window}")
        return continuity.equals(state)


def collector_counters(scope: Scope, source: str) -> Counters:
    """Rows and features."""
    return Counters(scope, source, names.COLLECTOR_START_TIME)


def proxy_counters(scope: Scope, source: str) -> Counters:
    """Requests."""
    return Counters(scope, source, names.PROXY_START_TIME)


def laid_end_to_end(parts: Selector, part: str, reach: str, every: str) -> Expression:
    """The sum of recorded windows at whole multiples of `part`; they are recorded `every` so often.

    Differences of counters move on with each evaluation.  Each is taken from the last one before
    its end: an older one, as after a gap, counts rows that its neighbour has counted.  Windows that
    are made of others stay the same for minutes, and are seen for as long.
    """
    seen = _last(parts, every) if part in _SECONDS else parts
    return call("sum_over_time", seen.each(reach, part))


def _states(start: Selector, window: str) -> Expression:
    """Of sidecars that ended a moment ago, too: what they counted is in the window."""
    now, before = _last(start, _SEEN), start.offset(window)
    old = now <= time() - (_SECONDS[window] + DISCOVERY_SECONDS)
    return either(
        now.differs(before) * 0 + _RESTARTED,
        old.without(before) * 0 + _UNSEEN,
        now * 0,
    )


def _last(series: Selector, window: str) -> Expression:
    return call("last_over_time", series.over(window))
