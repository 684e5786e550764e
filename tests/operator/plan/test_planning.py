"""What is made for a monitor, and what is said of it, from one picture of the world."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from modelmonitor_operator.kinds import (
    CONFIG_MAP,
    OPTIONAL,
    PROMETHEUS_RULE,
    Reference,
)
from modelmonitor_operator.plan.planning import findings, injection_state, plan
from modelmonitor_operator.testing_monitors import (
    SETTINGS,
    baseline,
    monitor,
    wide_baseline,
    with_settings,
)
from modelmonitor_operator.testing_plans import GRAFANA, SERVED, made, names, told
from modelmonitor_operator.world import (
    KnownBaseline,
    OwnedObject,
    SeenBaseline,
    World,
)


def test_the_smallest_monitor_gets_configuration_scraping_rules_and_a_dashboard() -> None:
    planned = plan(monitor(), SERVED, SETTINGS)

    assert names(planned) == [
        "ConfigMap churn-modelmonitor",
        "PodMonitor churn-modelmonitor",
        "PrometheusRule churn-modelmonitor",
        "ConfigMap churn-modelmonitor-dashboard",
    ]
    assert injection_state(planned.draft) == "Armed"
    assert told(planned, "Ready").status == "True"


def test_every_object_belongs_to_the_monitor_and_says_so() -> None:
    settings = with_settings(render=GRAFANA)
    planned = plan(monitor(routing="MonitoredService"), SERVED, settings)

    assert len(planned.apply) == 6
    for one in planned.apply:
        metadata = one.manifest()["metadata"]
        (owner,) = metadata["ownerReferences"]
        assert (owner["kind"], owner["name"], owner["uid"]) == (
            "ModelMonitor",
            "churn",
            "uid-of-churn",
        )
        assert metadata["labels"]["modelmonitor.io/monitor"] == "churn"
        assert metadata["labels"]["modelmonitor.io/monitor-uid"] == "uid-of-churn"
        assert metadata["annotations"]["modelmonitor.io/fingerprint"] == one.fingerprint
        assert (metadata["namespace"], metadata["name"]) == ("team-a", one.reference.name)


def test_a_name_of_fifty_characters_makes_names_that_kubernetes_takes() -> None:
    planned = plan(monitor("m" * 50), SERVED, SETTINGS)

    assert all(len(one.reference.name) <= 253 for one in planned.apply)
    labels = made(planned, f"ConfigMap {'m' * 50}-modelmonitor")["metadata"]["labels"]
    assert all(len(value) <= 63 for value in labels.values())


@given(
    st.sampled_from(["5m", "1h", "24h"]),
    st.booleans(),
    st.sets(st.sampled_from(OPTIONAL)),
)
def test_the_same_monitor_in_the_same_world_has_the_same_plan(
    window: str, suspend: bool, served: set[Any]
) -> None:
    resource = monitor(windows=[window], suspend=suspend)
    world = World(served=frozenset(served))

    one, other = plan(resource, world, SETTINGS), plan(resource, world, SETTINGS)

    assert [(o.reference, o.fingerprint) for o in one.apply] == [
        (o.reference, o.fingerprint) for o in other.apply
    ]
    assert findings(one.draft, {}) == findings(other.draft, {})


def test_the_fingerprint_changes_with_what_an_object_is_made_from_and_with_nothing_else() -> None:
    def by_name(resource: dict[str, Any]) -> dict[str, str]:
        return {str(o.reference): o.fingerprint for o in plan(resource, SERVED, SETTINGS).apply}

    before = by_name(monitor())
    labelled = by_name(monitor(prometheus={"labels": {"release": "kps"}}))
    changed = {name for name in before if before[name] != labelled[name]}

    assert changed == {
        "ConfigMap churn-modelmonitor",
        "PodMonitor churn-modelmonitor",
        "PrometheusRule churn-modelmonitor",
    }


def test_another_version_of_the_operator_looks_at_every_object_anew() -> None:
    old = plan(monitor(), SERVED, SETTINGS).apply
    new = plan(monitor(), SERVED, with_settings(version="2")).apply

    assert not {o.fingerprint for o in old} & {o.fingerprint for o in new}


def test_what_is_no_longer_wanted_is_deleted() -> None:
    reference = Reference(CONFIG_MAP, "team-a", "churn-modelmonitor-rules")
    world = World(owned=[OwnedObject(reference, "1")])

    assert plan(monitor(), world, SETTINGS).delete == (OwnedObject(reference, "1"),)


def test_a_spec_that_cannot_be_read_changes_no_object_and_injects_no_pod() -> None:
    resource = monitor(windows=["3m"])
    owned = OwnedObject(Reference(PROMETHEUS_RULE, "team-a", "churn-modelmonitor"), "1")

    planned = plan(resource, World(owned=[owned]), SETTINGS)

    assert (planned.apply, planned.delete) == ((), ())
    assert injection_state(planned.draft) == "Disarmed"
    assert told(planned, "SpecValid").message.startswith("spec.windows[0]: ")
    assert told(planned, "Ready").reason == "Invalid"


def test_a_monitor_that_selects_nothing_is_told_so() -> None:
    resource = monitor()
    del resource["spec"]["ports"]

    planned = plan(resource, SERVED, SETTINGS)

    assert told(planned, "SpecValid").message.startswith("spec.ports: is missing")


def test_a_refused_object_is_named_with_the_words_of_the_api_server() -> None:
    planned = plan(monitor(), SERVED, SETTINGS)
    rule = Reference(PROMETHEUS_RULE, "team-a", "churn-modelmonitor")

    finding = told(planned, "RulesApplied", {rule: "no such expression"})

    assert (finding.status, finding.reason) == ("False", "Refused")
    assert finding.message == "PrometheusRule churn-modelmonitor: no such expression"
    assert told(planned, "Ready", {rule: "no such expression"}).reason == "Refused"


def test_a_refused_configuration_keeps_the_monitor_from_being_ready() -> None:
    planned = plan(monitor(), SERVED, SETTINGS)
    reference = Reference(CONFIG_MAP, "team-a", "churn-modelmonitor")

    assert told(planned, "Ready", {reference: "too large"}).message == (
        "ConfigMap churn-modelmonitor: too large"
    )


def test_a_baseline_that_has_no_room_in_a_config_map_is_told_with_what_to_do() -> None:
    model = {"name": "churn", "baselines": [{"configMap": "b"}]}
    large = KnownBaseline(wide_baseline(500, 800), "aabbccdd", source_bytes=800 << 10)

    planned = plan(monitor(models=[model]), World(baselines={"b": SeenBaseline(large)}), SETTINGS)

    finding = told(planned, "BaselinesLoaded")
    assert (finding.status, finding.reason) == ("False", "TooLarge")
    assert "the baseline of churn for all versions: build smaller baselines" in finding.message
    assert "binaryData" not in made(planned, "ConfigMap churn-modelmonitor")
    assert told(planned, "Ready").status == "True"


def test_a_baseline_in_use_is_in_the_configuration_of_the_sidecars() -> None:
    model = {"name": "churn", "baselines": [{"configMap": "b"}]}
    world = World(baselines={"b": SeenBaseline(KnownBaseline(baseline(), "aabbccdd"))})

    planned = plan(monitor(models=[model]), world, SETTINGS)

    config = json.loads(made(planned, "ConfigMap churn-modelmonitor")["data"]["config.json"])
    assert [one["model"] for one in config["baselines"]] == ["churn"]
    assert told(planned, "BaselinesLoaded").reason == "Loaded"
