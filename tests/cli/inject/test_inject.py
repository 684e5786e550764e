"""`modelmonitor inject`: what becomes of a file of manifests, and what is said about it."""

import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from modelmonitor_operator.inject.injection import Target
from modelmonitor_operator.inject.injection import inject as injected_pod
from modelmonitor_operator.inject.settings import InjectionSettings

Inject = Callable[..., Any]

POD = """\
metadata: {labels: {app: churn}}
spec: {containers: [{name: server, image: m, ports: [{name: http, containerPort: 8080}]}]}
"""
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: churn, namespace: team-a}
spec:
  template:
    metadata: {labels: {app: churn}}
    spec:
      containers:
      - {name: server, image: m, ports: [{name: http, containerPort: 8080}]}
"""
UNNAMED = DEPLOYMENT.replace("name: http, ", "")
SERVICE = """\
---
apiVersion: v1
kind: Service
metadata: {name: churn}
spec:
  selector: {app: churn}
  ports: [{port: 80, targetPort: 8080}]
"""


def objects(answer: Any) -> list[Any]:
    assert answer.status == 0, answer.err
    return list(yaml.safe_load_all(answer.out))


def names(pod: dict[str, Any]) -> list[str]:
    return [one["name"] for one in pod["spec"].get("initContainers", ())]


def test_a_template_becomes_what_the_cluster_would_make_of_its_pods(inject: Inject) -> None:
    (deployment,) = objects(inject(DEPLOYMENT))
    given = yaml.safe_load(DEPLOYMENT)["spec"]["template"]
    wanted = injected_pod(given, Target("churn", "http"), InjectionSettings("s:1"))
    assert deployment["spec"]["template"] == wanted.pod


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("Deployment", ["spec", "template"]),
        ("StatefulSet", ["spec", "template"]),
        ("DaemonSet", ["spec", "template"]),
        ("Job", ["spec", "template"]),
        ("CronJob", ["spec", "jobTemplate", "spec", "template"]),
        ("Pod", []),
    ],
)
def test_every_kind_of_workload_is_injected(kind: str, path: list[str], inject: Inject) -> None:
    pod = yaml.safe_load(POD)
    whole = pod
    for key in reversed(path):
        whole = {key: whole}
    metadata = {**pod["metadata"], "name": "churn"}
    text = yaml.safe_dump({"apiVersion": "v1", **whole, "kind": kind, "metadata": metadata})
    (result,) = objects(inject(text))
    for key in path:
        result = result[key]
    assert names(result) == ["modelmonitor-collector", "modelmonitor-proxy"]


def test_other_documents_stay_byte_for_byte(inject: Inject) -> None:
    before = "# a header\n%YAML 1.1\n---   # kept\nkind:   ConfigMap # as it is\ndata: {a:   'b'}\n"
    after = "---\n# another\nkind: Secret\n\n---\n---\n- no object\n"
    answer = inject(f"{before}---\n{DEPLOYMENT}{after}")
    assert answer.out.startswith(before)
    assert answer.out.endswith(after)


def test_comments_before_a_changed_document_stay_and_those_inside_are_told(inject: Inject) -> None:
    text = "# the model\n" + DEPLOYMENT.replace("spec:\n  t", "spec: # inside\n  t")
    answer = inject(text)
    assert answer.out.startswith("# the model\napiVersion")
    assert "# inside" not in answer.out
    assert "Deployment churn: its comments are lost" in answer.err.splitlines()


def test_an_injected_file_stays_as_it_is(inject: Inject) -> None:
    once = inject(DEPLOYMENT + SERVICE).out
    again = inject(once)
    assert (again.status, again.out) == (0, once)
    assert "left as it is: the sidecars are in it already" in again.err


def test_a_service_that_says_the_number_is_made_to_say_the_name(inject: Inject) -> None:
    answer = inject(DEPLOYMENT + SERVICE)
    _, service = objects(answer)
    assert service["spec"]["ports"] == [{"port": 80, "targetPort": "http"}]
    assert "Service churn: targetPort 8080 is now http" in answer.err.splitlines()


def test_an_unnamed_port_is_named_first_and_the_order_of_applying_is_told(inject: Inject) -> None:
    answer = inject(UNNAMED + SERVICE)
    deployment, service = objects(answer)
    (proxy,) = (
        one
        for one in deployment["spec"]["template"]["spec"]["initContainers"]
        if one["name"] == "modelmonitor-proxy"
    )
    assert proxy["ports"][0]["name"] == "http"
    assert service["spec"]["ports"][0]["targetPort"] == "http"
    assert (
        "Deployment churn: port 8080, which had no name, is now http; apply it and wait for its "
        "rollout before Services that say the name"
    ) in answer.err.splitlines()


def test_a_service_that_also_leads_to_pods_without_the_name_is_left(inject: Inject) -> None:
    other = DEPLOYMENT.replace("{app: churn}", "{app: churn, canary: 'no'}")
    other = other.replace("name: churn,", "name: other,").replace("name: http, ", "")
    monitor = """
