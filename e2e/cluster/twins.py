"""The same model server twice: watched, and alone in a namespace without a monitor."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from e2e.cluster import watching, workloads
from e2e.cluster.kubectl import Place, new_place
from e2e.cluster.load import address
from modelmonitor_cli.testing import eventually
from modelmonitor_cli.testing_team import monitor

WATCHED: Final = "watched"
ALONE: Final = "alone"
REPLICAS: Final = 2
SETTLED_SECONDS: Final = 60.0
ALL_AT_ONCE: Final = {"rollingUpdate": {"maxSurge": "100%", "maxUnavailable": 0}}


@dataclass(frozen=True, slots=True)
class Twins:
    """Both namespaces; whatever is done is done to both at the same time."""

    watched: Place
    alone: Place

    def addresses(self) -> dict[str, str]:
        """Of both Services, by name."""
        return {WATCHED: address(self.watched), ALONE: address(self.alone)}

    def serve(self, *words: str, **changed: Any) -> None:
        """Run serve_and_leave.py with these words in a container with these fields."""
        for place in (self.watched, self.alone):
            place.apply(server(*words, **changed))
        self.settle()

    def command(self, *words: str) -> None:
        """kubectl in both; then their pods are replaced."""
        for place in (self.watched, self.alone):
            place.run(*words)
        self.settle()

    def settle(self) -> None:
        """Wait until both have all their pods, and no old ones."""
        for place in (self.watched, self.alone):
            place.rolled_out("deployment/churn")
        for place in (self.watched, self.alone):
            _wait_for_the_old_to_go(place)

    def pods(self) -> list[str]:
        """The names of the watched pods, all of which have both sidecars."""
        pods = self.watched.pods()
        for pod in pods:
            assert watching.sidecars(pod) == watching.SIDECARS, pod["metadata"]["name"]
        return [pod["metadata"]["name"] for pod in pods]


def server(*words: str, replicas: int = REPLICAS, **changed: Any) -> dict[str, Any]:
    """Deployment `churn` of serve_and_leave.py, whose pods are replaced all at once."""
    container = workloads.program(
        "serve_and_leave.py", *words, readinessProbe=watching.READINESS, **changed
    )
    return workloads.deployment(workloads.pod_template(container), replicas, strategy=ALL_AT_ONCE)


@contextmanager
def twins() -> Iterator[Twins]:
    """Both serve, and the pods of one have sidecars."""
    with new_place() as watched, new_place() as alone:
        both = Twins(watched, alone)
        for place in (watched, alone):
            place.apply(workloads.programs())
            place.apply(workloads.service())
        watched.apply(monitor(models=[{"name": "churn", "protocol": "JSON"}]))
        assert watching.begins_to_inject(watched), watched.get("mmon/churn")
        both.serve("politely")
        yield both


def _wait_for_the_old_to_go(place: Place) -> None:
    def gone() -> bool:
        return len(place.all("pods", "app=churn")) == REPLICAS

    assert eventually(gone, SETTLED_SECONDS), place.run("get", "pods")
