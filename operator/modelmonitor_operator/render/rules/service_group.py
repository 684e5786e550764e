"""Requests, failures, latency and memory: what users of the model feel.

Requests that match no model (`__other__`) are left out: nobody promised anything about them.
"""

from typing import Final

from modelmonitor_api import names, recorded
from modelmonitor_operator.render.promql import (
    Differs,
    Expression,
    Like,
    Matcher,
    Unlike,
    aggregate,
    call,
    each,
    each_but,
    either,
    labelled,
    sum_by,
    sum_without,
)
from modelmonitor_operator.render.rules.baseline_series import model_setting
from modelmonitor_operator.render.rules.burning import burning
from modelmonitor_operator.render.rules.differences import (
    Counters,
    laid_end_to_end,
    proxy_counters,
)
from modelmonitor_operator.render.rules.rule import Group, Record
from modelmonitor_operator.render.rules.scope import MODEL, POD, VERSION, Scope

INTERVAL: Final = "1m"
TOTAL: Final = "total"
FAILED: Final = "failed"
SLOW: Final = "slow"
SERVER_ERRORS: Final = Like("5..")
LEAST_REQUESTS: Final = 200
"""Of fewer requests a mean says little."""
CONTAINER_MEMORY: Final = "container_memory_working_set_bytes"
"""From the kubelet, where it is scraped."""
_MADE_OF: Final = {
    "30m": ("5m", "29m59s999ms"),
    "1h": ("5m", "59m59s999ms"),
    "2h": ("5m", "1h59m59s999ms"),
    "6h": ("1h", "5h59m59s999ms"),
    "1d": ("1h", "23h59m59s999ms"),
    "3d": ("1h", "2d23h59m59s999ms"),
}
_PROMISES: Final = {FAILED: "availability_percent", SLOW: "latency_percentile"}
OWN_CONTAINERS: Final = f"{names.CONTAINER_PROXY}|{names.CONTAINER_COLLECTOR}|POD|"


def service_group(scope: Scope) -> Group:
    """Counted in 5 m; longer windows are made of shorter ones."""
    counters = proxy_counters(scope, "requests")
    return Group(
        "modelmonitor-service",
        INTERVAL,
        (
            counters.continuity("5m"),
            Record(recorded.REQUESTS_BY_CODE, _by_code(counters)),
            _requests("5m", _outcomes(counters)),
            *(_requests(window, _added(scope, *parts)) for window, parts in _MADE_OF.items()),
            Record(recorded.BURN_RATE, _burn_rates(scope)),
            *burning(scope),
            Record(recorded.LATENCY, _latency(scope), {names.L_WINDOW: "1h"}),
            Record(recorded.MEMORY_BYTES, _memory(scope)),
        ),
    )


def _requests(window: str, expression: Expression) -> Record:
    return Record(recorded.REQUESTS, expression, {names.L_WINDOW: window})


def _by_code(counters: Counters) -> Expression:
    counted = counters.counted(names.REQUESTS, "5m", model=Differs(names.OTHER))
    return sum_by((*VERSION, names.L_CODE), counted)


def _outcomes(counters: Counters) -> Expression:
    def requests(**matchers: Matcher) -> Expression:
        by_code = counters.scope.select(recorded.REQUESTS_BY_CODE, **matchers)
        return sum_without([names.L_CODE], by_code)

    by_outcome = {
        TOTAL: requests(),
        FAILED: either(requests(code=SERVER_ERRORS), requests() * 0),
        SLOW: _slow(counters, requests(code=Differs("aborted"))),
    }
    return either(*(labelled(one, names.L_OUTCOME, name) for name, one in by_outcome.items()))


def _slow(counters: Counters, answered: Expression) -> Expression:
    """Known of windows in which there was an objective from the beginning on."""
    metric, models = names.REQUESTS_WITHIN_OBJECTIVE, Differs(names.OTHER)
    within = sum_by(VERSION, counters.counted(metric, "5m", model=models))
    promised = counters.scope.select(metric, model=models).offset("5m")
    return (answered - within).also(promised, on=VERSION)


def _added(scope: Scope, part: str, reach: str) -> Expression:
    parts = scope.select(recorded.REQUESTS, window=part)
    return laid_end_to_end(parts, part, reach, INTERVAL)


def _burn_rates(scope: Scope) -> Expression:
    """The share of bad requests over the share that the objective allows."""
    total = each_but(scope.select(recorded.REQUESTS, outcome=TOTAL), [names.L_OUTCOME])
    return either(
        *(
            scope.select(recorded.REQUESTS, outcome=outcome)
            / total
            / each(1 - model_setting(scope, promised) / 100, MODEL)
            for outcome, promised in _PROMISES.items()
        )
    )


def _latency(scope: Scope) -> Expression:
    def increase(suffix: str) -> Expression:
        series = scope.select(f"{names.REQUEST_DURATION}_{suffix}", model=Differs(names.OTHER))
        return sum_by(VERSION, call("increase", series.over("1h")))

    return increase("sum") / (increase("count") >= LEAST_REQUESTS)


def _memory(scope: Scope) -> Expression:
    """Mean over the pods of a version: what all its containers but ours hold."""
    containers = scope.foreign(CONTAINER_MEMORY, container=Unlike(OWN_CONTAINERS))
    of_pod = sum_by(POD, containers)
    pods = aggregate("group", (*VERSION, "pod"), scope.select(names.ROWS))
    return aggregate("avg", VERSION, pods * each(of_pod, POD))
