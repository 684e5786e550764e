"""One feature on the report: the window that moved most beside the baseline, and all windows."""

from collections.abc import Sequence
from typing import Final

from modelmonitor_cli.backtest.results import AlarmKind, Backtest, Moved, Result
from modelmonitor_cli.backtest.wording import (
    MEASURE_WORDS,
    alarm_words,
    delay,
    moment,
    verdict_words,
    window_start,
)
from modelmonitor_cli.report.charts import axis, timeline
from modelmonitor_cli.report.page import badge, card, plain_table
from modelmonitor_sidecar.collect.window_report import window_status
from modelmonitor_sidecar.expose.figures import amount, count
from modelmonitor_sidecar.expose.html import Markup, element, text
from modelmonitor_sidecar.expose.page_feature import picture, shares_told
from modelmonitor_sidecar.expose.status import FeatureStatus
from modelmonitor_sidecar.stats.shares import ShareKind, ShareVerdict
from modelmonitor_sidecar.stats.verdict import Verdict
from modelmonitor_sidecar.stats.views import FeatureView, WindowView
from modelmonitor_sidecar.stats.windows import Span

MOST_POINTS: Final = 400
"""Of a line; where there are more windows, each point is the worst of several."""
MOST_ALARMS: Final = 12
"""Named in one card."""

_TITLES: Final[dict[ShareKind, str]] = {
    "missing": "missing",
    "invalid": "invalid",
    "unseen": "unseen",
    "range": "out of range",
}
_OF_KIND: Final[dict[AlarmKind, str]] = {
    "drift": "of the distribution",
    "missing": "of the share of missing values",
    "invalid": "of the share of invalid values",
    "unseen": "of the share of unseen values",
    "range": "of the share out of range",
}


def feature_card(found: Backtest, at: int) -> Markup:
    """Everything about one feature that has a verdict in some window."""
    moved, feature = found.moved[at], found.features[at]
    status = _status(found, moved)
    title = text(
        element("strong", feature.name), " ", element("small", f"{feature.role}, {feature.kind}")
    )
    start = window_start(found.windows[moved.window])
    return card(
        title,
        badge(verdict_words(found, at), "drift"),
        "drift",
        element("p", f"The window from {start}, which moved most:", class_="since"),
        picture(status),
        shares_told(status.shares),
        *_lines(found, at),
        _alarms(found, at),
        _tests(moved.result),
        _distances(moved.result.verdict),
    )


def effect_line(found: Backtest, at: int) -> Markup:
    """The largest effect of each window, small, for a row of a table."""
    results = _worst(found.series(at))
    values = [_judged(one, one.largest_effect) for one in results]
    limits = [one.verdict.effect_threshold for one in results]
    told = f"Effect of {found.features[at].name}, window by window"
    drifts = [one.drifts for one in results]
    return element("div", timeline(values, limits, drifts, told), class_="mini")


def _status(found: Backtest, moved: Moved) -> FeatureStatus:
    """As the status page would show it."""
    result, window = moved.result, found.windows[moved.window]
    feature = result.feature
    view = FeatureView(
        name=feature.name,
        role=feature.role,
        kind=feature.kind,
        baseline=feature.reference.feature,
        rows=window.rows,
        missing=result.missing,
        invalid={"invalid": result.invalid},
        unseen=result.unseen,
        out_of_range=result.out_of_range,
        summary=None,
        quantiles=(),
        cells=moved.cells,
        top=(),
        verdict=result.verdict,
        shares=result.shares,
    )
    span = Span(window.start_row, window.end_row)
    whole = WindowView(window.length, span, window.rows, (view,))
    return window_status(whole, by_rows=True).features[0]


