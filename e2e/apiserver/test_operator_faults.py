"""The operator on a real API server that answers badly: it asks again, and says what it is told.

Faults are met on the way between the two, so that nobody else's requests are touched.
"""

import asyncio
import json
import uuid
from collections.abc import Callable, Iterator

import pytest
from aiohttp import web

from modelmonitor_cli.testing import eventually
from modelmonitor_cli.testing_faults import (
    Fault,
    FaultyWay,
    faulty_way,
    is_watch,
    operator_on,
    refusal,
)
from modelmonitor_cli.testing_operator import OperatorProcess
from modelmonitor_cli.testing_team import Kubectl, Team, monitor

pytestmark = pytest.mark.timeout(300)

SOON_SECONDS = 60.0
SLOW_SECONDS = 1.0
DASHBOARD = "churn-modelmonitor-dashboard"


@pytest.fixture(scope="module")
def way(kubectl: Kubectl, crd: None) -> Iterator[FaultyWay]:
    """Open for all tests of the file."""
    with faulty_way() as opened:
        yield opened


@pytest.fixture(scope="module")
def operator(
    kubectl: Kubectl, way: FaultyWay, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[OperatorProcess]:
    """One that comes by it."""
    home = f"mm-test-{uuid.uuid4().hex[:8]}"
    kubectl("create", "namespace", home)
    with operator_on(way, tmp_path_factory.mktemp("operator"), home) as started:
        yield started
    kubectl("delete", "namespace", home, "--wait=false")


@pytest.fixture
def fault(way: FaultyWay) -> Iterator[Callable[[Fault], None]]:
    """Puts a fault on the way until the test ends."""

    def put(one: Fault) -> None:
        way.met.clear()
        way.fault = one

    yield put
    way.mend()


@pytest.fixture
def team(kubectl: Kubectl, namespace: str) -> Team:
    """With nothing in it."""
    return Team(kubectl, namespace)


def is_lease(request: web.Request) -> bool:
    return request.path.endswith("/leases/modelmonitor-operator")


def first(times: int, answer: Callable[[], web.Response], *methods: str) -> Fault:
    """The first requests are answered so; watches and the Lease are left alone."""
    left = [times]

    async def fault(request: web.Request) -> web.StreamResponse | None:
        of_others = is_watch(request) or is_lease(request)
        if of_others or (methods and request.method not in methods) or not left[0]:
            return None
        left[0] -= 1
        return answer()

    return fault


async def slow(request: web.Request) -> None:
    if not is_watch(request):
        await asyncio.sleep(SLOW_SECONDS)


FAULTS: dict[str, Fault] = {
    "slow": slow,
    "409": first(3, lambda: refusal(409, "the object has been modified"), "PATCH"),
    "410": first(3, lambda: refusal(410, "the continue parameter is too old"), "GET"),
    "422 once": first(1, lambda: refusal(422, "etcd is full"), "PATCH"),
    "429": first(3, lambda: refusal(429, "too many requests", **{"Retry-After": "1"})),
    "500": first(3, lambda: refusal(500, "etcdserver: leader changed")),
    "503": first(3, lambda: refusal(503, "the server is currently unable")),
    "not an API server": first(2, lambda: web.Response(text="<html>sign in</html>"), "GET"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_delays_and_loses_nothing(
    name: str,
    way: FaultyWay,
    operator: OperatorProcess,
    fault: Callable[[Fault], None],
    team: Team,
) -> None:
    fault(FAULTS[name])
    team.apply(monitor())

    assert eventually(lambda: is_made(team), SOON_SECONDS), operator.log.read_text()
    assert name == "slow" or sum(way.met.values()) > 0
    assert operator.counted("modelmonitor_operator_reconciles_total", outcome="bug") == 0
    assert operator.process.poll() is None


def is_made(team: Team) -> bool:
    return team.condition("Ready").get("status") == "True" and bool(team.get(f"cm/{DASHBOARD}"))


def test_an_object_that_is_refused_is_named_until_it_is_taken(
    way: FaultyWay, operator: OperatorProcess, fault: Callable[[Fault], None], team: Team
) -> None:
    async def refused(request: web.Request) -> web.StreamResponse | None:
        if request.method == "PATCH" and request.path.endswith(DASHBOARD):
            return refusal(422, "data: Too long: must have at most 1048576 bytes")
        return None

    fault(refused)
    team.apply(monitor())

    assert team.comes_to("Ready", "Refused")
    told = f"ConfigMap {DASHBOARD}: data: Too long: must have at most 1048576 bytes"
    assert team.condition("Ready")["message"] == told
    assert team.get("cm/churn-modelmonitor")
    way.mend()
    assert eventually(lambda: is_made(team), SOON_SECONDS)


def test_a_manager_that_takes_fields_again_and_again_is_named_and_given_way(
    kubectl: Kubectl, operator: OperatorProcess, team: Team
) -> None:
    """Both apply by force, so neither is ever refused."""
    theirs = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": DASHBOARD, "namespace": team.namespace},
        "data": {f"{team.namespace}.churn-modelmonitor.json": "theirs"},
    }
    words = ("apply", "--server-side", "--force-conflicts", "--field-manager=stubborn", "-f", "-")

    team.apply(monitor())
    assert team.is_ready()

    def contested() -> bool:
        kubectl(*words, read=json.dumps(theirs))
        told = team.condition("Ready").get("message", "")
        return "is changed again and again by stubborn" in told

    assert eventually(contested, SOON_SECONDS)
    assert team.get(f"cm/{DASHBOARD}")["data"] == theirs["data"]
