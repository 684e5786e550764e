"""Columns that are missing or unexpected, and answers that are no numbers: from raw counters."""

from collections.abc import Callable, Mapping
from typing import Final

import pytest

from modelmonitor_api import names, recorded
from modelmonitor_operator.testing_alerts import Story, Told, series, together
from modelmonitor_operator.testing_stories import (
    BASELINE,
    growing,
    info,
    target,
    told,
)
from modelmonitor_sidecar.stats.categories import Problem

OWN: Final = target("a", BASELINE, names.PORT_COLLECTOR)
EVERY_SECONDS: Final = 35
SEEN_SECONDS: Final = 2_415
"""Forty minutes and a little."""


def story(
    promise: str,
    alert: str,
    scraped: Mapping[str, str],
    fired: Told | None = None,
    at_seconds: int = SEEN_SECONDS,
    records: tuple[str, ...] = (),
) -> Story:
    return Story(
        promise,
        together(info(), scraped),
        at_seconds,
        (alert,),
        {} if fired is None else {alert: [fired]},
        records,
        every_seconds=EVERY_SECONDS,
    )


def rows(values: str) -> dict[str, str]:
    return {series(names.ROWS, **OWN): values}


# --- columns -----------------------------------------------------------------------------------
def absent(values: str, feature: str = "age", usual: float = 0.0) -> dict[str, str]:
    """`usual` is the share that was missing in training."""
    share = series(recorded.BASELINE_SHARE, feature=feature, test=recorded.MISSING, **BASELINE)
    return {
        series(names.FEATURE_ABSENT_ROWS, feature=feature, **OWN): values,
        share: f"{usual}x60",
    }


def unexpected(values: str) -> dict[str, str]:
    return {series(names.ROWS_UNEXPECTED_COLUMN, **OWN): values}


def lacking(share: str, feature: str = "age") -> Told:
    return told(
        recorded.COLUMN_MISSING,
        {**BASELINE, "feature": feature},
        recorded.WARNING,
        f"Requests to churn-model lack column {feature}",
        f"{share} of the rows of 15 minutes to churn-model v1 lack column {feature} of the "
        "baseline.",
    )


def strange(share: str) -> Told:
    return told(
        recorded.COLUMN_UNEXPECTED,
        BASELINE,
        recorded.WARNING,
        "Requests to churn-model have columns that the baseline lacks",
        f"{share} of the rows of 15 minutes to churn-model v1 have a column that the baseline "
        "lacks; a pod's status page names it.",
    )


BUSY: Final = rows(growing((100, 60)))
NONE: Final = absent("0x60", "height")

Flawed = Callable[[str], dict[str, str]]


def columns(alert: str, flawed: Flawed, fires: Callable[[str], Told]) -> tuple[Story, ...]:
    """The same of either flaw."""
    return (
        story(
            f"rows with the flaw are told ({alert})",
            alert,
            together(BUSY, NONE, flawed(growing((0, 20), (5, 40)))),
            fires("5%"),
        ),
        story(
            f"all rows with the flaw are told ({alert})",
            alert,
            together(BUSY, NONE, flawed(growing((100, 60)))),
            fires("100%"),
        ),
        story(
            f"it takes five minutes ({alert})",
            alert,
            together(BUSY, NONE, flawed(growing((0, 35), (50, 25)))),
        ),
        story(
            f"one row of a hundred with the flaw is borne ({alert})",
            alert,
            together(BUSY, NONE, flawed(growing((1, 60)))),
        ),
        story(
            f"a few rows with the flaw are borne, even if they are all ({alert})",
            alert,
            together(rows(growing((0.5, 60))), NONE, flawed(growing((0.5, 60)))),
        ),
        story(
            f"it ends a quarter of an hour after the last flaw ({alert})",
            alert,
            together(BUSY, NONE, flawed(growing((0, 10), (50, 14), (0, 36)))),
        ),
        story(
            f"a restart invents no flaw ({alert})",
            alert,
            together(BUSY, NONE, flawed("900x29 0x30")),
        ),
        story(f"without rows there is no flaw ({alert})", alert, together(rows("0x60"), NONE)),
        story(f"without data there is no flaw ({alert})", alert, {}),
    )


