"""Series of one monitor of one pod, worked out by hand, a scrape every 30 seconds.

Two features and a prediction.  Of `age` each scrape brings ten rows in the first bin, ten in the
second, twenty in the third and ten missing; the baseline has 400, 300 and 300 and none missing.
Of 60 requests a scrape three fail.
"""

from collections.abc import Callable, Mapping
from typing import Any

from modelmonitor_api import names

Json = dict[str, Any]
Series = dict[str, str]
STEPS = 50
OWN = {"namespace": "shop", "modelmonitor": "watch"}
MODEL = {**OWN, "model": "churn", "model_version": "3"}
BASELINE = {**MODEL, "baseline": "0badcafe"}
ITSELF = {**OWN, "model": "__other__", "model_version": "unknown"}
TARGET = {"job": "watch", "instance": "10.0.0.1:24090", "pod": "churn-1"}
ALERT = {**MODEL, "alertname": "ModelMonitorFeatureDrift", "feature": "age", "window": "5m"}


def series(metric: str, labels: Series, values: str) -> Json:
    """As promtool takes them."""
    inside = ",".join(f'{name}="{value}"' for name, value in labels.items())
    return {"series": f"{metric}{{{inside}}}", "values": values}


def counter(metric: str, labels: Series, each_scrape: float) -> Json:
    """That grows by as much each scrape."""
    return series(metric, {**labels, **TARGET}, f"0+{each_scrape}x{STEPS}")


def gauge(metric: str, labels: Series, value: float) -> Json:
    """That stays."""
    return series(metric, {**labels, **TARGET}, f"{value}x{STEPS}")


def bins(
    metric: str, labels: Series, rows: tuple[float, ...], make: Callable[..., Json]
) -> list[Json]:
    """Cumulated counts, each with the bin before it."""
    found = []
    for index, value in enumerate(rows):
        previous = {"prev": f"{index - 1:02d}"} if index else {}
        found.append(make(metric, {**labels, "bin": f"{index:02d}", **previous}, value))
    return found


def numeric(feature: str, role: str) -> list[Json]:
    """A feature of three bins with its baseline."""
    own = {**BASELINE, "feature": feature}
    live = {
        names.FEATURE_MISSING_ROWS: 10,
        names.FEATURE_OUT_OF_RANGE_ROWS: 0,
        names.FEATURE_VALUE_SUM: 400,
        names.FEATURE_VALUE_COUNT: 40,
        names.FEATURE_VALUE_SQUARES: 520,
    }
    base = {
        names.BASELINE_MISSING_ROWS: 0,
        names.BASELINE_INVALID_ROWS: 0,
        names.BASELINE_MEAN: 8,
        names.BASELINE_STANDARD_DEVIATION: 2,
    }
    return [
        *bins(names.FEATURE_CUMULATIVE_ROWS, own, (10, 20, 40), counter),
        *bins(names.BASELINE_CUMULATIVE_ROWS, own, (400, 700, 1000), gauge),
        *bins(names.BASELINE_STEP, own, (2, 2, 0), gauge),
        *(counter(metric, own, value) for metric, value in live.items()),
        *(gauge(metric, own, value) for metric, value in base.items()),
        *of_feature(own, role, "numeric", "8;10"),
    ]


def categorical(feature: str) -> list[Json]:
    """A feature of two categories with its baseline."""
    own = {**BASELINE, "feature": feature}
    cells = (("red", 20, 500), ("blue", 30, 500))
    return [
        *(
            found
            for category, live, base in cells
            for found in (
                counter(names.FEATURE_CATEGORY_ROWS, {**own, "category": category}, live),
                gauge(names.BASELINE_CATEGORY_ROWS, {**own, "category": category}, base),
            )
        ),
        counter(names.FEATURE_MISSING_ROWS, own, 0),
        counter(names.FEATURE_UNSEEN_ROWS, own, 0),
        gauge(names.BASELINE_MISSING_ROWS, own, 0),
        gauge(names.BASELINE_INVALID_ROWS, own, 0),
        *of_feature(own, "input", "categorical", ""),
    ]


