"""For whom rules judge: one monitor, or all; and the labels by which everything is grouped.

The only place where the two modes differ: rules for one monitor put its namespace and name on every
selector, rules for all put none.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from modelmonitor_api import names, recorded
from modelmonitor_operator.render.promql import (
    Differs,
    Expression,
    Matched,
    Matcher,
    Selector,
    Unlike,
    each_but,
    selector,
)

MONITOR: Final = (recorded.L_NAMESPACE, names.L_MONITOR)
MODEL: Final = (*MONITOR, names.L_MODEL)
VERSION: Final = (*MODEL, names.L_VERSION)
BASELINE: Final = (*VERSION, names.L_BASELINE)
FEATURE: Final = (*BASELINE, names.L_FEATURE)
BIN: Final = (*FEATURE, names.L_BIN)
CATEGORY: Final = (*FEATURE, names.L_CATEGORY)
POD: Final = (recorded.L_NAMESPACE, "pod")
TARGET: Final = ("job", "instance")
"""What tells one scraped sidecar from another, to Prometheus."""

COUNTED_CELL: Final = (*FEATURE, names.L_BIN, names.L_PREVIOUS, names.L_CATEGORY)
"""Of a bin as it is counted, cumulated, or of a category; no series has labels of both."""
COUNTERS_OF_CELLS: Final = f"{names.FEATURE_CUMULATIVE_ROWS}|{names.FEATURE_CATEGORY_ROWS}"

CELL_LABELS: Final = (names.L_BIN, names.L_CATEGORY)
"""What tells one cell of a feature from another; each cell has one of them."""

FLAGGED: Final = Differs("")
"""Matches label `test` of rows and shares that are missing, invalid, unseen or out of range."""
OF_SHARES: Final = Unlike(f"{recorded.DRIFT}|{recorded.WEEK}")
"""Matches the tests of those, where others bear the label too."""


@dataclass(frozen=True, slots=True)
class Scope:
    """One monitor, by namespace and name, or (None, None) all of them."""

    namespace: str | None = None
    monitor: str | None = None

    def select(self, metric: str, /, **matchers: Matcher) -> Selector:
        """Series of the monitors in scope."""
        return selector(metric, {**self._own(), **matchers})

    def foreign(self, metric: str, /, **matchers: Matcher) -> Selector:
        """Series of others about the same pods: they know the namespace, not the monitor."""
        own = {} if self.namespace is None else {recorded.L_NAMESPACE: self.namespace}
        return selector(metric, {**own, **matchers})

    def _own(self) -> Mapping[str, Matcher]:
        if self.namespace is None or self.monitor is None:
            return {}
        return {recorded.L_NAMESPACE: self.namespace, names.L_MONITOR: self.monitor}


def in_every_window(right: Expression) -> Matched:
    """Right operand that has no window (a baseline's), for a left that has many."""
    return each_but(right, [names.L_WINDOW])


def for_each_cell(right: Expression, *others: str) -> Matched:
    """Right operand of a feature, for its cells on the left; `others` are labels to pass over."""
    return each_but(right, [*CELL_LABELS, *others])
