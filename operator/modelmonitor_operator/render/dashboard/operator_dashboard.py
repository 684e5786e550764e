"""The dashboard of the operator itself."""

from typing import Final

from modelmonitor_api import operator_metrics as own
from modelmonitor_api import recorded
from modelmonitor_operator.render.dashboard import panels
from modelmonitor_operator.render.dashboard.frame import Identity, dashboard
from modelmonitor_operator.render.dashboard.layout import Row
from modelmonitor_operator.render.dashboard.panel import Json, Panel, Query
from modelmonitor_operator.render.dashboard.scope import L_POD
from modelmonitor_operator.render.dashboard.variables import data_source
from modelmonitor_operator.render.promql import (
    Expression,
    aggregate,
    call,
    max_by,
    selector,
    sum_by,
)

_RATE: Final = "$__rate_interval"


def operator_dashboard() -> Json:
    """Classic JSON; it stands beside the one over all monitors."""
    identity = Identity(
        own.DASHBOARD,
        "Model monitor operator",
        "Whether the operator of the model monitors works and keeps up.",
        "now-24h",
    )
    rows = (
        Row("Does it work", (_leaders(), _replicas(), _waiting(), _silence())),
        Row("What it does", (_looks(), _durations(), _requests(), _lag())),
    )
    return dashboard(identity, rows, [data_source()], [])


def _leaders() -> Panel:
    """Two would be a bug, none is an outage."""
    leading = aggregate("sum", (), selector(own.LEADER))
    return panels.stat(
        "Leading", "Replicas that work: always exactly one.", "short", Query(leading, shape="now")
    ).sized(6, 4)


def _replicas() -> Panel:
    versions = aggregate("count", (own.L_VERSION,), selector(own.BUILD_INFO))
    query = Query(versions, f"{{{{{own.L_VERSION}}}}}", shape="now")
    return panels.stat("Replicas", "Replicas that answer, by version.", "short", query).sized(6, 4)


def _waiting() -> Panel:
    waiting = aggregate("sum", (), selector(own.QUEUE_DEPTH))
    return panels.stat(
        "Waiting",
        "Monitors that are due and not yet looked at.",
        "short",
        Query(waiting, shape="now"),
    ).sized(6, 4)


def _silence() -> Panel:
    longest = aggregate("max", (), selector(own.WATCH_AGE))
    return panels.stat(
        "Longest silence",
        "Time since the API server last answered the quietest watch; each asks anew every minute.",
        "s",
        Query(longest, shape="now"),
    ).sized(6, 4)


def _looks() -> Panel:
    looks = _rates(own.RECONCILES, (own.L_OUTCOME,))
    query = Query(looks, f"{{{{{own.L_OUTCOME}}}}}")
    return panels.stacked(
        "Looks at monitors",
        "Looks a second, by outcome; what is not ok is tried again.",
        "ops",
        query,
    ).sized(12, 8)


def _durations() -> Panel:
    buckets = _rates(f"{own.RECONCILE_DURATION}_bucket", ("le",))
    queries = [Query(call("histogram_quantile", q, buckets), f"{q:.0%}") for q in (0.5, 0.99)]
    return panels.time_series(
        "Duration of a look",
        "How long half, and all but one in a hundred, took at most.",
        "s",
        *queries,
    ).sized(12, 8)


def _requests() -> Panel:
    requests = _rates(own.API_REQUESTS, (own.L_VERB, own.L_CODE))
    query = Query(requests, f"{{{{{own.L_VERB}}}}} {{{{{own.L_CODE}}}}}")
    return panels.time_series(
        "Requests to the API server",
        "Requests a second by verb and status code; code 0 had no answer. At rest only the Lease.",
        "reqps",
        query,
    ).sized(12, 8)


def _lag() -> Panel:
    lag = max_by((recorded.L_NAMESPACE, L_POD), selector(own.LOOP_LAG))
    return panels.time_series(
        "Lag", "By how much the event loop was late, the worst of ten seconds.", "s",
        Query(lag, f"{{{{{L_POD}}}}}"),
    ).sized(12, 8)  # fmt: skip


def _rates(metric: str, by: tuple[str, ...]) -> Expression:
    return sum_by(by, call("rate", selector(metric).over(_RATE)))
