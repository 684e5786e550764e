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
    labelled,
    named_by_metric,
    time,
)
from modelmonitor_operator.render.rules.rule import Record
from modelmonitor_operator.render.rules.scope import TARGET, Scope

DISCOVERY_SECONDS: Final = 120
"""How long a new pod may run before its first scrape and still count from 0."""
_SECONDS: Final = {"1m": 60, "5m": 300}
_RESTARTED: Final = "restarted"
_UNSEEN: Final = "unseen"


@dataclass(frozen=True, slots=True)
class Counters:
    """The counters of one sort of sidecar, as one group of rules sees them.

    `restarts` has to be recorded in that group before `counted` is used; `source` tells its
    windows from those of other groups.
    """

    scope: Scope
    source: str
    start_time: str

    def restarts(self, windows: tuple[str, ...]) -> Record:
        """Which sidecars restarted in, or were not seen before, each window."""
        start = self.scope.select(self.start_time)
        found = (
            labelled(_states(start, window), names.L_WINDOW, f"{self.source}{window}")
            for window in windows
        )
        return Record(recorded.RESTARTED, either(*found), {recorded.L_SOURCE: self.source})

    def counted(self, metric: str, window: str, /, **matchers: Matcher) -> Expression:
        """What a counter counted in the window, by series."""
        counter = self.scope.select(metric, **matchers)
        now = call("last_over_time", counter.over(window))
        return self._since(now, counter, counter.offset(window), window)

    def counted_by_name(self, label: str, pattern: str, window: str) -> Expression:
        """The same of several counters at once, told apart by a part of their names."""
        counter = self.scope.select("", __name__=Like(pattern))
        moments = (
            call("last_over_time", counter.over(window)),
            counter,
            counter.offset(window),
        )
        now, present, before = (named_by_metric(one, label, pattern) for one in moments)
        return self._since(now, present, before, window)

    def counted_by_now(self, metric: str, window: str, /, **matchers: Matcher) -> Expression:
        """The same for windows as short as a scrape interval, that may hold no scrape.

        What is not seen now is seen in the next window; the last rows of a pod that ended are not.
        """
        counter = self.scope.select(metric, **matchers)
        return self._since(counter, counter, counter.offset(window), window)

    def _since(
        self, now: Expression, present: Expression, before: Expression, window: str
    ) -> Expression:
        unbroken = before.without(self._in_state(_RESTARTED, window), on=TARGET)
        unseen = self._in_state(_UNSEEN, window)
        return either(now - unbroken >= 0, present.without(unseen, on=TARGET))

    def _in_state(self, state: str, window: str) -> Selector:
        return self.scope.select(recorded.RESTARTED, state=state, window=f"{self.source}{window}")


def collector_counters(scope: Scope, source: str) -> Counters:
    """Rows and features."""
    return Counters(scope, source, names.COLLECTOR_START_TIME)


def proxy_counters(scope: Scope, source: str) -> Counters:
    """Requests."""
    return Counters(scope, source, names.PROXY_START_TIME)


def _states(start: Selector, window: str) -> Expression:
    before = start.offset(window)
    old = start <= time() - (_SECONDS[window] + DISCOVERY_SECONDS)
    return either(
        labelled(start.differs(before), names.L_STATE, _RESTARTED),
        labelled(old.without(before), names.L_STATE, _UNSEEN),
    )
