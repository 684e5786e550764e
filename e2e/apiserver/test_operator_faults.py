"""The operator on a real API server to which the way is bad: it waits, asks again, and says why.

Faults are met between the two, so that nobody else's requests are touched.
"""

import asyncio
import json
import urllib.error
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from aiohttp import web

from modelmonitor_cli.testing import eventually
from modelmonitor_cli.testing_faults import Fault, FaultyWay, faulty_way, refusal
from modelmonitor_cli.testing_operator import OperatorProcess, running_operator
from modelmonitor_cli.testing_team import Kubectl, Team, monitor

pytestmark = pytest.mark.timeout(300)

START_SECONDS = 60.0
SOON_SECONDS = 60.0
QUICK = {"unsettledSeconds": 1, "resyncSeconds": 10}
SLOW_SECONDS = 1.0
DASHBOARD = "churn-modelmonitor-dashboard"
Start = Callable[..., AbstractContextManager[OperatorProcess]]


@pytest.fixture
def way(kubectl: Kubectl, crd: None) -> Iterator[FaultyWay]:
    """Open, without a fault."""
    with faulty_way() as opened:
        yield opened


@pytest.fixture
def home(kubectl: Kubectl, crd: None) -> Iterator[str]:
    """The operator's own namespace."""
    name = f"mm-test-{uuid.uuid4().hex[:8]}"
    kubectl("create", "namespace", name)
    yield name
    kubectl("delete", "namespace", name, "--wait=false")


@pytest.fixture
def start(
    way: FaultyWay, home: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., AbstractContextManager[OperatorProcess]]:
    """Starts an operator that comes by the way, with these values."""

    def started(**operator: int) -> AbstractContextManager[OperatorProcess]:
        entered = running_operator(tmp_path, home, operator={**QUICK, **operator})
        return _Entered(entered, monkeypatch, way.kubeconfig(tmp_path))

    return started


class _Entered(AbstractContextManager[OperatorProcess]):
    """The way's kubeconfig is the process's alone."""

    def __init__(
        self,
        process: AbstractContextManager[OperatorProcess],
        monkeypatch: pytest.MonkeyPatch,
        kubeconfig: Path,
    ) -> None:
        self._process, self._monkeypatch, self._kubeconfig = process, monkeypatch, kubeconfig

    def __enter__(self) -> OperatorProcess:
        with self._monkeypatch.context() as environment:
            environment.setenv("KUBECONFIG", str(self._kubeconfig))
            started = self._process.__enter__()
        assert eventually(started.is_ready, START_SECONDS), started.log.read_text()
        return started

    def __exit__(self, *error: object) -> None:
        self._process.__exit__(None, None, None)


@pytest.fixture
def team(kubectl: Kubectl, namespace: str) -> Team:
    """With nothing in it."""
    return Team(kubectl, namespace)


def is_watch(request: web.Request) -> bool:
    return request.query.get("watch") == "true"


def is_lease(request: web.Request) -> bool:
    return request.path.endswith("/leases/modelmonitor-operator")


def first(times: int, answer: Callable[[], web.Response], *methods: str) -> Fault:
    """The first requests for each object are answered so; watches and the Lease are left alone."""
    seen: Counter[tuple[str, str]] = Counter()

    async def fault(request: web.Request) -> web.StreamResponse | None:
        if is_watch(request) or is_lease(request) or (methods and request.method not in methods):
            return None
        what = (request.method, request.path)
        seen[what] += 1
        return answer() if seen[what] <= times else None

    return fault


async def slow(request: web.Request) -> None:
    if not is_watch(request):
        await asyncio.sleep(SLOW_SECONDS)


