"""A pod with the sidecars in it: what is added, what is changed, what is kept."""

import copy
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmonitor_operator.inject.injection import Target, inject
from modelmonitor_operator.inject.settings import InjectionSettings
from modelmonitor_operator.inject.sidecars import VOLUMES

Pod = dict[str, Any]

SETTINGS = InjectionSettings("team/sidecar:1")
TARGET = Target("churn", "http")
PROBES = ("readinessProbe", "livenessProbe", "startupProbe")


def expected(pod: Pod) -> str | None:
    reason: str | None = (pod["metadata"].get("annotations") or {}).get("expect")
    return reason


def container(pod: Pod, name: str) -> Pod:
    spec = pod["spec"]
    found: list[Pod] = [*spec["containers"], *(spec.get("initContainers") or ())]
    (one,) = (entry for entry in found if entry["name"] == name)
    return one


def without_sidecars(pod: Pod, before: Pod) -> Pod:
    """Injection undone by what is known of it; `before` says which lists were there."""
    pod = copy.deepcopy(pod)
    spec, metadata = pod["spec"], pod["metadata"]
    spec["initContainers"] = spec["initContainers"][:-2]
    spec["volumes"] = [one for one in spec["volumes"] if one["name"] not in VOLUMES]
    for one in spec["containers"]:
        for port in one.get("ports") or ():
            port["name"] = "http" if port.get("name") == "mm-app-0" else port.get("name")
            if port["name"] is None:
                del port["name"]
    del metadata["annotations"]["modelmonitor.io/injected"]
    metadata["labels"].pop("modelmonitor.io/monitor")
    label = before["metadata"]["labels"].get("modelmonitor.io/monitor")
    if label:
        metadata["labels"]["modelmonitor.io/monitor"] = label
    for key, value in (("initContainers", spec), ("volumes", spec), ("annotations", metadata)):
        there = before["spec"] if value is spec else before["metadata"]
        if key not in there:
            assert not value.pop(key)
    return pod


def by_number(pod: Pod) -> Pod:
    """The pod as its owner would write it without the name of the port in probes and hooks."""
    pod = copy.deepcopy(pod)
    for one in pod["spec"]["containers"]:
        numbers = {port.get("name"): port["containerPort"] for port in one.get("ports") or ()}
        handlers = [one.get(probe) for probe in PROBES]
        handlers += [(one.get("lifecycle") or {}).get(hook) for hook in ("preStop", "postStart")]
        for handler in handlers:
            for way in ("httpGet", "tcpSocket"):
                if handler and handler.get(way, {}).get("port") == "http" and "http" in numbers:
                    handler[way]["port"] = numbers["http"]
    return pod


def test_the_corpus_is_injected_or_skipped_for_the_reason_it_says(pod: Pod) -> None:
    skip = inject(pod, TARGET, SETTINGS).skip
    assert (skip and skip.reason.value) == expected(pod)


def test_nothing_of_the_owners_is_lost_or_changed_but_the_ports_name(pod: Pod) -> None:
    result = inject(pod, TARGET, SETTINGS)
    back = result.pod if result.skip else without_sidecars(result.pod, pod)
    assert back == (pod if result.skip else by_number(pod))


def test_a_second_time_changes_nothing(pod: Pod) -> None:
    once = inject(pod, TARGET, SETTINGS).pod
    twice = inject(once, TARGET, SETTINGS)
    assert twice.pod == once
    assert twice.skip is not None


def test_the_given_pod_is_not_touched(pod: Pod) -> None:
    before = copy.deepcopy(pod)
    inject(pod, TARGET, SETTINGS)
    assert pod == before


def test_the_name_leads_to_the_proxy_and_only_there(pod: Pod) -> None:
    result = inject(pod, TARGET, SETTINGS)
    if result.skip:
        return
    spec = result.pod["spec"]
    native = [one for one in spec["initContainers"] if one.get("restartPolicy") == "Always"]
    holders = [
        (one["name"], port["containerPort"])
        for one in [*spec["containers"], *native]
        for port in one.get("ports") or ()
        if port.get("name") == "http" and port.get("protocol") != "UDP"
    ]
    assert holders == [("modelmonitor-proxy", 24080)]


def test_the_sidecars_are_the_last_of_the_init_containers(corpus: dict[str, Pod]) -> None:
    pod = inject(corpus["init-containers"], TARGET, SETTINGS).pod
    assert [one["name"] for one in pod["spec"]["initContainers"]] == [
        "fetch",
        "check",
        "modelmonitor-collector",
        "modelmonitor-proxy",
    ]


def test_probes_that_name_the_port_get_its_number(corpus: dict[str, Pod]) -> None:
    server = container(inject(corpus["http-probes-by-name"], TARGET, SETTINGS).pod, "server")
    assert [server[probe]["httpGet"]["port"] for probe in PROBES] == [8080, 8080, 8080]
    assert server["livenessProbe"]["httpGet"]["httpHeaders"] == [{"name": "X-Probe", "value": "1"}]
    assert "host" not in server["startupProbe"]["httpGet"]


def test_hooks_that_name_the_port_get_its_number(corpus: dict[str, Pod]) -> None:
    server = container(inject(corpus["hooks-by-name"], TARGET, SETTINGS).pod, "server")
    assert server["lifecycle"]["preStop"]["httpGet"] == {"path": "/stop", "port": 8080}
    assert server["lifecycle"]["postStart"]["httpGet"] == {"path": "/warm", "port": 8080}


