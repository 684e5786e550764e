"""What the API server makes of a right resource: defaults, two halves, columns, keyed lists."""

import copy
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from modelmonitor_api.spec_reading import parse_monitor

ROOT = Path(__file__).resolve().parents[2]
SELECTED = {"selector": {"matchLabels": {"app": "churn"}}, "ports": ["http"]}
BLOCK = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def resource(name: str = "churn", **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "modelmonitor.io/v1alpha1",
        "kind": "ModelMonitor",
        "metadata": {"name": name},
        "spec": SELECTED | spec,
    }


def examples() -> list[tuple[str, dict[str, Any]]]:
    """Every ModelMonitor of the pages, the tour and the integration tests."""
    pages = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
    texts = [(page, text) for page in pages for text in BLOCK.findall(page.read_text())]
    files = sorted([*ROOT.glob("demo/*.yaml"), *ROOT.glob("integration/monitors/*.yaml")])
    texts += [(file, file.read_text()) for file in files]
    return [
        (f"{place.relative_to(ROOT)}-{number}", document)
        for number, (place, text) in enumerate(texts)
        if "kind: ModelMonitor" in text
        for document in yaml.safe_load_all(text)
        if document and document.get("kind") == "ModelMonitor"
    ]


EXAMPLES = examples()


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 8


@pytest.mark.parametrize(
    "example", [one for _, one in EXAMPLES], ids=[name for name, _ in EXAMPLES]
)
def test_every_example_is_taken_and_means_the_same(example: dict[str, Any], monitors: Any) -> None:
    """Those for one machine get the pods that a cluster needs; all live in the test's namespace."""
    metadata = {key: value for key, value in example["metadata"].items() if key != "namespace"}
    spec = SELECTED | (example.get("spec") or {})
    written = example | {"metadata": metadata, "spec": spec}
    stored = monitors.try_out(written)
    assert parse_monitor(stored) == parse_monitor(written | {"metadata": stored["metadata"]})


def test_the_smallest_resource_shows_its_defaults(monitors: Any) -> None:
    stored = monitors.create(resource())
    assert stored["spec"] == SELECTED | {
        "windows": ["5m", "1h", "24h"],
        "verdict": {"falseAlarmsPerMonth": "0.1", "minimumEffect": "0.1", "confirm": 2},
        "sidecar": {"size": "Small"},
        "routing": "NamedPort",
        "suspend": False,
    }
    assert stored["metadata"]["generation"] == 1


def test_a_model_shows_its_defaults(monitors: Any) -> None:
    stored = monitors.create(
        resource(
            models=[{"name": "m", "features": [{"name": "a"}], "baselines": [{"configMap": "b"}]}]
        )
    )
    assert stored["spec"]["models"] == [
        {
            "name": "m",
            "protocol": "Auto",
            "version": {"from": "PodLabel", "label": "app.kubernetes.io/version"},
            "baselines": [{"configMap": "b", "version": ""}],
            "features": [{"name": "a", "severity": "Ticket", "ignore": False}],
            "maximumAge": "180d",
        }
    ]


def test_the_same_resource_again_changes_nothing(monitors: Any) -> None:
    stored = monitors.create(resource())
    again = copy.deepcopy(stored) | {"spec": resource()["spec"]}
    assert (
        monitors.replace(again)["metadata"]["resourceVersion"]
        == stored["metadata"]["resourceVersion"]
    )


def test_a_name_of_fifty_characters_and_a_reference_of_253_are_taken(monitors: Any) -> None:
    baselines = [{"configMap": "b" * 253}]
    written = resource("a" * 50, models=[{"name": "m" * 50, "baselines": baselines}])
    assert monitors.refusal(written) == ""


def test_five_hundred_features_are_taken_and_one_more_is_not(monitors: Any) -> None:
    features = [
        {
            "name": f"feature_{number}",
            "importance": "0.5",
            "range": {"minimum": "0", "maximum": "1e6"},
        }
        for number in range(501)
    ]
    assert monitors.refusal(resource(models=[{"name": "m", "features": features[:500]}])) == ""
    refusal = monitors.refusal(resource(models=[{"name": "m", "features": features}]))
    assert "spec.models[0].features: Too many: 501: must have at most 500 items" in refusal