COLUMNS: Final = (
    story(
        "a column that clients leave out as often as training lacked it is as usual",
        recorded.COLUMN_MISSING,
        together(BUSY, absent(growing((50, 60)), usual=0.5)),
    ),
    story(
        "a column that is left out more often than training lacked it is told",
        recorded.COLUMN_MISSING,
        together(BUSY, absent(growing((60, 60)), usual=0.5)),
        lacking("60%"),
    ),
    *columns(recorded.COLUMN_MISSING, absent, lacking),
    *columns(recorded.COLUMN_UNEXPECTED, unexpected, strange),
)


# --- answers -----------------------------------------------------------------------------------
PREDICTION: Final = {**OWN, "feature": "prediction"}
ROLES: Final = {
    series(names.BASELINE_FEATURE_INFO, role="prediction", kind="numeric", **PREDICTION): "1x60",
    series(names.BASELINE_FEATURE_INFO, role="input", kind="numeric", feature="age", **OWN): "1x60",
}
KNOWN: Final = (
    recorded.BASELINE_CELL_ROWS,
    recorded.BASELINE_CUMULATIVE_ROWS,
    recorded.BASELINE_ROWS,
    recorded.BASELINE_FLAGGED_ROWS,
)


def answers(
    missing: str = "0x60",
    infinite: str = "0x60",
    strings: str = "0x60",
    feature: str = "prediction",
    missing_before: int = 0,
) -> dict[str, str]:
    own = {**OWN, "feature": feature}
    return together(
        ROLES,
        {
            series(names.FEATURE_MISSING_ROWS, **own): missing,
            series(names.FEATURE_INVALID_ROWS, reason=Problem.INFINITE.value, **own): infinite,
            series(names.FEATURE_INVALID_ROWS, reason=Problem.STRING.value, **own): strings,
            series(names.BASELINE_MISSING_ROWS, **own): f"{missing_before}x60",
            series(names.BASELINE_INVALID_ROWS, **own): "0x60",
        },
    )


def not_finite(reason: str, times: str) -> Told:
    return told(
        recorded.PREDICTION_NOT_FINITE,
        {**BASELINE, "feature": "prediction", "reason": reason},
        recorded.WARNING,
        f"churn-model answers with {reason}",
        f"churn-model v1 answered about {times} times in 15 minutes with {reason} as prediction; "
        "training data had none.",
    )


def answer(promise: str, scraped: Mapping[str, str], fired: Told | None = None) -> Story:
    return story(promise, recorded.PREDICTION_NOT_FINITE, scraped, fired, records=KNOWN)


ANSWERS: Final = (
    answer(
        "answers that are NaN are told",
        answers(missing=growing((0, 20), (2, 40))),
        not_finite("NaN or missing", "30"),
    ),
    answer(
        "answers that are infinite are told",
        answers(infinite=growing((0, 20), (2, 40))),
        not_finite("infinity", "30"),
    ),
    answer(
        "NaN where the training data had some is for another alert",
        answers(missing=growing((2, 60)), missing_before=1),
    ),
    answer(
        "infinity is told, whatever the training data lacked",
        answers(infinite=growing((2, 60)), missing_before=1),
        not_finite("infinity", "30"),
    ),
    answer("texts as answers are for another alert", answers(strings=growing((2, 60)))),
    answer("inputs are no answers", answers(missing=growing((2, 60)), feature="age")),
    answer("finite answers are no news", answers()),
    answer(
        "it ends a quarter of an hour after the last one",
        answers(missing=growing((0, 10), (2, 14), (0, 36))),
    ),
    answer("without data there are no answers", {}),
)
STORIES: Final = (*COLUMNS, *ANSWERS)


@pytest.mark.promtool
@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.promise)
def test_of_columns_and_answers(story: Story, unkept: Mapping[str, str]) -> None:
    assert story.promise not in unkept, unkept[story.promise]