def test_other_ports_keep_name_and_probes(corpus: dict[str, Pod]) -> None:
    server = container(inject(corpus["several-ports"], TARGET, SETTINGS).pod, "server")
    assert [port.get("name") for port in server["ports"]] == [None, "metrics", "mm-app-0", "dns"]
    assert server["readinessProbe"]["httpGet"]["port"] == "metrics"


def test_a_probe_of_a_neighbour_is_its_own_affair(corpus: dict[str, Pod]) -> None:
    pod = inject(corpus["neighbour-with-a-probe-of-that-name"], TARGET, SETTINGS).pod
    assert container(pod, "helper")["livenessProbe"]["httpGet"]["port"] == "http"


def test_the_proxy_is_told_the_apps_number(corpus: dict[str, Pod]) -> None:
    pod = inject(corpus["second-container-serves"], TARGET, SETTINGS).pod
    arguments = container(pod, "modelmonitor-proxy")["args"]
    assert arguments[:2] == ["--upstream", "8080"]
    assert pod["metadata"]["annotations"]["modelmonitor.io/injected"] == "http:8080"


def test_the_monitors_own_objects_are_named_by_the_monitor(corpus: dict[str, Pod]) -> None:
    pod = inject(corpus["smallest"], Target("of-team-a.churn", "http"), SETTINGS).pod
    (config,) = (one for one in pod["spec"]["volumes"] if one["name"] == "modelmonitor-config")
    assert config["configMap"] == {"name": "of-team-a.churn-modelmonitor", "optional": True}
    assert pod["metadata"]["labels"]["modelmonitor.io/monitor"] == "of-team-a.churn"


@pytest.mark.parametrize(
    ("size", "memory"), [("Small", "128Mi"), ("Medium", "192Mi"), ("Large", "256Mi")]
)
def test_the_size_decides_the_resources(size: Any, memory: str, corpus: dict[str, Pod]) -> None:
    pod = inject(corpus["smallest"], Target("churn", "http", size), SETTINGS).pod
    resources = container(pod, "modelmonitor-proxy")["resources"]
    assert resources["requests"]["memory"] == memory
    assert resources["limits"] == {"memory": memory}


ANNOTATED = replace(SETTINGS, scrape_by="Annotations")
SCRAPED = {
    "prometheus.io/scrape": "true",
    "prometheus.io/port": "24081",
    "prometheus.io/path": "/metrics",
}


def annotations(pod: Pod, settings: InjectionSettings) -> dict[str, str]:
    found: dict[str, str] = inject(pod, TARGET, settings).pod["metadata"]["annotations"]
    return found


def test_pods_are_annotated_for_a_prometheus_alone_where_that_is_asked_for(
    corpus: dict[str, Pod],
) -> None:
    assert SCRAPED.items() <= annotations(corpus["smallest"], ANNOTATED).items()
    assert not SCRAPED.keys() & annotations(corpus["smallest"], SETTINGS).keys()


@pytest.mark.parametrize("name", ["scraped-by-its-owner", "scraped-at-a-path"])
def test_whoever_has_the_app_scraped_keeps_that(name: str, corpus: dict[str, Pod]) -> None:
    own = corpus[name]["metadata"]["annotations"]
    marked = annotations(corpus[name], ANNOTATED)
    assert marked == {**own, "modelmonitor.io/injected": "http:8080"}


NAMES = st.sampled_from(["http", "grpc", "mm-proxy", None])
PORTS = st.lists(
    st.fixed_dictionaries(
        {"containerPort": st.sampled_from([80, 8080, 24081])},
        optional={"name": NAMES, "protocol": st.sampled_from(["TCP", "UDP"])},
    ),
    max_size=3,
)
HANDLER = st.fixed_dictionaries(
    {}, optional={"httpGet": st.just({"port": "http"}), "tcpSocket": st.just({"port": 8080})}
)
CONTAINERS = st.fixed_dictionaries(
    {"name": st.sampled_from(["a", "b", "modelmonitor-proxy"])},
    optional={
        "ports": st.none() | PORTS,
        "readinessProbe": st.none() | HANDLER,
        "lifecycle": st.none() | st.fixed_dictionaries({}, optional={"preStop": HANDLER}),
        "restartPolicy": st.just("Always"),
    },
)
ANY_POD = st.fixed_dictionaries(
    {
        "spec": st.fixed_dictionaries(
            {"containers": st.lists(CONTAINERS, max_size=3)},
            optional={
                "initContainers": st.none() | st.lists(CONTAINERS, max_size=2),
                "volumes": st.none() | st.just([{"name": "v"}]),
                "future": st.integers(),
            },
        )
    },
    optional={
        "metadata": st.none() | st.just({}) | st.just({"labels": None, "name": "x"}),
        "status": st.just({"phase": "Pending"}),
    },
)


@given(ANY_POD)
def test_any_pod_comes_out_injected_once_or_as_it_was(pod: Pod) -> None:
    before = copy.deepcopy(pod)
    result = inject(pod, TARGET, SETTINGS)
    assert pod == before
    if result.skip:
        assert result.pod == before
        return
    names = [one["name"] for one in result.pod["spec"]["initContainers"]]
    assert names[-2:] == ["modelmonitor-collector", "modelmonitor-proxy"]
    assert {key: value for key, value in result.pod.items() if key not in ("metadata", "spec")} == {
        key: value for key, value in before.items() if key not in ("metadata", "spec")
    }
    assert result.pod["spec"].get("future") == before["spec"].get("future")
    assert inject(result.pod, TARGET, SETTINGS).pod == result.pod
