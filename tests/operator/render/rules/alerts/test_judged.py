"""Drift, changes and shares: from what sidecars count, through the whole chain, to what is told."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import pytest

from modelmonitor_api import recorded
from modelmonitor_api.baseline import BaselineFeature
from modelmonitor_cli.testing_judged import (
    AGE,
    BROKEN,
    CHANGE,
    COUNTRY,
    FEW,
    HEIGHT,
    NOTHING,
    POLICY,
    PREDICTION,
    STEP_SECONDS,
    WELL,
    Days,
    baselines,
    change,
    counters,
    drift,
    share,
    younger,
)
from modelmonitor_operator.render.rules.baseline_group import baseline_group
from modelmonitor_operator.render.rules.change_group import change_group
from modelmonitor_operator.render.rules.scope import Scope
from modelmonitor_operator.render.rules.window_group import window_group
from modelmonitor_operator.render.rules.windows import needed_windows
from modelmonitor_operator.testing_alerts import Story, Told, together
from modelmonitor_operator.testing_stories import BASELINE, info, setting, told
from modelmonitor_sidecar.stats.shares import ShareKind, ShareVerdict
from modelmonitor_sidecar.stats.verdict import Verdict

SHARES: Final[Mapping[str, tuple[BaselineFeature, ShareKind, str]]] = {
    recorded.MISSING_VALUES: (AGE, "missing", "is missing more often"),
    recorded.INVALID_VALUES: (HEIGHT, "invalid", "holds invalid values"),
    recorded.UNSEEN_CATEGORIES: (COUNTRY, "unseen", "has categories that training never saw"),
    recorded.OUT_OF_RANGE: (HEIGHT, "range", "is out of the range of the training data"),
}
ALERTS: Final = (
    recorded.FEATURE_DRIFT,
    recorded.FEATURE_CHANGE,
    recorded.PREDICTION_DRIFT,
    *SHARES,
)
CHAIN: Final = tuple(
    rule.name
    for group in (
        baseline_group(Scope()),
        window_group(Scope(), needed_windows(("5m",))),
        change_group(Scope()),
    )
    for rule in group.rules
)
ALWAYS: Final = 400
SEEN: Final = 16
"""Minutes after the beginning: no whole number of windows."""
BREAK: Final = 25
"""The scrape after which rows are broken: somewhat over five minutes."""
BREAKING: Final = ((WELL, BREAK), (BROKEN, ALWAYS))
NEW: Final = ((NOTHING, BREAK), (BROKEN, ALWAYS))
"""As counted; before the first rows the version is not there."""


def judged(alert: str, feature: str, test: str, what: str, found: Verdict | ShareVerdict) -> Told:
    assert found.verdict == "drift"
    return told(
        alert,
        {**BASELINE, "feature": feature, "test": test, "window": "5m"},
        recorded.WARNING,
        f"{feature} of churn-model {what}",
        f"{feature} of churn-model v1 {what} (5m, baseline 0badcafe): rows {found.n:.6g}; "
        f"score {found.effect:.6g}; threshold 0.1; z {found.z:.6g}; ",
    )


def changed(feature: BaselineFeature, days: Days, minutes: int) -> Told:
    score = change(feature, days, minutes * 60)
    assert score > CHANGE.threshold
    return told(
        recorded.FEATURE_CHANGE,
        {**BASELINE, "feature": feature.name, "test": "change", "window": "sequential"},
        recorded.WARNING,
        f"{feature.name} of churn-model has changed",
        f"{feature.name} of churn-model v1 has changed against baseline 0badcafe (log evidence, "
        f"minute by minute): score {score:.6g}; threshold 30; ",
    )


def everything(days: Days = BREAKING, minutes: int = SEEN) -> dict[str, list[Told]]:
    """All that is to be told of rows that have been broken for a window."""
    at = minutes * 60
    moved = (AGE, COUNTRY, PREDICTION)
    by_role = {"input": recorded.FEATURE_DRIFT, "prediction": recorded.PREDICTION_DRIFT}
    return {
        **{
            alert: [
                judged(alert, one.name, "drift", "has drifted", drift(one, BROKEN, at))
                for one in moved
                if one.role == role
            ]
            for role, alert in by_role.items()
        },
        **{
            alert: [judged(alert, one.name, kind, what, share(one, kind, BROKEN, at))]
            for alert, (one, kind, what) in SHARES.items()
        },
        recorded.FEATURE_CHANGE: [changed(one, days, minutes) for one in moved],
    }


def loud(one: Told) -> Told:
    """The same as a page."""
    return replace(one, labels={**one.labels, "severity": recorded.CRITICAL})


def may_page(one: Told) -> bool:
    """Of the policies below."""
    return (one.labels["feature"], one.labels["test"]) != (COUNTRY.name, recorded.CHANGE)


def story(
    promise: str,
    scraped: Mapping[str, str],
    fired: Mapping[str, list[Told]],
    minutes: int = SEEN,
    known: Mapping[str, str] | None = None,
    confirm: int = 2,
) -> Story:
    """Looked at a moment after the minute, at which rules are evaluated."""
    known = baselines() if known is None else known
    return Story(
        promise,
        together(info(), scraped, setting("confirm", confirm), known),
        minutes * 60 + 7,
        ALERTS,
        fired,
        CHAIN,
        step_seconds=STEP_SECONDS,
    )


PAGES: Final = replace(POLICY, severity="Page")
DRIFT_PAGES: Final = replace(PAGES, change=replace(CHANGE, provisional=True))
UNSURE: Final = replace(POLICY, change=replace(CHANGE, threshold=100_000.0))

BROKE: Final = counters(BREAKING)
ALL: Final = everything()
STORIES: Final = (
    story("what breaks is told with its evidence", BROKE, ALL),
    story("healthy rows are no news", counters([(WELL, ALWAYS)]), {}),
    story("without rows nothing is told", counters([(NOTHING, ALWAYS)]), {}),
    story("without data nothing is told", {}, {}, known={}),
    story(
        "what may page does, and a change that is provisional does not",
        BROKE,
        {
            alert: [loud(one) if may_page(one) else one for one in said]
            for alert, said in ALL.items()
        },
        known=baselines({**dict.fromkeys(WELL, PAGES), COUNTRY.name: DRIFT_PAGES}),
    ),
    story(
        "a change is told before drift is confirmed",
        BROKE,
        {recorded.FEATURE_CHANGE: ALL[recorded.FEATURE_CHANGE]},
        confirm=4,
    ),
    story(
        "an effect that does not matter is not told",
        BROKE,
        {},
        known=baselines(dict.fromkeys(WELL, replace(POLICY, minimum_effect=9.0))),
    ),
    story(
        "a change that is not sure is not told, where drift is",
        BROKE,
        {**ALL, recorded.FEATURE_CHANGE: []},
        known=baselines(dict.fromkeys(WELL, UNSURE)),
    ),
    story("what is not beyond chance is not told", BROKE, {}, known=baselines(evidence=1_000.0)),
    story("too few rows are not judged", counters([(FEW, ALWAYS)]), {}),
    story(
        "it ends some time after rows are well again",
        counters([(WELL, BREAK), (BROKEN, BREAK), (WELL, ALWAYS)]),
        {},
        minutes=32,
    ),
    story(
        "a new version waits until it is older than the window",
        younger(counters(NEW[1:]), BREAK),
        {},
        minutes=9,
        confirm=1,
    ),
    story(
        "a new version is told of once it is older",
        younger(counters(NEW[1:]), BREAK),
        everything(NEW, 17),
        minutes=17,
        confirm=1,
    ),
)


@pytest.mark.promtool
@pytest.mark.parametrize("alert", ALERTS)
@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.promise)
def test_of_the_data(story: Story, alert: str, unkept: Mapping[str, str]) -> None:
    assert f"alertname: {alert}," not in unkept.get(story.promise, ""), unkept[story.promise]