def _lines(found: Backtest, at: int) -> Sequence[Markup]:
    kind = _kind_of(found, at)
    results = _worst(found.series(at), kind)
    tests = [result.test(kind) for result in results]
    drifts = [test.verdict == "drift" for test in tests]
    effects = timeline(
        [_judged(r, test.effect) for r, test in zip(results, tests, strict=True)],
        [test.effect_threshold for test in tests],
        drifts,
        f"Effect {_OF_KIND[kind]}, window by window",
    )
    scores = timeline(
        [_judged(r, test.z) for r, test in zip(results, tests, strict=True)],
        [test.z_threshold for test in tests],
        drifts,
        "Evidence, window by window",
    )
    return (
        _figure(found, effects, f"Effect {_OF_KIND[kind]}"),
        _figure(found, scores, "Evidence, as a z score"),
    )


def _figure(found: Backtest, drawing: Markup, told: str) -> Markup:
    ends = (window_start(found.windows[0]), window_start(found.windows[-1]))
    return element(
        "figure",
        element("figcaption", told),
        drawing,
        axis([(0.0, ends[0]), (1.0, ends[1])]),
    )


def _kind_of(found: Backtest, at: int) -> AlarmKind:
    """The first test of windows that alarmed, else drifted; the distribution's if none did."""
    feature = found.features[at]
    kinds = [alarm.kind for alarm in found.alarms if alarm.feature is feature]
    kinds += [
        kind for result in found.series(at) for kind in _OF_KIND if result.outcome(kind) == "drift"
    ]
    return next((kind for kind in kinds if kind in _OF_KIND), "drift")


def _alarms(found: Backtest, at: int) -> Markup | None:
    feature = found.features[at]
    items = [
        element(
            "li",
            f"{alarm_words(alarm)} since about {moment(alarm.onset_row, alarm.onset_time)}, "
            f"alarmed after {delay(alarm)}",
        )
        for alarm in found.alarms
        if alarm.feature is feature
    ]
    return element("ul", *items[:MOST_ALARMS], class_="notes") if items else None


def _tests(result: Result) -> Markup:
    """The evidence of that window, test by test."""
    verdict = result.verdict
    rows = [_test(f"by {MEASURE_WORDS.get(verdict.effect_measure or '', 'any measure')}", verdict)]
    rows += [_test(_TITLES[one.kind], one) for one in result.shares if one.share]
    effect, z = amount(verdict.effect_threshold), amount(verdict.z_threshold)
    return plain_table(("Test", f"Effect > {effect}", f"z > {z}", "Values"), rows)


def _test(title: str, test: Verdict | ShareVerdict) -> tuple[Markup | str, ...]:
    limits = (test.effect_threshold, test.z_threshold)
    numbers = [
        element("b" if value is not None and value > limit else "span", amount(value))
        for value, limit in zip((test.effect, test.z), limits, strict=True)
    ]
    return (title, *numbers, count(test.n))


def _distances(verdict: Verdict) -> Markup:
    """Every distance of the distribution, for who knows one of them by heart."""
    known = [
        ("PSI", verdict.psi),
        ("expected PSI", verdict.psi_expected),
        ("KS", verdict.ks),
        ("Jensen-Shannon", verdict.js),
        ("Hellinger", verdict.hellinger),
        ("Wasserstein in sd", verdict.wasserstein),
        ("chi-square", verdict.chi2),
        ("degrees of freedom", verdict.df),
        ("phi", verdict.phi),
    ]
    told = ", ".join(f"{name} {amount(value)}" for name, value in known if value is not None)
    return element("ul", element("li", told), class_="notes")


def _judged(result: Result, value: float | None) -> float | None:
    return None if result.verdict.verdict == "insufficient" and not result.drifts else value


def _worst(results: Sequence[Result], kind: AlarmKind | None = None) -> Sequence[Result]:
    """At most MOST_POINTS results, of each group that follow each other one that drifts (by the
    test of this kind) before all others, else the one that moved most.
    """
    points = min(MOST_POINTS, len(results))
    groups = (
        results[at * len(results) // points : (at + 1) * len(results) // points]
        for at in range(points)
    )
    return [max(group, key=lambda one: _badness(one, kind)) for group in groups]


def _badness(result: Result, kind: AlarmKind | None) -> tuple[bool, float]:
    if kind is None:
        return result.drifts, result.largest_effect
    test = result.test(kind)
    return test.verdict == "drift", test.effect or 0.0
