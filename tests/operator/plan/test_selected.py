"""Whether some Prometheus takes the objects, and the very label that is missing."""

from typing import Any

from modelmonitor_operator.plan.selected import Selection, selection
from modelmonitor_operator.world import Binding, World

BOTH = {"PodMonitor", "PrometheusRule"}
ALL: dict[str, Any] = {"podMonitorNamespaceSelector": {}, "ruleNamespaceSelector": {}}
RELEASE = {"matchLabels": {"release": "kps"}}


def prometheus(**spec: Any) -> dict[str, Any]:
    return {"metadata": {"name": "k8s", "namespace": "monitoring"}, "spec": spec}


def selected(*servers: dict[str, Any], labels: dict[str, str] | None = None) -> Selection:
    world = World(prometheuses=servers, namespace_labels={"team": "a"})
    return selection("team-a", labels or {}, BOTH, world)


def test_empty_selectors_take_everything() -> None:
    server = prometheus(podMonitorSelector={}, ruleSelector={}, **ALL)

    assert selected(server) == Selection(
        "True", "Selected", "selected by Prometheus monitoring/k8s"
    )


def test_a_missing_label_is_named_with_the_place_to_put_it() -> None:
    server = prometheus(podMonitorSelector=RELEASE, ruleSelector=RELEASE, **ALL)

    found = selected(server)

    assert (found.status, found.reason) == ("False", "NotSelected")
    assert "with the label release: kps" in found.message
    assert "spec.prometheus.labels" in found.message
    assert selected(server, labels={"release": "kps"}).status == "True"


def test_a_selector_that_is_not_set_takes_nothing() -> None:
    assert "ruleSelector is not set" in selected(prometheus(podMonitorSelector={}, **ALL)).message


def test_without_a_selector_of_namespaces_it_takes_those_of_its_own() -> None:
    found = selected(prometheus(podMonitorSelector={}, ruleSelector={}))

    assert "takes no PodMonitor of namespace team-a" in found.message


def test_a_namespace_is_selected_by_its_labels() -> None:
    team = {"matchLabels": {"team": "a"}}
    server = prometheus(
        podMonitorSelector={},
        ruleSelector={},
        podMonitorNamespaceSelector=team,
        ruleNamespaceSelector=team,
    )

    assert selected(server).status == "True"


def test_one_prometheus_that_takes_them_is_enough() -> None:
    wants = prometheus(podMonitorSelector={}, ruleSelector={}, **ALL)

    assert selected(prometheus(), wants).status == "True"


def test_labels_that_an_expression_refuses_are_left_to_the_reader() -> None:
    never = {"matchExpressions": [{"key": "team", "operator": "Exists"}]}
    found = selected(prometheus(podMonitorSelector=never, ruleSelector=never, **ALL))

    assert "by an expression" in found.message


def test_no_prometheus_and_no_right_to_look_are_two_things() -> None:
    assert selected().reason == "NoPrometheus"
    found = selection("team-a", {}, BOTH, World(prometheuses=None))
    assert (found.status, found.reason) == ("Unknown", "MayNotLook")


def test_what_prometheus_operator_says_of_both_kinds_wins_over_what_labels_suggest() -> None:
    server = prometheus(podMonitorSelector=RELEASE, ruleSelector=RELEASE, **ALL)
    rule = Binding("PrometheusRule", "monitoring/k8s", "True")
    pods = Binding("PodMonitor", "monitoring/k8s", "True")
    refused = Binding("PodMonitor", "monitoring/k8s", "False", "invalid rule")

    def bound(*bindings: Binding) -> Selection:
        return selection("team-a", {}, BOTH, World(prometheuses=[server], bindings=bindings))

    assert bound(rule, pods).reason == "Accepted"
    assert bound(rule).reason == "NotSelected"
    assert bound(refused) == Selection(
        "False",
        "NotAccepted",
        "Prometheus monitoring/k8s does not take the PodMonitor: invalid rule",
    )
