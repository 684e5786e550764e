"""Series of features: the numbers of the counters, within a budget, in the text format."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from modelmonitor_api.baseline import DEFAULT_RHO, Baseline, BaselineFeature, digest
from modelmonitor_api.spec import Feature, Locator, Model, ModelMonitor, Output, VerdictPolicy
from modelmonitor_sidecar.expose.baseline_series import (
    baseline_lines,
    created_seconds,
    feature_lines,
)
from modelmonitor_sidecar.expose.families import FAMILIES, Page
from modelmonitor_sidecar.expose.feature_policy import FeaturePolicy, feature_policy
from modelmonitor_sidecar.expose.live_series import LiveSeries, Place, places
from modelmonitor_sidecar.expose.series_budget import Allotment, Exhibit, allot, live_series
from modelmonitor_sidecar.stats.model_statistics import ModelStatistics
from modelmonitor_sidecar.testing_baselines import baseline, categorical, numeric

PAGE = Path(__file__).parents[3] / "docs" / "metrics.md"
COMMON = 'modelmonitor="m",model="churn",model_version="1",baseline="abcd1234"'
HOSTILE = 'a "quoted" \\ back\nslash 100 %s {x="y"} \ud800 ' + "long" * 100
BASELINE = baseline(
    [
        numeric("age", range(100), bins=4),
        categorical("colour", {"red": 60, "__other__x": 40}, others={"teal": 5}),
        numeric(HOSTILE, range(10), bins=2),
        numeric("prediction", [0.0, 1.0] * 50, role="prediction"),
    ]
)


OUTCOME = numeric("outcome", range(9), role="prediction")


def statistics(document: Baseline | None = BASELINE) -> ModelStatistics:
    counted = ModelStatistics(document)
    rows: list[list[object]] = [
        [20, "red", 1],
        [200, "green", 2],
        [None, None, "text"],
        [80, "teal", 3],
        [1e400, 5, 4],
    ]
    counted.add_rows(None, rows, [0.0, 1.0, 1.0, None, 1.0])
    counted.flush(1_000.0)
    return counted


def all_places(counted: ModelStatistics) -> list[Place]:
    return places(counted.layout, counted.watched())


def policy_of(feature: BaselineFeature) -> FeaturePolicy:
    return feature_policy(feature, Model("churn"), VerdictPolicy(), change_threshold=18.0)


def page(counted: ModelStatistics) -> str:
    made = Page()
    for family, lines in LiveSeries(COMMON, all_places(counted)).lines(
        counted.totals, counted.sketch
    ):
        made.add(family, lines)
    return made.text()


def sample(text: str, name: str, *labels: str) -> list[float]:
    """The values of the lines of one metric that have all these labels."""
    return [
        float(line.rsplit(" ", 1)[1])
        for line in text.splitlines()
        if line.startswith(f"{name}{{") and all(label in line for label in labels)
    ]


def test_cumulative_rows_are_the_bins_added_up() -> None:
    text = page(statistics())
    name = "modelmonitor_feature_cumulative_rows_total"
    assert sample(text, name, 'feature="age"') == [1, 1, 1, 3]
    assert 'bin="03",prev="02"} 3' in text


def test_every_row_of_every_feature_is_counted_once() -> None:
    text = page(statistics())
    for feature, metric, labels in (
        ("age", "modelmonitor_feature_cumulative_rows_total", ('bin="03"',)),
        ("colour", "modelmonitor_feature_category_rows_total", ()),
    ):
        own = f'feature="{feature}"'
        counted = sum(sample(text, metric, own, *labels))
        counted -= sum(sample(text, metric, own, 'category="__missing__"'))
        missing = sum(sample(text, "modelmonitor_feature_missing_rows_total", own))
        invalid = sum(sample(text, "modelmonitor_feature_invalid_rows_total", own))
        assert counted + missing + invalid == 5


def test_a_feature_whose_column_did_not_come_is_absent_and_missing() -> None:
    name = "modelmonitor_feature_absent_rows_total"
    before = page(statistics())
    assert sample(before, name) == [0, 0, 0]
    assert sample(before, name, 'feature="prediction"') == []
    counted = statistics()
    counted.add_records([{"age": 5, "stranger": 1}, {"age": None, "colour": "red"}])
    counted.flush(1_001.0)
    text = page(counted)
    assert sample(text, name, 'feature="age"') == [0]
    assert sample(text, name, 'feature="colour"') == [1]
    missing = sample(text, "modelmonitor_feature_missing_rows_total", 'feature="colour"')
    assert missing == [2]
    assert sample(text, name, 'feature="stranger"') == []


def test_a_column_and_an_output_of_one_name_are_two_features() -> None:
    counted = ModelStatistics(baseline([numeric("score", range(9)), OUTCOME]))
    counted.add_records([{"score": 1.0, "outcome": 2.0, "prediction": 3.0}], [4.0], [5.0])
    counted.flush(1_000.0)
    text = page(counted)
    sums = re.findall(r'_value_sum{.*feature="(.*)"} (\d+)', text)
    assert dict(sums) == {
        "score": "1",
        "score:score": "5",
        "outcome": "4",
        "input:outcome": "2",
        "input:prediction": "3",
    }
    assert len(sums) == 5


def test_categories_are_the_baselines_and_the_reserved_ones() -> None:
    text = page(statistics())
    found = re.findall(r'feature="colour",category="([^"]*)"} (\d+)', text)
    assert dict(found) == {
        "red": "1",
        "=__other__x": "0",
        "__other__": "1",
        "__unseen__": "2",
        "__missing__": "1",
    }


def test_sums_and_squares_give_mean_and_standard_deviation_over_replicas() -> None:
    text = page(statistics())
    (total,) = sample(text, "modelmonitor_feature_value_sum", 'feature="age"')
    (count,) = sample(text, "modelmonitor_feature_value_count", 'feature="age"')
    (squares,) = sample(text, "modelmonitor_feature_value_squares_total", 'feature="age"')
    assert (total, count) == (300.0, 3)
    # distances from the baseline's mean 49.5
    assert squares == pytest.approx((20 - 49.5) ** 2 + (200 - 49.5) ** 2 + (80 - 49.5) ** 2)


def test_features_without_bins_have_quantiles() -> None:
    counted = ModelStatistics(None)
    counted.add_rows(("x",), [[float(n)] for n in range(1, 101)])
    counted.flush(1_000.0)
    found = sample(page(counted), "modelmonitor_feature_value", 'feature="x"', "quantile")
    assert found == pytest.approx([5, 50, 95], rel=0.011)


@pytest.mark.promtool
def test_hostile_names_and_all_families_pass_promtool(
    promtool_check_metrics: Callable[[str], str],
) -> None:
    counted = statistics()
    made = Page()
    for family, lines in LiveSeries(COMMON, all_places(counted)).lines(
        counted.totals, counted.sketch
    ):
        made.add(family, lines)
    for feature in BASELINE.features:
        own = feature_lines(COMMON, feature, policy_of(feature), ("5m", "1h"))
        for family, text in own.items():
            made.add(family, text)
    dated = replace(BASELINE, created_at="2026-01-01T00:00:00Z")
    for family, text in baseline_lines(COMMON, dated, digest(dated), {"5m": 5.5}).items():
        made.add(family, text)
    assert promtool_check_metrics(made.text()) == ""


def test_lines_of_a_family_stand_together_under_one_header() -> None:
    made = Page()
    for feature in ("a", "b"):
        made.add(
            "modelmonitor_baseline_mean", f'modelmonitor_baseline_mean{{feature="{feature}"}} 1\n'
        )
        made.add(
            "modelmonitor_baseline_rho", f'modelmonitor_baseline_rho{{feature="{feature}"}} 1\n'
        )
    names = [line.split("{")[0] for line in made.text().splitlines() if not line.startswith("#")]
    assert names == ["modelmonitor_baseline_mean"] * 2 + ["modelmonitor_baseline_rho"] * 2
    assert made.text().count("# TYPE") == 2


def test_the_types_are_those_of_the_page_of_metrics() -> None:
    documented = dict(re.findall(r"^\| `(modelmonitor_\w+)` \| (\w+) \|", PAGE.read_text(), re.M))
    assert {name: kind for name, (kind, _) in FAMILIES.items()}.items() <= documented.items()


# --- the budget ---------------------------------------------------------------------------------


def allotted(budget: int, *documents: Baseline) -> Allotment:
    exhibits = []
    for document in documents:
        counted = ModelStatistics(document)
        exhibits.append(Exhibit(COMMON, Model("churn"), document, all_places(counted), 18.0))
    return allot(exhibits, budget, ModelMonitor("m", "default"))


def names(allotment: Allotment) -> list[list[str]]:
    return [[one.watched.name[:10] for one in each.features] for each in allotment.admitted]


def test_the_count_of_a_feature_is_the_count_of_its_lines() -> None:
    for document in (BASELINE, None):
        for place in all_places(statistics(document)):
            assert live_series(place) == LiveSeries(COMMON, [place]).series


def test_prediction_first_then_inputs_in_the_baselines_order() -> None:
    assert names(allotted(10**6, BASELINE)) == [["prediction", "age", "colour", HOSTILE[:10]]]


def test_every_budget_gives_whole_features_and_a_larger_one_only_adds() -> None:
    whole = allotted(10**6, BASELINE, BASELINE)
    before: list[str] = []
    for budget in range(0, whole.series + 5):
        found = allotted(budget, BASELINE, BASELINE)
        admitted = [name for each in names(found) for name in each]
        assert found.series <= budget
        assert found.series + found.dropped == whole.series
        assert admitted[: len(before)] == before
        before = admitted
    assert before == [name for each in names(whole) for name in each]


def test_what_does_not_fit_is_counted_by_model() -> None:
    whole = allotted(10**6, BASELINE)
    found = allotted(whole.series, BASELINE, BASELINE)
    assert [each.dropped for each in found.admitted] == [0, 4]


# --- baselines and settings -----------------------------------------------------------------------


def test_the_baselines_counts_join_with_the_live_ones() -> None:
    live, (age, colour, *_) = page(statistics()), BASELINE.features
    policy = policy_of(age)
    lines = feature_lines(COMMON, age, policy, ("5m",))["modelmonitor_baseline_cumulative_rows"]
    labels = re.compile(r"\{.*\}")
    assert set(labels.findall(lines)) <= set(labels.findall(live))
    assert [float(line.rsplit(" ", 1)[1]) for line in lines.splitlines()] == [25, 50, 75, 100]
    other = feature_lines(COMMON, colour, policy, ("5m",))["modelmonitor_baseline_category_rows"]
    assert set(labels.findall(other)) <= set(labels.findall(live))


def test_steps_are_the_distances_of_the_representatives() -> None:
    age = BASELINE.features[0]
    policy = policy_of(age)
    lines = feature_lines(COMMON, age, policy, ("5m",))["modelmonitor_baseline_step"]
    steps = [float(line.rsplit(" ", 1)[1]) for line in lines.splitlines()]
    # bins of 0..99: means 12, 37, 62, 87
    assert steps == pytest.approx([25.0, 25.0, 25.0, 0.0])
    assert np.isfinite(steps).all()


def test_settings_are_the_features_own_then_the_models() -> None:
    age, *_, prediction = BASELINE.features
    own = Feature("age", minimum_effect=0.3, importance=0.5, severity="Page")
    model = Model("churn", features=(own,), prediction=Output(Locator(index=0), "Page"))
    verdict = VerdictPolicy(minimum_effect=0.2)
    settings = feature_policy(age, model, verdict, 18.0).settings()
    assert {name: settings[name] for name in settings if not name.startswith("change_")} == {
        "minimum_effect": 0.3,
        "importance": 0.5,
        "severity": 1,
        "page": 1,
        "minimum_rows": 200,
        "provisional": 0,
    }
    of_prediction = feature_policy(prediction, model, verdict, 18.0).settings()
    assert (of_prediction["minimum_effect"], of_prediction["severity"]) == (0.2, 1)


def change_settings(feature: BaselineFeature) -> list[float]:
    """Threshold, memory, rho and provisional."""
    settings = policy_of(feature).settings()
    return [
        settings[f"change_{name}"] for name in ("threshold", "memory_rows", "rho", "provisional")
    ]


def test_what_is_provisional_never_pages_even_where_asked_to() -> None:
    asked = Model("churn", features=(Feature("age", severity="Page"),))
    ordered = numeric("age", range(8_000), rho={"5m": 0.001})
    replayed = replace(ordered, largest_change=1.0)
    unordered = numeric("age", range(8_000), rho={})

    def pages(feature: BaselineFeature, model: Model) -> tuple[float, float]:
        settings = feature_policy(feature, model, VerdictPolicy(), 18.0).settings()
        return settings["page"], settings["change_page"]

    assert pages(replayed, asked) == (1, 1)
    assert pages(ordered, asked) == (1, 0)
    assert pages(unordered, asked) == (0, 0)
    assert pages(replayed, Model("churn")) == (0, 0)


def test_the_change_detectors_settings_are_the_budgets_and_the_replays() -> None:
    wide = numeric("age", range(8_000), rho={"5m": 0.001, "1h": 0.003})
    # memory: 8,000 rows / 80; threshold: the budget's 18 or 1.5 times what the replay reached
    assert change_settings(wide) == [18.0, 100.0, 0.003, 1]
    assert change_settings(replace(wide, largest_change=10.0)) == [18.0, 100.0, 0.003, 0]
    assert change_settings(replace(wide, largest_change=20.0)) == [30.0, 100.0, 0.003, 0]
    assert change_settings(numeric("age", range(100), rho={})) == [18.0, 5.0, DEFAULT_RHO, 1]
    assert change_settings(categorical("c", {"a": 100_000}))[1] == 1_000.0


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("1970-01-02T00:00:00Z", 86_400.0),
        ("1970-01-02T02:00:00+02:00", 86_400.0),
        ("1970-01-02T00:00:00", 86_400.0),
        ("0001-01-01T00:00:00+14:00", -62_135_596_800.0 - 14 * 3_600),
        ("yesterday", None),
        ("", None),
        (None, None),
    ],
)
def test_when_a_baseline_was_built_is_a_number_or_nothing(
    written: str | None, seconds: float | None
) -> None:
    assert created_seconds(written) == seconds


def test_a_baseline_without_a_time_has_no_series_of_it() -> None:
    lines = baseline_lines(COMMON, BASELINE, digest(BASELINE), {"5m": 5.5, "1h": 5.25})
    assert lines["modelmonitor_baseline_created_timestamp_seconds"] == ""
    evidence = lines["modelmonitor_evidence_threshold"]
    assert re.findall(r'window="(\w+)"} ([\d.]+)', evidence) == [("5m", "5.5"), ("1h", "5.25")]
