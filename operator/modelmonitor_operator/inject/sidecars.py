"""The two containers and the four volumes that are added to a pod, as templates.

Every field is here because something broke or was refused without it; docs/injection.md has the
reasons.  It refuses to know the pod they are added to.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from modelmonitor_api.names import (
    CONFIG_DIR,
    CONTAINER_COLLECTOR,
    CONTAINER_PROXY,
    ENV_MONITOR,
    ENV_POD_IP,
    FRAMES_SOCKET,
    LABELS_FILE,
    PATH_ALIVE,
    PATH_STARTED,
    PORT_NAME_COLLECTOR,
    PORT_NAME_PROXY,
)
from modelmonitor_api.spec import SidecarSize
from modelmonitor_operator.inject.settings import InjectionSettings, Resources
from modelmonitor_operator.inject.template import BySize, Slot, Template

VOLUME_CONFIG: Final = "modelmonitor-config"
VOLUME_POD: Final = "modelmonitor-pod"
VOLUME_SOCKET: Final = "modelmonitor-socket"
VOLUME_EMPTY: Final = "modelmonitor-empty"
VOLUMES: Final = (VOLUME_CONFIG, VOLUME_POD, VOLUME_SOCKET, VOLUME_EMPTY)

USER: Final = 65_532
TOKEN_DIR: Final = "/var/run/secrets/kubernetes.io/serviceaccount"  # noqa: S105 (a folder)

_LABELS_DIR, _, _LABELS_KEY = LABELS_FILE.rpartition("/")
_SOCKET_DIR, _, _ = FRAMES_SOCKET.rpartition("/")


def sidecar_containers(settings: InjectionSettings) -> tuple[Template, Template]:
    """The collector, then the proxy: the last to start, and with the collector there to hear it."""
    return _collector(settings), _proxy(settings)


def sidecar_volumes() -> tuple[Template, ...]:
    """What they mount, in the order of `VOLUMES`."""
    labels: Template = {"path": _LABELS_KEY, "fieldRef": {"fieldPath": "metadata.labels"}}
    return (
        {"name": VOLUME_CONFIG, "configMap": {"name": Slot.CONFIG_MAP, "optional": True}},
        {"name": VOLUME_POD, "downwardAPI": {"items": [labels]}},
        {"name": VOLUME_SOCKET, "emptyDir": {"medium": "Memory", "sizeLimit": "1Mi"}},
        {"name": VOLUME_EMPTY, "emptyDir": {"sizeLimit": "1Mi"}},
    )


def _collector(settings: InjectionSettings) -> Template:
    port = settings.ports.collector
    sized = {size: _resources(pair.collector) for size, pair in settings.sizes.items()}
    return {
        **_container(CONTAINER_COLLECTOR, ["--listen", f"*:{port}"], settings, sized),
        "ports": [_port(PORT_NAME_COLLECTOR, port)],
    }


def _proxy(settings: InjectionSettings) -> Template:
    ports, admin = settings.ports, f"*:{settings.ports.admin}"
    sized = {size: _resources(pair.proxy) for size, pair in settings.sizes.items()}
    drain: Template = {"exec": {"command": [CONTAINER_PROXY, "drain", "--admin", admin]}}
    arguments: list[Template] = [
        "--upstream",
        Slot.UPSTREAM,
        "--listen",
        f"*:{ports.proxy}",
        "--admin",
        admin,
    ]
    return {
        **_container(CONTAINER_PROXY, arguments, settings, sized),
        "ports": [_port(Slot.PORT, ports.proxy), _port(PORT_NAME_PROXY, ports.admin)],
        "startupProbe": {
            **_probe(PATH_STARTED, ports.admin), "periodSeconds": 1, "failureThreshold": 60,
        },
        "livenessProbe": {
            **_probe(PATH_ALIVE, ports.admin), "periodSeconds": 10, "failureThreshold": 6,
        },
        "lifecycle": {"preStop": drain},
    }  # fmt: skip


def _container(
    name: str,
    arguments: Sequence[Template],
    settings: InjectionSettings,
    sized: Mapping[SidecarSize, Template],
) -> dict[str, Template]:
    """What both have; the command bears the container's name."""
    return {
        "name": name,
        "image": settings.image,
        "imagePullPolicy": settings.pull_policy,
        "restartPolicy": "Always",
        "command": [name],
        "args": arguments,
        "env": [
            {"name": ENV_MONITOR, "value": Slot.MONITOR},
            {"name": ENV_POD_IP, "valueFrom": {"fieldRef": {"fieldPath": "status.podIPs"}}},
        ],
        "resources": BySize(sized),
        "securityContext": _security_context(settings),
        "volumeMounts": _mounts(),
    }


def _resources(resources: Resources) -> Template:
    limits: dict[str, Template] = {"memory": resources.memory}
    if resources.cpu_limit is not None:
        limits["cpu"] = resources.cpu_limit
    return {"requests": {"cpu": resources.cpu, "memory": resources.memory}, "limits": limits}


def _security_context(settings: InjectionSettings) -> Template:
    """All that Pod Security's profile `restricted` asks for, and a root that cannot be written."""
    user = {} if settings.assigned_user else {"runAsUser": USER, "runAsGroup": USER}
    return {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "runAsNonRoot": True,
        **user,
        "capabilities": {"drop": ["ALL"]},
        "seccompProfile": {"type": "RuntimeDefault"},
    }


def _mounts() -> Template:
    """The empty volume stands where the ServiceAccount plugin would mount the pod's token."""
    return [
        {"name": VOLUME_CONFIG, "mountPath": CONFIG_DIR, "readOnly": True},
        {"name": VOLUME_POD, "mountPath": _LABELS_DIR, "readOnly": True},
        {"name": VOLUME_SOCKET, "mountPath": _SOCKET_DIR},
        {"name": VOLUME_EMPTY, "mountPath": TOKEN_DIR, "readOnly": True},
    ]


def _port(name: Template, number: int) -> Template:
    return {"name": name, "containerPort": number, "protocol": "TCP"}


def _probe(path: str, port: int) -> dict[str, Template]:
    """Answered by the proxy's worker alone: a slow app or a dead collector changes nothing."""
    return {"httpGet": {"path": path, "port": port}, "timeoutSeconds": 5}