def of_feature(own: Series, role: str, kind: str, edges: str) -> list[Json]:
    """What every feature has besides: settings and the baseline itself."""
    settings = {
        "minimum_effect": 0.1,
        "minimum_rows": 200,
        "severity": 0,
        "provisional": 0,
        "importance": 1,
        "change_threshold": 15,
        "change_memory_rows": 100,
        "change_rho": 0.001,
        "change_provisional": 0,
    }
    return [
        counter(names.FEATURE_INVALID_ROWS, {**own, "reason": "infinity"}, 0),
        gauge(names.BASELINE_FEATURE_INFO, {**own, "role": role, "kind": kind, "edges": edges}, 1),
        *(gauge(names.BASELINE_RHO, {**own, "window": one}, 0) for one in ("5m", "1h")),
        *settings_of(names.FEATURE_SETTING, own, settings),
    ]


def settings_of(metric: str, own: Series, settings: Mapping[str, float]) -> list[Json]:
    """One series each."""
    return [gauge(metric, {**own, "setting": name}, value) for name, value in settings.items()]


def requests() -> list[Json]:
    """Of the proxy, and settings of the model."""
    own = {**MODEL, "route": "/predict"}
    buckets = (("0.1", 30), ("0.5", 57), ("+Inf", 60))
    settings = {
        "confirm": 2,
        "availability_percent": 99,
        "latency_percentile": 95,
        "latency_milliseconds": 500,
    }
    return [
        counter(names.REQUESTS, {**own, "code": "200"}, 57),
        counter(names.REQUESTS, {**own, "code": "500"}, 3),
        counter(names.REQUESTS_WITHIN_OBJECTIVE, {**MODEL, "objective_milliseconds": "500"}, 57),
        *(
            counter(f"{names.REQUEST_DURATION}_bucket", {**own, "le": edge}, value)
            for edge, value in buckets
        ),
        counter(f"{names.REQUEST_DURATION}_sum", own, 12),
        counter(f"{names.REQUEST_DURATION}_count", own, 60),
        counter(names.FRAMES, {**MODEL, "outcome": "decoded"}, 54),
        counter(names.FRAMES, {**MODEL, "outcome": "undecodable"}, 3),
        counter(names.FRAMES_DROPPED, {**MODEL, "reason": "budget"}, 3),
        *settings_of(names.SETTING, MODEL, settings),
    ]


def sidecars() -> list[Json]:
    """Of the two of them about themselves."""
    counters = {
        names.PROXY_CPU: 0.3,
        names.COLLECTOR_CPU: 0.6,
        names.PROXY_LOOP_FAILURES: 0,
        names.COLLECTOR_ERRORS: 0,
    }
    gauges = {
        names.PROXY_START_TIME: -60,
        names.COLLECTOR_START_TIME: -60,
        names.PROXY_MEMORY: 2e7,
        names.COLLECTOR_MEMORY: 5e7,
        names.PROXY_COLLECTOR_CONNECTED: 1,
        names.SERIES: 90,
        names.SERIES_BUDGET: 5000,
        names.SERIES_DROPPED: 0,
        names.COLLECTOR_BASELINES_BROKEN: 0,
    }
    return [
        *(counter(metric, ITSELF, value) for metric, value in counters.items()),
        *(gauge(metric, ITSELF, value) for metric, value in gauges.items()),
        counter(names.CONNECTIONS, {**ITSELF, "protocol": "http1"}, 6),
        gauge(names.PROXY_CONFIGURATION, {**ITSELF, "state": "loaded"}, 1),
        gauge(names.COLLECTOR_CONFIGURATION, {**ITSELF, "state": "loaded"}, 1),
        gauge(names.MONITOR_INFO, {**ITSELF, "dashboard": names.dashboard_uid("shop", "watch")}, 1),
    ]


def monitor_series() -> list[Json]:
    """All of one monitor, with one alert that fires."""
    rows = {names.ROWS: 50, names.ROWS_INVALID: 0, names.ROWS_WITHOUT_PREDICTION: 5}
    memory = {"container": "server", "namespace": "shop", "pod": "churn-1"}
    return [
        *numeric("age", "input"),
        *categorical("colour"),
        *numeric("prediction", "prediction"),
        *(counter(metric, BASELINE, value) for metric, value in rows.items()),
        gauge(names.BASELINE_CREATED, BASELINE, 0),
        *(gauge(names.EVIDENCE_THRESHOLD, {**BASELINE, "window": one}, 4) for one in ("5m", "1h")),
        *requests(),
        *sidecars(),
        series("container_memory_working_set_bytes", memory, f"1e9x{STEPS}"),
        series("ALERTS", {**ALERT, "alertstate": "firing", "severity": "warning"}, f"1x{STEPS}"),
        series("ALERTS_FOR_STATE", {**ALERT, "severity": "warning"}, f"3600x{STEPS}"),
    ]