FAULTS: dict[str, Fault] = {
    "slow": slow,
    "409": first(1, lambda: refusal(409, "the object has been modified"), "PATCH"),
    "410": first(1, lambda: refusal(410, "the continue parameter is too old"), "GET"),
    "422 once": first(1, lambda: refusal(422, "etcd is full"), "PATCH"),
    "429": first(1, lambda: refusal(429, "too many requests", **{"Retry-After": "1"})),
    "500": first(1, lambda: refusal(500, "etcdserver: leader changed")),
    "503": first(1, lambda: refusal(503, "the server is currently unable")),
    "not an API server": first(1, lambda: web.Response(text="<html>sign in</html>"), "GET"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_delays_and_loses_nothing(
    name: str, way: FaultyWay, start: Start, team: Team
) -> None:
    with start() as operator:
        way.fault = FAULTS[name]
        team.apply(monitor())

        assert eventually(lambda: is_made(team), SOON_SECONDS), operator.log.read_text()
        assert name == "slow" or sum(way.met.values()) > 0
        assert operator.counted("modelmonitor_operator_reconciles_total", outcome="bug") == 0
        assert operator.process.poll() is None


def is_made(team: Team) -> bool:
    return team.condition("Ready").get("status") == "True" and bool(team.get(f"cm/{DASHBOARD}"))


def test_an_object_that_is_refused_is_named_until_it_is_taken(
    way: FaultyWay, start: Start, team: Team
) -> None:
    async def refused(request: web.Request) -> web.StreamResponse | None:
        if request.method == "PATCH" and request.path.endswith(DASHBOARD):
            return refusal(422, "data: Too long: must have at most 1048576 bytes")
        return None

    with start():
        way.fault = refused
        team.apply(monitor())

        assert team.comes_to("Ready", "Refused")
        told = f"ConfigMap {DASHBOARD}: data: Too long: must have at most 1048576 bytes"
        assert team.condition("Ready")["message"] == told
        assert team.get("cm/churn-modelmonitor")
        way.mend()
        assert eventually(lambda: is_made(team), SOON_SECONDS)


def test_while_the_api_server_is_gone_it_waits_and_then_goes_on(
    way: FaultyWay, start: Start, team: Team
) -> None:
    with start(leaseSeconds=60) as operator:
        team.apply(monitor("before"))
        assert team.is_ready("before")
        way.cut()
        team.apply(monitor("meanwhile", selector={"matchLabels": {"app": "other"}}))
        failed = {"verb": "get", "code": "0"}
        asked = "modelmonitor_operator_api_requests_total"
        assert eventually(lambda: operator.counted(asked, **failed) > 0, SOON_SECONDS)
        assert operator.process.poll() is None
        assert not team.get("mmon/meanwhile").get("status")

        way.mend()

        assert eventually(
            lambda: team.condition("Ready", "meanwhile").get("status") == "True", SOON_SECONDS
        ), operator.log.read_text()


def test_an_operator_that_cannot_renew_its_lease_ends_and_says_so(
    way: FaultyWay, start: Start
) -> None:
    with start(leaseSeconds=3) as operator:
        way.cut()

        assert operator.process.wait(SOON_SECONDS) == 1
        assert "the Lease modelmonitor-operator was not renewed" in operator.log.read_text()


def test_a_watch_that_is_too_old_begins_anew(way: FaultyWay, start: Start, team: Team) -> None:
    told: Counter[str] = Counter()

    async def expired(request: web.Request) -> web.StreamResponse | None:
        if not is_watch(request) or told[request.path] >= 2:
            return None
        told[request.path] += 1
        status = {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old"}
        line = json.dumps({"type": "ERROR", "object": status}) + "\n"
        return web.Response(text=line, content_type="application/json")

    way.fault = expired
    with start(resyncSeconds=3600) as operator:
        team.apply(monitor())
        assert team.is_ready(), operator.log.read_text()
        team.delete(f"cm/{DASHBOARD}")
        assert eventually(lambda: bool(team.get(f"cm/{DASHBOARD}")), SOON_SECONDS)
        assert told["/api/v1/configmaps"] == 2


def test_where_watches_are_silent_it_is_sick_and_mends_by_listing(
    way: FaultyWay, start: Start, team: Team
) -> None:
    async def silent(request: web.Request) -> None:
        if is_watch(request):
            await asyncio.sleep(3_600)

    with start(silenceSeconds=10) as operator:
        team.apply(monitor())
        assert team.is_ready()
        way.fault = silent
        way.cut()
        way.gone = False

        assert eventually(lambda: "no answer to a watch of" in why_sick(operator), SOON_SECONDS)
        team.delete(f"cm/{DASHBOARD}")
        assert eventually(lambda: bool(team.get(f"cm/{DASHBOARD}")), SOON_SECONDS)


def why_sick(operator: OperatorProcess) -> str:
    """What /healthz says where it does not say ok."""
    try:
        operator.page("/healthz")
    except urllib.error.HTTPError as error:
        return error.read().decode()
    return ""


def test_a_manager_that_takes_fields_again_and_again_is_named_and_given_way(
    kubectl: Kubectl, start: Start, team: Team
) -> None:
    """Both apply by force, so neither is ever refused."""
    theirs = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": DASHBOARD, "namespace": team.namespace},
        "data": {f"{team.namespace}.churn-modelmonitor.json": "theirs"},
    }
    words = ("apply", "--server-side", "--force-conflicts", "--field-manager=stubborn", "-f", "-")

    with start():
        team.apply(monitor())
        assert team.is_ready()

        def contested() -> bool:
            kubectl(*words, read=json.dumps(theirs))
            told = team.condition("Ready").get("message", "")
            return "is changed again and again by stubborn" in told

        assert eventually(contested, SOON_SECONDS)
        assert team.get(f"cm/{DASHBOARD}")["data"] == theirs["data"]
