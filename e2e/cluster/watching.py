"""A model server that knows nothing of us, and what its owner sees of being watched."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from e2e.cluster import workloads
from e2e.cluster.kubectl import Place, new_place
from modelmonitor_api import names
from modelmonitor_cli.testing import Sample, eventually, samples, total

SIDECARS: Final = {names.CONTAINER_PROXY, names.CONTAINER_COLLECTOR}
MODELS: Final = [
    {
        "name": "churn",
        "protocol": "JSON",
        "prediction": {"path": "prediction"},
        "score": {"path": "score"},
    }
]
SOON_SECONDS: Final = 150.0
"""An API server does not know monitors of a young definition for half a minute."""
RATE: Final = 50
READINESS: Final = {"httpGet": {"path": "/ready", "port": "http"}, "periodSeconds": 1}


def server(*words: str, **changed: Any) -> dict[str, Any]:
    """The container of a model server that starts at once."""
    return workloads.program("serve.py", *words, **{"readinessProbe": READINESS, **changed})


def template(*containers: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """Pods with it, or with these containers, that end as soon as they are told."""
    of = containers or (server(),)
    return workloads.pod_template(*of, **{"terminationGracePeriodSeconds": 5, **changed})


@contextmanager
def new_team(labels: dict[str, str] | None = None) -> Iterator[Place]:
    """A namespace with the programs, a client that waits to be told, and a Service."""
    with new_place(labels) as place:
        applied(place, workloads.programs(), workloads.client(), workloads.service())
        yield place


def applied(place: Place, *manifests: dict[str, Any]) -> None:
    """All of them, in their order and by one command."""
    together = {"apiVersion": "v1", "kind": "List", "items": list(manifests)}
    place.run("apply", "-f", "-", read=json.dumps(together))


def comes_to(place: Place, type_: str, reason: str) -> str:
    """The message of the monitor's condition, once it has this reason."""
    came = eventually(lambda: place.condition(type_).get("reason") == reason, SOON_SECONDS)
    assert came, place.condition(type_)
    message: str = place.condition(type_)["message"]
    return message


def sidecars(pod: dict[str, Any]) -> set[str]:
    """Those of our containers that are in a pod."""
    spec = pod["spec"]
    both = [*spec.get("initContainers", []), *spec["containers"]]
    return {one["name"] for one in both} & SIDECARS


def tried(place: Place, of: dict[str, Any]) -> dict[str, Any]:
    """The pod that the API server would store of a template, which makes none."""
    metadata = {**of["metadata"], "name": "tried"}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": of["spec"]}
    words = ("create", "--dry-run=server", "--warnings-as-errors", "-o", "json", "-f", "-")
    stored: dict[str, Any] = json.loads(place.run(*words, read=json.dumps(pod)))
    return stored


def injects(place: Place, of: dict[str, Any] | None = None) -> bool:
    """Whether a pod that is created now gets both sidecars."""
    return sidecars(tried(place, of or template())) == SIDECARS


def begins_to_inject(place: Place, of: dict[str, Any] | None = None) -> bool:
    """Whether it soon does."""
    return eventually(lambda: injects(place, of), SOON_SECONDS)


def sent(
    place: Place,
    rows: int,
    service: str = "churn",
    income_factor: float = 1.0,
    rate: float = RATE,
) -> dict[str, int]:
    """How many answers of each status so many customers got from a Service."""
    words = (f"http://{service}", str(rows), "7", str(income_factor), str(rate))
    command = ("exec", "client", "--", workloads.PYTHON, "/app/send_customers.py", *words)
    answers: dict[str, int] = json.loads(place.run(*command))
    return answers


def serves(place: Place, rows: int = 1, service: str = "churn") -> bool:
    """Whether a Service soon answers rows; those that come too early are not counted by anybody."""
    place.run("wait", "--for=condition=Ready", "pod/client", "--timeout=120s")
    came = eventually(lambda: _answered(place, rows, service), SOON_SECONDS)
    return came or sent(place, rows, service) == {"200": rows}  # which says why not


def _answered(place: Place, rows: int, service: str) -> bool:
    try:
        return sent(place, rows, service) == {"200": rows}
    except AssertionError:  # no rule for the Service yet
        return False


def counted(place: Place) -> tuple[float, float]:
    """Requests and rows that the sidecars of running pods have counted."""
    seen = exposed(place)
    return total(seen, names.REQUESTS, model="churn"), total(seen, names.ROWS, model="churn")


def exposed(place: Place) -> Sequence[Sample]:
    """All that the sidecars of running pods expose, but for baselines."""
    ports = (names.PORT_PROXY_ADMIN, names.PORT_COLLECTOR)
    return [
        one
        for pod in place.pods()
        for port in ports
        for one in samples(place.from_pod(pod["metadata"]["name"], port, names.PATH_METRICS))
    ]
