"""What injection writes into a pod is what the sidecars' own programs take and expect."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from modelmonitor_operator.inject.injection import Target, inject
from modelmonitor_operator.inject.settings import InjectionSettings, SidecarPorts
from modelmonitor_sidecar.collect import settings as collector
from modelmonitor_sidecar.proxy import settings as proxy
from modelmonitor_sidecar.supervise.address import ANY, Address, parse_address
from modelmonitor_sidecar.testing_processes import start_proxy

ROOT = Path(__file__).resolve().parents[2]
POD = {"spec": {"containers": [{"name": "a", "ports": [{"name": "http", "containerPort": 8080}]}]}}
PORTS = SidecarPorts(25080, 25081, 25090)
ADDRESSES = "10.1.2.3,fd00::3"
"""As the downward API writes status.podIPs."""

Container = dict[str, Any]


@pytest.fixture
def injected() -> dict[str, Any]:
    settings = InjectionSettings("team/sidecar:1", ports=PORTS)
    return inject(POD, Target("churn", "http"), settings).pod


@pytest.fixture
def collector_container(injected: dict[str, Any]) -> Container:
    one: Container = injected["spec"]["initContainers"][0]
    return one


@pytest.fixture
def proxy_container(injected: dict[str, Any]) -> Container:
    one: Container = injected["spec"]["initContainers"][1]
    return one


def environment(container: Container) -> dict[str, str]:
    fields = {"status.podIPs": ADDRESSES}
    return {
        one["name"]: one["value"]
        if "value" in one
        else fields[one["valueFrom"]["fieldRef"]["fieldPath"]]
        for one in container["env"]
    }


def mounted(container: Container, file: Path) -> str:
    """The volume on which a file is."""
    (name,) = (
        mount["name"]
        for mount in container["volumeMounts"]
        if file.is_relative_to(mount["mountPath"])
    )
    assert isinstance(name, str)
    return name


def test_the_proxy_takes_its_arguments(proxy_container: Container) -> None:
    read = proxy.read_settings(proxy_container["args"], environment(proxy_container))
    assert read.listen == Address(ANY, 25080)
    assert read.admin == Address(ANY, 25081)
    assert read.monitor == "churn"
    assert {one.port for one in read.upstreams} == {8080}


def test_the_proxy_dials_from_the_pods_address_of_the_same_family(
    proxy_container: Container,
) -> None:
    read = proxy.read_settings(proxy_container["args"], environment(proxy_container))
    assert {one.host: one.source for one in read.upstreams} == {
        "127.0.0.1": "10.1.2.3",
        "::1": "fd00::3",
        "10.1.2.3": "10.1.2.3",
        "fd00::3": "fd00::3",
    }


def test_the_collector_takes_its_arguments(collector_container: Container) -> None:
    read = collector.read_settings(
        collector_container["args"], environment(collector_container), None
    )
    assert read.listen == Address(ANY, 25090)
    assert collector.is_loopback(read.status.host)
    assert read.monitor == "churn"


def test_both_find_configuration_labels_and_each_other(
    proxy_container: Container, collector_container: Container
) -> None:
    told = proxy.read_settings(proxy_container["args"], environment(proxy_container))
    heard = collector.read_settings(
        collector_container["args"], environment(collector_container), None
    )
    assert told.frames_socket == heard.socket
    for container in (proxy_container, collector_container):
        assert mounted(container, told.config_file) == "modelmonitor-config"
        assert mounted(container, heard.config_dir / "baseline.json.gz") == "modelmonitor-config"
        assert mounted(container, told.labels_file) == "modelmonitor-pod"
        assert mounted(container, heard.labels_file) == "modelmonitor-pod"
        assert mounted(container, told.frames_socket) == "modelmonitor-socket"


def test_the_labels_file_is_what_the_downward_api_writes(
    injected: dict[str, Any], proxy_container: Container
) -> None:
    read = proxy.read_settings(proxy_container["args"], environment(proxy_container))
    (volume,) = (one for one in injected["spec"]["volumes"] if one["name"] == "modelmonitor-pod")
    (item,) = volume["downwardAPI"]["items"]
    assert item == {"path": read.labels_file.name, "fieldRef": {"fieldPath": "metadata.labels"}}


def test_the_commands_are_those_of_the_package(
    proxy_container: Container, collector_container: Container
) -> None:
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    assert scripts["modelmonitor-proxy"] == "modelmonitor_sidecar.proxy.__main__:main"
    assert proxy_container["command"] == ["modelmonitor-proxy"]
    assert scripts["modelmonitor-collector"] == "modelmonitor_sidecar.collect.__main__:main"
    assert collector_container["command"] == ["modelmonitor-collector"]


def test_the_hook_reaches_the_admin_port(proxy_container: Container) -> None:
    command = proxy_container["lifecycle"]["preStop"]["exec"]["command"]
    assert command[:3] == ["modelmonitor-proxy", "drain", "--admin"]
    assert parse_address(command[3], "--admin") == Address(ANY, 25081)


def test_a_real_proxy_answers_its_probes(proxy_container: Container, tmp_path: Path) -> None:
    proxy_process = start_proxy(tmp_path, "127.0.0.1:9")
    try:
        for probe in ("startupProbe", "livenessProbe"):
            request = proxy_container[probe]["httpGet"]
            assert request["port"] == PORTS.admin
            assert proxy_process.page(request["path"]) == "ok\n"
    finally:
        assert proxy_process.end() == 0
