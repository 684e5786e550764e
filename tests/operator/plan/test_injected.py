"""What condition Injected says of the pods: which are to be made anew, and how."""

from modelmonitor_operator.plan.planning import plan
from modelmonitor_operator.testing_monitors import (
    SETTINGS,
    monitor,
    pod,
    pod_template,
)
from modelmonitor_operator.testing_plans import ANNOTATED, SERVED, seen, told
from modelmonitor_operator.world import (
    SeenPod,
    Workload,
    World,
)


def test_pods_of_before_the_annotations_are_to_be_restarted() -> None:
    image = SETTINGS.injection.image
    old, new = (pod(name, image) for name in ("churn-1", "churn-2"))
    new["metadata"]["annotations"] = {"prometheus.io/scrape": "true"}
    pods = [SeenPod(one["metadata"]["name"], one, "ReplicaSet", image) for one in (old, new)]

    finding = told(plan(monitor(), World(pods=pods), ANNOTATED), "Injected")

    assert finding.reason == "PendingRestart"
    assert "1 of 2 pods" in finding.message
    assert told(plan(monitor(), World(pods=pods), SETTINGS), "Injected").reason == "Injected"


def test_a_workload_that_opted_out_is_not_to_be_restarted() -> None:
    labels = {"app": "churn", "modelmonitor.io/inject": "false"}
    out = Workload("Deployment", "out", pod_template(labels))
    world = World(workloads=[*SERVED.workloads, out], pods=[seen("churn-1", None)])

    message = told(plan(monitor(), world, SETTINGS), "Injected").message

    assert message.endswith("kubectl -n team-a rollout restart deployment/churn")


def test_a_pod_whose_owner_says_how_to_scrape_it_is_as_a_new_one_would_be() -> None:
    image, own = SETTINGS.injection.image, pod("churn-1", SETTINGS.injection.image)
    own["metadata"]["annotations"] = {"prometheus.io/port": "8080"}
    world = World(pods=[SeenPod("churn-1", own, "ReplicaSet", image)])

    assert told(plan(monitor(), world, ANNOTATED), "Injected").reason == "Injected"


def test_pods_without_sidecars_are_counted_and_the_command_is_told() -> None:
    image = SETTINGS.injection.image
    world = World(
        workloads=[Workload("Deployment", "churn", pod_template())],
        pods=[seen("churn-1", None), seen("churn-2", image), seen("churn-3", "old:0")],
    )

    finding = told(plan(monitor(), world, SETTINGS), "Injected")

    assert (finding.status, finding.reason) == ("False", "PendingRestart")
    assert "2 of 3 pods" in finding.message
    assert "kubectl -n team-a rollout restart deployment/churn" in finding.message


def test_pods_that_belong_to_nothing_have_to_be_made_anew() -> None:
    world = World(pods=[SeenPod("alone", pod("alone"), None, None)])

    finding = told(plan(monitor(), world, SETTINGS), "Injected")

    assert "kubectl -n team-a delete pod/alone" in finding.message


def test_a_suspended_monitor_tells_how_the_sidecars_come_out() -> None:
    image = SETTINGS.injection.image
    world = World(workloads=SERVED.workloads, pods=[seen("churn-1", None), seen("churn-2", image)])

    finding = told(plan(monitor(suspend=True), world, SETTINGS), "Injected")

    assert (finding.status, finding.reason) == ("True", "StillInjected")
    assert finding.message.startswith("1 of 2 pods still have sidecars")
    assert finding.message.endswith(": kubectl -n team-a rollout restart deployment/churn")


def test_sidecars_that_stand_in_a_manifest_are_for_no_restart_to_change() -> None:
    written = pod("churn-1", "written:1")
    template = {"metadata": written["metadata"], "spec": written["spec"]}
    world = World(
        workloads=[Workload("Deployment", "churn", template)], pods=[seen("churn-1", "written:1")]
    )

    for suspend in (False, True):
        finding = told(plan(monitor(suspend=suspend), world, SETTINGS), "Injected")
        assert (finding.status, finding.reason) == ("True", "Injected")


def test_pods_that_opted_out_are_named_where_there_are_no_others() -> None:
    out = pod("churn-1")
    out["metadata"]["labels"]["modelmonitor.io/inject"] = "false"
    world = World(pods=[SeenPod("churn-1", out, "ReplicaSet", None)])

    finding = told(plan(monitor(), world, SETTINGS), "Injected")

    assert (finding.status, finding.reason) == ("Unknown", "OptedOut")
    assert 'all 1 pods bear the label modelmonitor.io/inject: "false"' in finding.message
