"""The model's life: age, versions, slow leaks, and what a new version made worse."""

from typing import Final

from modelmonitor_api import names, recorded
from modelmonitor_operator.render.promql import (
    Like,
    Selector,
    call,
    each,
    max_by,
    named_by_metric,
    sum_by,
    time,
)
from modelmonitor_operator.render.rules.alerts.annotations import MODEL_TEXT, Links, annotations
from modelmonitor_operator.render.rules.baseline_series import model_setting
from modelmonitor_operator.render.rules.rule import Alert
from modelmonitor_operator.render.rules.scope import BASELINE, MODEL, VERSION, Scope

GROWTH: Final = 1.5
"""Over a day, or from one version to the next."""
STEP: Final = 1.15
"""In each third of that day, at least: a single jump is no leak."""
_QUANTITY: Final = "quantity"
_QUANTITIES: Final = "modelmonitor:(latency|memory)_(?:seconds|bytes)"
"""Both series, and which of them it is."""
_WARNING: Final = {recorded.L_SEVERITY: recorded.WARNING}


def lifecycle_alerts(scope: Scope, links: Links) -> tuple[Alert, ...]:
    """Stale, without baseline, creeping, worse than before."""
    latency = scope.select(recorded.LATENCY, window="1h")
    memory = scope.select(recorded.MEMORY_BYTES)
    return (
        _stale(scope, links),
        _without_baseline(scope, links),
        _creep(links, recorded.LATENCY_CREEP, latency, "Latency", "humanizeDuration"),
        _creep(links, recorded.MEMORY_CREEP, memory, "Memory", "humanize1024"),
        _regression(scope, links),
    )


def _stale(scope: Scope, links: Links) -> Alert:
    age = time() - max_by(BASELINE, scope.select(names.BASELINE_CREATED))
    return Alert(
        recorded.MODEL_STALE,
        age > each(model_setting(scope, "maximum_age_seconds"), MODEL),
        annotations(
            links,
            recorded.MODEL_STALE,
            "The baseline of {{$labels.model}} is old",
            f"Baseline {{{{$labels.baseline}}}} of {MODEL_TEXT} is "
            "{{$value | humanizeDuration}} old, more than maximumAge.",
        ),
        _WARNING,
        hold="1h",
    )


def _without_baseline(scope: Scope, links: Links) -> Alert:
    rows = scope.select(names.ROWS, baseline=names.NO_BASELINE)
    coming = sum_by(VERSION, call("increase", rows.over("15m"))) > 0
    return Alert(
        recorded.VERSION_WITHOUT_BASELINE,
        coming.also(model_setting(scope, "baselines") > 0, on=MODEL),
        annotations(
            links,
            recorded.VERSION_WITHOUT_BASELINE,
            "Version {{$labels.model_version}} of {{$labels.model}} has no baseline",
            f"No baseline is given for {MODEL_TEXT}: its drift is not judged.",
        ),
        _WARNING,
        # Longer than rows of before the baseline came are remembered.
        hold="30m",
    )


def _creep(links: Links, name: str, series: Selector, what: str, form: str) -> Alert:
    """Now against eight hours ago, against a day ago: it rose in between, too."""
    before = series.offset("8h")
    rising = (series > before * STEP).also(before > series.offset("1d") * STEP)
    return Alert(
        name,
        rising.also(series > series.offset("1d") * GROWTH),
        annotations(
            links,
            name,
            f"{what} of {{{{$labels.model}}}} creeps up",
            f"{what} of {MODEL_TEXT} is {{{{$value | {form}}}}}, more than {GROWTH} times that of "
            "a day ago, and has risen all day.",
        ),
        _WARNING,
        hold="1h",
    )


def _regression(scope: Scope, links: Links) -> Alert:
    """Of a version that is new today: how many times what the model had a day ago."""
    both = scope.select("", __name__=Like(_QUANTITIES))
    now, before = (
        named_by_metric(series, _QUANTITY, _QUANTITIES) for series in (both, both.offset("1d"))
    )
    new = now.without(before, on=(*VERSION, _QUANTITY))
    by = (*MODEL, _QUANTITY)
    return Alert(
        recorded.VERSION_REGRESSION,
        new / each(max_by(by, before), by) > GROWTH,
        annotations(
            links,
            recorded.VERSION_REGRESSION,
            "Version {{$labels.model_version}} of {{$labels.model}} needs more "
            "{{$labels.quantity}}",
            f'{{{{$labels.quantity}}}} of {MODEL_TEXT} is {{{{$value | printf "%.2f"}}}} times '
            "that of the version a day ago.",
        ),
        _WARNING,
        hold="1h",
    )