apiVersion: modelmonitor.io/v1alpha1
kind: ModelMonitor
metadata: {name: churn, namespace: team-a}
spec:
  selector: {matchLabels: {app: churn, canary: 'yes'}}
  ports: [http]
"""
    watched = DEPLOYMENT.replace("{app: churn}", "{app: churn, canary: 'yes'}")
    answer = inject(f"{watched}---\n{other}{SERVICE}", monitor=monitor)
    assert answer.out.endswith(SERVICE)
    assert "Service churn: targetPort 8080 is left, past the proxy" in answer.err
    assert (
        "Deployment other: is not selected by the monitor: its pods lack canary: yes" in answer.err
    )


def test_who_routes_by_a_service_of_the_monitor_keeps_their_own(inject: Inject) -> None:
    monitor = """
apiVersion: modelmonitor.io/v1alpha1
kind: ModelMonitor
metadata: {name: churn, namespace: team-a}
spec:
  selector: {matchLabels: {app: churn}}
  ports: [http]
  routing: MonitoredService
"""
    answer = inject(DEPLOYMENT + SERVICE, monitor=monitor)
    assert answer.out.endswith(SERVICE)
    assert "Service churn" not in answer.err


def test_a_headless_service_is_told(inject: Inject) -> None:
    headless = SERVICE.replace("spec:\n", "spec:\n  clusterIP: None\n").replace("None", '"None"')
    answer = inject(DEPLOYMENT + headless)
    assert answer.out.endswith(headless)
    assert "Service churn: is headless: clients get the pods' addresses" in answer.err


@pytest.mark.parametrize("port", ["8080", "http"])
def test_a_network_policy_on_the_old_port_is_told(inject: Inject, port: str) -> None:
    policy = f"""\
---
kind: NetworkPolicy
metadata: {{name: only-http}}
spec: {{podSelector: {{}}, ingress: [{{ports: [{{port: {port}}}]}}]}}
"""
    answer = inject(DEPLOYMENT + policy)
    assert answer.out.endswith(policy)
    assert (
        f"NetworkPolicy only-http: allows port {port} and not 24080, where the traffic now "
        "arrives: add - port: 24080"
    ) in answer.err.splitlines()


def test_a_host_port_is_told(inject: Inject) -> None:
    answer = inject(DEPLOYMENT.replace("containerPort: 8080", "containerPort: 8080, hostPort: 80"))
    assert "Deployment churn: hostPort 80 leads to the app, past the proxy" in answer.err


def test_objects_of_other_namespaces_are_left(inject: Inject) -> None:
    elsewhere = DEPLOYMENT.replace("name: churn, namespace: team-a", "name: b, namespace: team-b")
    service = SERVICE.replace("{name: churn}", "{name: churn, namespace: team-b}")
    answer = inject(f"{DEPLOYMENT}---\n{elsewhere}{service}")
    assert answer.out.endswith(f"---\n{elsewhere}{service}")
    assert "Deployment b: is in namespace team-b, the monitor is in team-a: left" in answer.err


def test_nothing_to_inject_is_an_error_and_nothing_is_written(
    inject: Inject, tmp_path: Path
) -> None:
    text = DEPLOYMENT.replace("spec:\n      c", "spec:\n      hostNetwork: true\n      c")
    answer = inject(text, "-o", tmp_path / "out.yaml")
    assert answer.status == 1
    assert "Deployment churn: left as it is: it uses the node's network" in answer.err
    assert "nothing was injected" in answer.err.splitlines()[-1]
    assert not (tmp_path / "out.yaml").exists()


def test_a_list_is_left_and_told(inject: Inject) -> None:
    text = yaml.safe_dump({"kind": "List", "items": [yaml.safe_load(DEPLOYMENT)]})
    answer = inject(f"{DEPLOYMENT}---\n{text}")
    assert answer.out.endswith(text)
    assert "List without a name: is left as it is: write its items as documents" in answer.err


def test_the_result_goes_where_it_is_sent(inject: Inject, tmp_path: Path) -> None:
    answer = inject(DEPLOYMENT, "-o", tmp_path / "out.yaml")
    assert (answer.status, answer.out) == (0, "")
    assert "modelmonitor-proxy" in (tmp_path / "out.yaml").read_text()


def test_standard_input_is_read(
    call: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monitor = tmp_path / "monitor.yaml"
    monitor.write_text(
        "kind: ModelMonitor\nmetadata: {name: churn, namespace: team-a}\n"
        "spec: {selector: {matchLabels: {app: churn}}, ports: [http]}\n"
    )
    monkeypatch.setattr(sys, "stdin", io.StringIO(DEPLOYMENT))
    answer = call("inject", "-f", "-", "--monitor", monitor, "--image", "s:1")
    assert "modelmonitor-proxy" in answer.out


def test_size_ports_and_image_come_from_the_resource_and_the_values(
    inject: Inject, tmp_path: Path
) -> None:
    values = tmp_path / "values.yaml"
    values.write_text("sidecar: {image: {repository: own, tag: '2'}, ports: {proxy: 25080}}\n")
    monitor = """
