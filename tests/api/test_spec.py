"""A ModelMonitor as written becomes dataclasses, or a sentence that names the field."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmonitor_api.errors import SpecError
from modelmonitor_api.spec import BaselineSource, Locator, Model, ModelMonitor, VerdictPolicy
from modelmonitor_api.spec_reading import parse_monitor


def resource(**spec: Any) -> dict[str, Any]:
    smallest = {"selector": {"matchLabels": {"app": "churn"}}, "ports": ["http"]}
    return {
        "apiVersion": "modelmonitor.io/v1alpha1",
        "kind": "ModelMonitor",
        "metadata": {"name": "churn", "namespace": "team-a"},
        "spec": smallest | spec,
    }


def model(**fields: Any) -> dict[str, Any]:
    return resource(models=[{"name": "m"} | fields])


def test_selector_and_ports_are_a_complete_resource() -> None:
    assert parse_monitor(resource()) == ModelMonitor(
        name="churn",
        namespace="team-a",
        selector={"app": "churn"},
        ports=("http",),
        models=(Model(name="churn"),),
        windows=("5m", "1h", "24h"),
        verdict=VerdictPolicy(0.1, 0.1, 2),
    )


def test_everything_that_was_written_arrives() -> None:
    monitor = parse_monitor(
        resource(
            models=[
                {
                    "name": "churn",
                    "match": {"paths": ["/v1/models/churn:predict", "/x/*"]},
                    "protocol": "V1",
                    "version": {"from": "Fixed", "value": "3"},
                    "baselines": [{"configMap": "churn-baseline", "version": "3"}],
                    "features": [
                        {
                            "name": "age",
                            "kind": "numeric",
                            "range": {"minimum": "0", "maximum": "120"},
                            "allowedValues": ["a"],
                            "importance": "0.5",
                            "severity": "Page",
                        }
                    ],
                    "prediction": {"output": "predict"},
                    "score": {"index": 1, "severity": "Page"},
                    "maximumAge": "30d",
                }
            ],
            windows=["1h", "5m"],
            verdict={"falseAlarmsPerMonth": "1", "minimumEffect": "0.2", "confirm": 3},
            objectives={"availability": "99.9", "latency": {"milliseconds": 250}},
            prometheus={"labels": {"release": "p"}},
            grafana={"folder": "Models"},
            sidecar={"size": "Medium"},
            routing="MonitoredService",
            suspend=True,
        )
    )
    (churn,) = monitor.models
    assert churn.paths == ("/v1/models/churn:predict", "/x/*")
    assert churn.version.value == "3"
    assert churn.features[0].minimum == 0.0
    assert churn.features[0].maximum == 120.0
    assert churn.prediction is not None
    assert churn.prediction.locator == Locator(output="predict")
    assert churn.score is not None
    assert churn.score.locator == Locator(index=1)
    assert churn.maximum_age_seconds == 30 * 86_400
    assert monitor.windows == ("5m", "1h")
    assert monitor.objectives.latency_milliseconds == 250
    assert monitor.objectives.availability_percent == 99.9
    assert (monitor.sidecar_size, monitor.routing, monitor.suspend) == (
        "Medium",
        "MonitoredService",
        True,
    )


WRONG: list[tuple[dict[str, Any], str]] = [
    (resource(windows=["15m"]), r"spec\.windows\[0\]: is '15m'; it must be one of 1m, 5m"),
    (resource(windows="5m"), r"spec\.windows: is '5m'; it must be a list"),
    (resource(ports=[8080]), r"spec\.ports\[0\]: is 8080; it must be a text"),
    (resource(selector={"matchLabels": {"a": 1}}), r"spec\.selector\.matchLabels: .*quotes"),
    (resource(selector={"matchExpressions": []}), r"spec\.selector\.matchExpressions: is no field"),
    (resource(selector=["a"]), r"spec\.selector: is \['a'\]; it must be a mapping"),
    (resource(verdict={"confirm": 0}), r"spec\.verdict\.confirm: is 0; .* from 1 to 10"),
    (resource(verdict={"confirm": True}), r"spec\.verdict\.confirm: is True"),
    (
        resource(verdict={"minimumEffect": 0.1}),
        r"spec\.verdict\.minimumEffect: .*decimal in quotes",
    ),
    (resource(verdict={"minimumEffect": "x"}), r"spec\.verdict\.minimumEffect: 'x' is no decimal"),
    (resource(verdict={"falseAlarmsPerMonth": "0"}), r"falseAlarmsPerMonth: is 0; it must be from"),
    (resource(suspend="yes"), r"spec\.suspend: is 'yes'; it must be true or false"),
    (resource(sidecar={"size": "Huge"}), r"spec\.sidecar\.size: is 'Huge'; .*Small, Medium, Large"),
    (resource(sidecar={"image": "x"}), r"spec\.sidecar\.image: is no field .*known here are: size"),
    (
        resource(windws=["5m"]),
        r"spec\.windws: is no field of the resource; known here are: .*windows",
    ),
    (
        resource(models=[{"name": "a"}, {"name": "a"}]),
        r"spec\.models\[1\]\.name: 'a' is there twice",
    ),
    (resource(models=["a"]), r"spec\.models\[0\]: is 'a'; it must be a mapping"),
    (resource(models=[{}]), r"spec\.models\[0\]\.name: is missing"),
    (resource(models=[{"name": "A b"}]), r"spec\.models\[0\]\.name: is 'A b'; .*lower-case"),
    (model(protocol="SOAP"), r"models\[0\]\.protocol: is 'SOAP'; it must be one of Auto, OpenInf"),
    (model(match={"paths": ["predict"]}), r"models\[0\]\.match\.paths\[0\]: .*start with '/'"),
    (model(match={"paths": ["/a*b"]}), r"models\[0\]\.match\.paths\[0\]: .*may only end it"),
    (model(version={"from": "ResponseField"}), r"models\[0\]\.version\.path: is needed"),
    (model(version={"from": "Fixed"}), r"models\[0\]\.version\.value: is needed"),
    (model(version={"from": "Git"}), r"models\[0\]\.version\.from: is 'Git'"),
    (model(prediction={}), r"models\[0\]\.prediction: needs exactly one of path, output and index"),
    (model(prediction={"path": "a", "index": 1}), r"models\[0\]\.prediction: needs exactly one"),
    (model(score={"index": -1}), r"models\[0\]\.score\.index: is -1"),
    (model(features=[{"name": "a", "kind": "date"}]), r"features\[0\]\.kind: is 'date'"),
    (model(features=[{"name": "a"}, {"name": "a"}]), r"features\[1\]\.name: 'a' is there twice"),
    (model(features=[{"kind": "text"}]), r"features\[0\]\.name: is missing"),
    (
        model(features=[{"name": "a", "importance": "2"}]),
        r"importance: is 2; it must be from 0 to 1",
    ),
    (model(baselines=[{"configMap": "X"}]), r"baselines\[0\]\.configMap: is 'X'"),
    (model(features=[{"name": "a", "range": {"minimum": 1}}]), r"range\.minimum: is 1; .*quotes"),
    (model(maximumAge="half a year"), r"models\[0\]\.maximumAge: 'half a year' is no duration"),
    (model(maximumAge="23h"), r"models\[0\]\.maximumAge: is 23h; it must be from 1d to 3650d"),
    (model(maximumAge="3651d"), r"models\[0\]\.maximumAge: is 3651d; it must be from 1d to"),
    (model(maximumAge=180), r"models\[0\]\.maximumAge: is 180; it must be a text"),
    (resource(objectives={"availability": "101"}), r"objectives\.availability: is 101"),
    (resource(objectives={"latency": {"milliseconds": "x"}}), r"latency\.milliseconds: is 'x'"),
]


@pytest.mark.parametrize(("wrong", "sentence"), WRONG, ids=[s for _, s in WRONG])
def test_a_wrong_field_is_named_with_its_remedy(wrong: dict[str, Any], sentence: str) -> None:
    with pytest.raises(SpecError, match=sentence):
        parse_monitor(wrong)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"apiVersion": "v2"}, "apiVersion: is 'v2'; it must be modelmonitor.io/v1alpha1"),
        ({"kind": "Pod"}, "kind: is 'Pod'; it must be ModelMonitor"),
        ({"metadata": {}}, "metadata.name: is missing"),
        ({"metadata": {"name": "a" * 51}}, "at most 50 characters"),
        ({"spec": "x"}, "spec: is 'x'; it must be a mapping"),
    ],
)
def test_a_wrong_envelope_is_named(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(SpecError, match=sentence):
        parse_monitor(resource() | change)


@pytest.mark.parametrize(
    ("written", "seconds"),
    [({}, 15_552_000), ({"maximumAge": "1d"}, 86_400), ({"maximumAge": "3650d"}, 315_360_000)],
)
def test_a_baseline_may_be_from_a_day_to_ten_years_old_and_half_a_year_by_default(
    written: dict[str, str], seconds: int
) -> None:
    (only,) = parse_monitor(model(**written)).models
    assert only.maximum_age_seconds == seconds
    assert written or only == Model("m")


def test_an_empty_version_of_a_baseline_is_every_version() -> None:
    (only,) = parse_monitor(model(baselines=[{"configMap": "a", "version": ""}])).models
    assert only.baselines == (BaselineSource("a", None),)


def test_one_baseline_may_serve_several_versions() -> None:
    shared = [{"configMap": "a", "version": "3"}, {"configMap": "a"}]
    (only,) = parse_monitor(model(baselines=shared)).models
    assert only.baselines == (BaselineSource("a", "3"), BaselineSource("a", None))


def test_five_hundred_features_pass_and_one_more_does_not() -> None:
    features = [{"name": f"f{number}"} for number in range(501)]
    (only,) = parse_monitor(model(features=features[:500])).models
    assert len(only.features) == 500
    with pytest.raises(SpecError, match=r"features: holds 501 entries; it must hold at most 500"):
        parse_monitor(model(features=features))


def test_sidecars_take_longer_lists_of_a_newer_operator() -> None:
    newer = resource(ports=["http", "admin"])
    assert parse_monitor(newer, strict=False).ports == ("http", "admin")


def test_a_name_of_fifty_characters_passes() -> None:
    assert parse_monitor(resource() | {"metadata": {"name": "a" * 50}}).name == "a" * 50


def test_sidecars_pass_over_fields_of_a_newer_operator() -> None:
    newer = resource(newField=1, models=[{"name": "m", "alsoNew": {}}])
    assert parse_monitor(newer, strict=False).models[0].name == "m"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=10,
)
KEYS = ["selector", "ports", "models", "windows", "verdict", "objectives", "prometheus", "sidecar"]


@given(st.dictionaries(st.sampled_from(KEYS), JSON))
def test_no_resource_whatever_raises_anything_but_a_sentence(spec: dict[str, Any]) -> None:
    refused = ["spec"]
    try:
        parse_monitor(resource(**spec))
    except SpecError as error:
        refused.append(error.where)
    assert all(where.startswith("spec") for where in refused)
