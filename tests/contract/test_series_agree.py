"""The operator counts a monitor's series as the sidecars' own code does."""

from dataclasses import replace

import pytest

from modelmonitor_api.baseline import Baseline, BaselineFeature, Derived
from modelmonitor_api.spec import Feature, Model, ModelMonitor
from modelmonitor_cli.validate.estimate import estimate
from modelmonitor_operator.render.series import exposed_series
from modelmonitor_operator.render.settings import RenderSettings
from modelmonitor_operator.render.sidecar_config_map import UsedBaseline
from modelmonitor_sidecar.testing_baselines import baseline, categorical, numeric

SAMPLE = range(1_000)
AGE = numeric("age", SAMPLE)
COLOUR = categorical("colour", {"red": 600, "blue": 300}, others={"green": 100})
REVIEW = numeric("review", SAMPLE, kind="text")
PREDICTION = numeric("prediction", SAMPLE, bins=5, role="prediction")
CLASS = categorical("class", {"yes": 900, "no": 100}, role="prediction")
SCORE = numeric("score", SAMPLE, role="score")
ALL = (AGE, COLOUR, REVIEW, PREDICTION, SCORE)
UNBOUNDED = 1_000_000


def derived(name: str, measure: str) -> BaselineFeature:
    feature = numeric(name, SAMPLE, bins=4)
    what = Derived("review", measure, ("aa",) * (measure == "unknownShare"))  # type: ignore[arg-type]
    return replace(feature, derived=what)


def texts() -> Baseline:
    known = baseline([AGE, REVIEW])
    words, unknown = (
        derived(f"review.{end}", measure)
        for end, measure in (("words", "words"), ("unknown", "unknownShare"))
    )
    return replace(known, features=(*known.features, words, unknown))


def of_sidecars(monitor: ModelMonitor, known: Baseline, budget: int) -> int:
    used, settings = [UsedBaseline("churn", None, known)], RenderSettings(series_budget=budget)
    return estimate(monitor, used, (), 1, settings).series_a_replica


def monitor_of(*features: Feature, windows: tuple[str, ...] = ("5m", "1h")) -> ModelMonitor:
    model = Model("churn", features=features)
    return ModelMonitor("churn", "team-a", models=(model,), windows=windows)


@pytest.mark.parametrize(
    "known",
    [baseline([AGE]), baseline([COLOUR]), baseline([REVIEW]), baseline([AGE, CLASS]),
     baseline(ALL), baseline(ALL, ignored=["id"]), texts()],
    ids=["numeric", "categorical", "text", "class", "all", "ignored", "words"],
)  # fmt: skip
@pytest.mark.parametrize("windows", [("5m",), ("1m", "5m", "1h", "24h", "7d")])
def test_every_kind_of_feature_is_counted_as_it_is_exposed(
    known: Baseline, windows: tuple[str, ...]
) -> None:
    monitor = monitor_of(windows=windows)
    counted = exposed_series(monitor, [("churn", known)], UNBOUNDED)
    assert counted == of_sidecars(monitor, known, UNBOUNDED) > 150


@pytest.mark.parametrize("ignored", ["age", "colour", "prediction", "review"])
def test_what_is_to_be_ignored_is_not_counted(ignored: str) -> None:
    monitor = monitor_of(Feature(ignored, ignore=True))
    for known in (baseline(ALL), texts()):
        counted = exposed_series(monitor, [("churn", known)], UNBOUNDED)
        assert counted == of_sidecars(monitor, known, UNBOUNDED)


@pytest.mark.parametrize("budget", range(1, 250, 7))
def test_a_budget_cuts_at_the_same_feature(budget: int) -> None:
    monitor = monitor_of()
    counted = exposed_series(monitor, [("churn", baseline(ALL))], budget)
    assert counted == of_sidecars(monitor, baseline(ALL), budget)
