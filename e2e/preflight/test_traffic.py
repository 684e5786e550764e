"""Where traffic would pass the proxy by, or the sidecars have no place, nothing is injected.

The message says what to change; once that is done, the next restart brings the sidecars.  All
stories run at the same time, as waiting costs nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest

from e2e.cluster import watching, workloads
from e2e.cluster.kubectl import Place, new_place
from modelmonitor_api import names
from modelmonitor_cli.testing import eventually
from modelmonitor_cli.testing_team import monitor

pytestmark = pytest.mark.timeout(600)

ROWS = 10
HOST_PORT = 18437
"""One that nobody on the node listens on."""

Manifest = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is there, what is said of it, and what mends it; `service` is asked afterwards."""

    there: Sequence[Manifest]
    reason: str
    words: str
    mend: Sequence[Manifest]
    service: str = "churn"


@dataclass(slots=True)
class Story:
    """What was seen of a scenario."""

    place: Place
    message: str = ""
    disarmed: list[set[str]] = field(default_factory=list)
    """Our containers in each pod, before the mend."""
    armed: list[set[str]] = field(default_factory=list)
    answers: Mapping[str, int] = field(default_factory=dict)
    counted: tuple[float, float] = (0, 0)


def _deployment(*containers: Manifest, **spec: Any) -> Manifest:
    """One pod at a time: a port of the node has room for no second."""
    of = watching.template(*containers, **spec)
    return workloads.deployment(of, strategy={"type": "Recreate"})


def _watched(**spec: Any) -> Manifest:
    return monitor(models=watching.MODELS, **spec)


def _second(port_name: str) -> Manifest:
    """Another container beside the server."""
    ports = [{"name": port_name, "containerPort": 8081}]
    container = watching.server("8081", ports=ports, readinessProbe=None)
    return {**container, "name": "second"}


def _policy(*numbers: int) -> Manifest:
    ingress = [{"ports": [{"port": number} for number in numbers]}]
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "only-the-model"},
        "spec": {"podSelector": {"matchLabels": workloads.LABELS}, "ingress": ingress},
    }


def _on_the_node(*, shared: bool) -> Manifest:
    ports = [{"name": "http", "containerPort": HOST_PORT}]
    return _deployment(watching.server(str(HOST_PORT), ports=ports), hostNetwork=shared)


SCENARIOS = {
    "a Service that says the number": Scenario(
        [workloads.service(8080), _deployment(), _watched()],
        "TargetPortNumber",
        "Service churn sends to port 8080 by number, past the proxy: set targetPort to http",
        [workloads.service("http")],
    ),
    "a headless Service": Scenario(
        [workloads.service(clusterIP="None"), _deployment(), _watched()],
        "HeadlessService",
        "Service churn is headless, so its clients go to the pods' own port, past the proxy: "
        "give it a clusterIP, or set spec.routing to MonitoredService",
        [_watched(routing="MonitoredService")],
        service="churn-monitored:8080",
    ),
    "a NetworkPolicy on the old number": Scenario(
        [_policy(8080), _deployment(), _watched()],
        "NetworkPolicy",
        "NetworkPolicy only-the-model allows port 8080 and not 24080, where the proxy listens: "
        "add 24080 beside it",
        [_policy(8080, names.PORT_PROXY)],
    ),
    "two containers with the port's name": Scenario(
        [_deployment(watching.server(), _second("http")), _watched()],
        "PortAmbiguous",
        "Deployment churn: two containers have a port named http, so it is unclear which serves; "
        "rename one",
        [_deployment(watching.server(), _second("other"))],
    ),
    "a pod on the node's network": Scenario(
        [_on_the_node(shared=True), _watched()],
        "HostNetwork",
        "Deployment churn: it uses the node's network, where the sidecars' ports would clash; "
        "take hostNetwork off",
        [_on_the_node(shared=False)],
    ),
}


@pytest.fixture(scope="module")
def stories(installed: None) -> Iterator[dict[str, Story]]:
    """All scenarios, each in a namespace of its own and to its end."""
    with ExitStack() as places:
        told = {name: Story(places.enter_context(new_place())) for name in SCENARIOS}
        for name, story in told.items():
            _begin(story.place, SCENARIOS[name])
        for name, story in told.items():
            story.message = watching.comes_to(story.place, "Armed", SCENARIOS[name].reason)
        _restart(told)
        for story in told.values():
            story.disarmed = [watching.sidecars(pod) for pod in story.place.pods()]
        for name, story in told.items():
            watching.applied(story.place, *SCENARIOS[name].mend)
        for story in told.values():
            watching.comes_to(story.place, "Armed", "Armed")
            assert watching.begins_to_inject(story.place)
        _restart(told)
        for name, story in told.items():
            _end(story, SCENARIOS[name].service)
        yield told


def _begin(place: Place, scenario: Scenario) -> None:
    there = [workloads.programs(), workloads.client(), *scenario.there]
    services = [one for one in there if one["kind"] == "Service"]
    watching.applied(place, *([] if services else [workloads.service()]), *there)


def _restart(told: dict[str, Story]) -> None:
    for story in told.values():
        story.place.run("rollout", "restart", "deployment/churn")
    for story in told.values():
        story.place.rolled_out("deployment/churn")


def _end(story: Story, service: str) -> None:
    place = story.place
    story.armed = [watching.sidecars(pod) for pod in place.pods()]
    assert watching.serves(place, service=service)
    before = watching.counted(place)
    story.answers = watching.sent(place, ROWS, service)
    eventually(lambda: watching.counted(place)[1] == before[1] + ROWS)
    after = watching.counted(place)
    story.counted = (after[0] - before[0], after[1] - before[1])


@pytest.fixture(params=SCENARIOS)
def name(request: pytest.FixtureRequest) -> str:
    """Of a scenario."""
    found: str = request.param
    return found


def test_it_is_said_what_to_change(stories: dict[str, Story], name: str) -> None:
    assert stories[name].message == SCENARIOS[name].words


def test_until_then_pods_come_up_as_they_are(stories: dict[str, Story], name: str) -> None:
    assert stories[name].disarmed == [set()]


def test_after_the_mend_a_restart_brings_sidecars_and_traffic_is_counted(
    stories: dict[str, Story], name: str
) -> None:
    assert stories[name].armed == [watching.SIDECARS]
    assert stories[name].answers == {"200": ROWS}
    assert stories[name].counted == (ROWS, ROWS)
