"""Which budgets of objectives are spent too fast: multi-window, multi-burn-rate.

Google, "The Site Reliability Workbook", chapter 5.  It refuses to know what the outcomes are.
"""

from typing import Final

from modelmonitor_api import names, recorded
from modelmonitor_operator.render.promql import Expression, either, max_without
from modelmonitor_operator.render.rules.rule import Record
from modelmonitor_operator.render.rules.scope import Scope

LEAST_FAILURES: Final = 10
"""In the longer window: fewer are no evidence, however few requests there were."""
PAGING: Final = (("5m", "1h", 14.4), ("30m", "6h", 6.0))
TICKETS: Final = (("2h", "1d", 3.0), ("6h", "3d", 1.0))
"""A shorter and a longer window, and how many times too fast the budget is spent in both."""


def burning(scope: Scope) -> tuple[Record, Record]:
    """The rate of the shorter window, where it is too high in both and there is enough of it."""
    return _burning(scope, PAGING, recorded.CRITICAL), _burning(scope, TICKETS, recorded.WARNING)


def _burning(scope: Scope, pairs: tuple[tuple[str, str, float], ...], severity: str) -> Record:
    burns = either(*(_burns(scope, *pair) for pair in pairs))
    labels = {recorded.L_SEVERITY: severity}
    return Record(recorded.BURNING, max_without([names.L_WINDOW], burns), labels)


def _burns(scope: Scope, short: str, long: str, factor: float) -> Expression:
    now, lasting = (
        scope.select(recorded.BURN_RATE, window=window) > factor for window in (short, long)
    )
    enough = scope.select(recorded.REQUESTS, window=long) >= LEAST_FAILURES
    return now.also_but(lasting, [names.L_WINDOW]).also_but(enough, [names.L_WINDOW])
