"""Manifests of what teams run: model servers that know nothing of us, and their Services."""

from pathlib import Path
from typing import Any, Final

from e2e.cluster import images

PROGRAMS: Final = Path(__file__).resolve().parents[1] / "programs"
LABELS: Final = {"app": "churn"}
PYTHON: Final = "/venv/bin/python"
SMALL: Final = {"requests": {"cpu": "20m", "memory": "64Mi"}}
RESTRICTED: Final = {
    "allowPrivilegeEscalation": False,
    "runAsNonRoot": True,
    "runAsUser": 65532,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}


def container(image: str = images.LITSERVE, **changed: Any) -> dict[str, Any]:
    """A program on the port named http; of what image, and other fields."""
    return {
        "name": "server",
        "image": image,
        "ports": [{"name": "http", "containerPort": 8080}],
        "resources": SMALL,
        "securityContext": RESTRICTED,
        **changed,
    }


def litserve(**changed: Any) -> dict[str, Any]:
    """LitServe's container, with a probe that names the port, as teams write it."""
    probe = {"httpGet": {"path": "/health", "port": "http"}, "periodSeconds": 1}
    return container(readinessProbe=probe, **changed)


def program(name: str, *words: str, **changed: Any) -> dict[str, Any]:
    """A container that runs one of programs/ from the ConfigMap `programs`."""
    mount = {"name": "programs", "mountPath": "/programs"}
    return container(command=[PYTHON, f"/programs/{name}", *words], volumeMounts=[mount], **changed)


def programs() -> dict[str, Any]:
    """The ConfigMap with all of programs/."""
    data = {path.name: path.read_text() for path in sorted(PROGRAMS.glob("*.py"))}
    return _object("v1", "ConfigMap", "programs", data=data)


def pod_template(*containers: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """What a workload makes its pods of."""
    volume = {"name": "programs", "configMap": {"name": "programs", "optional": True}}
    spec = {"containers": list(containers), "volumes": [volume], **changed}
    return {"metadata": {"labels": dict(LABELS)}, "spec": spec}


def deployment(template: dict[str, Any], replicas: int = 1, **changed: Any) -> dict[str, Any]:
    """Deployment `churn` of these pods."""
    spec = {
        "replicas": replicas,
        "selector": {"matchLabels": LABELS},
        "template": template,
        **changed,
    }
    return _object("apps/v1", "Deployment", "churn", spec=spec)


def job(template: dict[str, Any]) -> dict[str, Any]:
    """Job `churn` of one pod that is not tried again."""
    spec = {**template["spec"], "restartPolicy": "Never"}
    return _object(
        "batch/v1", "Job", "churn", spec={"template": {**template, "spec": spec}, "backoffLimit": 0}
    )


def service(target: int | str = "http", **changed: Any) -> dict[str, Any]:
    """Service `churn`: port 80 to this target."""
    ports = [{"name": "http", "port": 80, "targetPort": target}]
    return _object("v1", "Service", "churn", spec={"selector": LABELS, "ports": ports, **changed})


def client(image: str = images.LITSERVE) -> dict[str, Any]:
    """A pod that waits to be told what to send."""
    mount = {"name": "programs", "mountPath": "/programs"}
    command = [PYTHON, "-c", "import signal; signal.pause()"]
    waiting = container(image, command=command, name="client", volumeMounts=[mount])
    spec = pod_template(waiting, terminationGracePeriodSeconds=0)["spec"]
    return _object("v1", "Pod", "client", spec=spec)


def _object(version: str, kind: str, name: str, **rest: Any) -> dict[str, Any]:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name}, **rest}
