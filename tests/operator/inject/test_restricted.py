"""Both sidecars keep to Pod Security's profile `restricted`, and to what it does not ask for.

The rules are those of the page "Pod Security Standards" of Kubernetes.
"""

from dataclasses import replace
from typing import Any

import pytest

from modelmonitor_operator.inject.injection import Target, inject
from modelmonitor_operator.inject.settings import InjectionSettings

VOLUME_KINDS = {"configMap", "downwardAPI", "emptyDir", "projected", "secret"}


@pytest.fixture
def injected(
    corpus: dict[str, dict[str, Any]], target: Target, settings: InjectionSettings
) -> dict[str, Any]:
    return inject(corpus["smallest"], target, settings).pod


@pytest.fixture(params=[-2, -1], ids=["collector", "proxy"])
def sidecar(request: pytest.FixtureRequest, injected: dict[str, Any]) -> dict[str, Any]:
    one: dict[str, Any] = injected["spec"]["initContainers"][request.param]
    return one


def test_it_may_do_nothing_that_the_profile_forbids(sidecar: dict[str, Any]) -> None:
    context = sidecar["securityContext"]
    assert context["allowPrivilegeEscalation"] is False
    assert context["runAsNonRoot"] is True
    assert context["runAsUser"] > 0
    assert context["capabilities"] == {"drop": ["ALL"]}
    assert context["seccompProfile"] == {"type": "RuntimeDefault"}
    assert not {"privileged", "procMount", "windowsOptions", "seLinuxOptions"} & set(context)
    assert not any("hostPort" in port for port in sidecar["ports"])


def test_it_names_no_user_where_the_platform_assigns_one(
    corpus: dict[str, dict[str, Any]], target: Target, settings: InjectionSettings
) -> None:
    """A platform with a range of users for each namespace refuses any other."""
    assigned = replace(settings, assigned_user=True)
    pods = [inject(corpus["smallest"], target, one).pod for one in (settings, assigned)]
    fixed, free = (
        [one["securityContext"] for one in pod["spec"]["initContainers"]] for pod in pods
    )

    for with_user, without in zip(fixed, free, strict=True):
        assert without == {k: v for k, v in with_user.items() if not k.startswith("runAs")} | {
            "runAsNonRoot": True
        }


def test_it_cannot_write_its_own_image(sidecar: dict[str, Any]) -> None:
    assert sidecar["securityContext"]["readOnlyRootFilesystem"] is True


def test_no_probe_names_a_host(sidecar: dict[str, Any]) -> None:
    for probe in ("startupProbe", "livenessProbe"):
        assert "host" not in sidecar.get(probe, {}).get("httpGet", {})


def test_it_gets_no_token(sidecar: dict[str, Any]) -> None:
    (mount,) = (
        one
        for one in sidecar["volumeMounts"]
        if one["mountPath"] == "/var/run/secrets/kubernetes.io/serviceaccount"
    )
    assert mount["name"] == "modelmonitor-empty"


def test_no_file_is_mounted_by_a_path_of_its_own(sidecar: dict[str, Any]) -> None:
    """Such a mount is never refreshed."""
    assert not any("subPath" in mount for mount in sidecar["volumeMounts"])


def test_requests_are_set_and_memory_is_its_own_limit(sidecar: dict[str, Any]) -> None:
    resources = sidecar["resources"]
    assert set(resources["requests"]) == {"cpu", "memory"}
    assert resources["limits"]["memory"] == resources["requests"]["memory"]


def test_only_the_proxy_is_probed(injected: dict[str, Any]) -> None:
    """A dead collector must not take the model out of its Service."""
    collector, proxy = injected["spec"]["initContainers"]
    assert not {"startupProbe", "livenessProbe", "readinessProbe"} & set(collector)
    assert "readinessProbe" not in proxy


def test_volumes_are_of_kinds_that_the_profile_allows(injected: dict[str, Any]) -> None:
    kinds = {key for one in injected["spec"]["volumes"] for key in one if key != "name"}
    assert kinds <= VOLUME_KINDS


def test_every_mount_has_its_volume(sidecar: dict[str, Any], injected: dict[str, Any]) -> None:
    volumes = {one["name"] for one in injected["spec"]["volumes"]}
    assert {mount["name"] for mount in sidecar["volumeMounts"]} == volumes