apiVersion: modelmonitor.io/v1alpha1
kind: ModelMonitor
metadata: {name: churn, namespace: team-a}
spec:
  selector: {matchLabels: {app: churn}}
  ports: [http]
  sidecar: {size: Large}
"""
    (deployment,) = objects(inject(DEPLOYMENT, "--values", values, monitor=monitor, image=""))
    collector, proxy = deployment["spec"]["template"]["spec"]["initContainers"]
    assert collector["image"] == "own:2"
    assert collector["resources"]["limits"] == {"memory": "768Mi"}
    assert proxy["ports"][0]["containerPort"] == 25080


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("  ports: [http]\n", ""), "spec.ports: is missing"),
        (
            ("  selector: {matchLabels: {app: churn}}\n", ""),
            "spec.selector.matchLabels: is missing",
        ),
    ],
)
def test_a_monitor_that_selects_no_pods_is_refused(
    change: tuple[str, str], told: str, inject: Inject
) -> None:
    monitor = """
apiVersion: modelmonitor.io/v1alpha1
kind: ModelMonitor
metadata: {name: churn, namespace: team-a}
spec:
  selector: {matchLabels: {app: churn}}
  ports: [http]
"""
    answer = inject(DEPLOYMENT, monitor=monitor.replace(*change))
    assert answer.status == 1
    assert told in answer.err


def test_without_an_image_it_says_where_to_give_one(inject: Inject) -> None:
    answer = inject(DEPLOYMENT, image="")
    assert answer.status == 1
    assert "--image: is missing" in answer.err
    assert "--values" in answer.err


def test_what_is_no_image_is_refused(inject: Inject) -> None:
    answer = inject(DEPLOYMENT, image="a b")
    assert (answer.status, answer.err.count("\n")) == (1, 1)
    assert "--image: 'a b' is no image" in answer.err


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("kind: [", "is no YAML (line 1"),
        ("kind: Pod\nspec: {containers: {}}", "Pod without a name: spec.containers: is {}"),
        ("kind: Pod\nspec: {containers: [a]}", "spec.containers[0]: is 'a'; it must be a mapping"),
        (
            "kind: Pod\nspec: {containers: [{ports: [{}]}]}",
            "spec.containers[0].ports[0].containerPort",
        ),
        ("kind: Pod\nmetadata: {labels: {app: 1}}", "metadata.labels: must be a mapping of texts"),
        ("kind: Job\nspec: {template: [1]}", "spec.template: is [1]; it must be a mapping"),
        ("kind: Service\nspec: {selector: [a]}", "spec.selector: must be a mapping of texts"),
        ("kind: NetworkPolicy\nspec: {ingress: [{ports: 1}]}", "spec.ingress[0].ports: is 1"),
        ("kind: [a]", "kind: is ['a']; it must be a text"),
        ("metadata: a", "metadata: is 'a'; it must be a mapping"),
    ],
)
def test_what_cannot_be_read_is_named(text: str, told: str, inject: Inject) -> None:
    answer = inject(text)
    assert answer.status == 1
    assert told in answer.err
    assert "Traceback" not in answer.err


def test_a_missing_file_is_named(call: Callable[..., Any], tmp_path: Path) -> None:
    monitor = tmp_path / "m.yaml"
    monitor.write_text(
        "kind: ModelMonitor\nmetadata: {name: a}\n"
        "spec: {selector: {matchLabels: {a: b}}, ports: [http]}\n"
    )
    answer = call("inject", "-f", "nowhere.yaml", "--monitor", monitor, "--image", "s")
    assert (answer.status, answer.out) == (1, "")
    assert "nowhere.yaml: cannot be read" in answer.err