def test_the_largest_resource_is_checked_within_the_budget_of_rules(monitors: Any) -> None:
    """32 models of 500 features, each of their decimals read."""
    features = [{"name": f"f{number}", "importance": "0.5"} for number in range(500)]
    models = [{"name": f"m{number}", "features": features} for number in range(32)]
    assert monitors.refusal(resource(models=models)) == ""


STATUS = {
    "observedGeneration": 1,
    "injection": "Armed",
    "conditions": [
        {
            "type": "Ready",
            "status": "True",
            "reason": "AllInPlace",
            "message": "",
            "lastTransitionTime": "2026-01-02T03:04:05Z",
            "observedGeneration": 1,
        }
    ],
    "target": {
        "pods": 3,
        "injected": 2,
        "injectedOfPods": "2/3",
        "pendingRestart": {"pods": 1, "command": "kubectl rollout restart deployment/churn"},
    },
    "models": 1,
    "features": 30,
    "series": 4_200,
    "sidecarVersions": [{"version": "0.1.0", "pods": 2}],
    "bindings": [{"kind": "PodMonitor", "prometheus": "monitoring/k8s", "accepted": "True"}],
}


def test_the_resource_and_its_status_are_written_apart(monitors: Any) -> None:
    stored = monitors.create(resource() | {"status": STATUS})
    assert "status" not in stored
    seen = monitors.replace_status(stored | {"status": STATUS, "spec": SELECTED})
    assert seen["status"] == STATUS
    assert seen["spec"] == stored["spec"]
    assert seen["metadata"]["generation"] == stored["metadata"]["generation"]


def test_a_list_of_monitors_tells_how_they_are(monitors: Any, kubectl: Any, namespace: str) -> None:
    monitors.replace_status(monitors.create(resource()) | {"status": STATUS})
    for word in ("mmon", "modelmonitoring", "modelmonitors"):
        head, row = kubectl("get", word, "-n", namespace).splitlines()
        assert head.split() == ["NAME", "READY", "INJECTED", "MODELS", "FEATURES", "AGE"]
        assert row.split()[:5] == ["churn", "True", "2/3", "1", "30"]


def test_it_is_waited_for_by_its_condition(monitors: Any, kubectl: Any, namespace: str) -> None:
    monitors.replace_status(monitors.create(resource()) | {"status": STATUS})
    kubectl("wait", "--for=condition=Ready", "mmon/churn", "-n", namespace, "--timeout=10s")


def test_every_field_is_explained(crd: None, kubectl: Any) -> None:
    told = kubectl("explain", "modelmonitor.spec.models.features.minimumEffect")
    assert "The smallest effect that matters in this feature" in told


def test_two_appliers_each_own_entries_of_one_list(
    monitors: Any, kubectl: Any, namespace: str
) -> None:
    def apply(manager: str, **models: Any) -> None:
        written = resource(models=[{"name": "m", **models}])
        words = ("apply", "--server-side", "--field-manager", manager, "-n", namespace, "-f", "-")
        kubectl(*words, read=yaml.safe_dump(written))

    apply("team", features=[{"name": "age"}], baselines=[{"configMap": "all"}])
    apply("pipeline", features=[{"name": "job"}], baselines=[{"configMap": "b3", "version": "3"}])
    apply("team", features=[{"name": "age", "ignore": True}], baselines=[{"configMap": "new"}])

    (model,) = monitors.get("churn")["spec"]["models"]
    assert [(one["name"], one["ignore"]) for one in model["features"]] == [
        ("age", True),
        ("job", False),
    ]
    assert model["baselines"] == [
        {"configMap": "new", "version": ""},
        {"configMap": "b3", "version": "3"},
    ]


def test_a_typing_error_is_told_to_whoever_applies_it(
    kubectl: Any, crd: None, namespace: str
) -> None:
    written = yaml.safe_dump(resource(verdikt={}))
    with pytest.raises(AssertionError, match=r'unknown field "spec\.verdikt"'):
        kubectl("apply", "-n", namespace, "-f", "-", read=written)
