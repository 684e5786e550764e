"""The operator on a real API server that goes, or says nothing more: it waits, lists, or ends.

Faults are met on the way between the two, so that nobody else's requests are touched.
"""

import asyncio
import json
import urllib.error
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

import pytest
from aiohttp import web

from modelmonitor_cli.testing import eventually
from modelmonitor_cli.testing_faults import FaultyWay, faulty_way, is_watch, operator_on
from modelmonitor_cli.testing_operator import OperatorProcess
from modelmonitor_cli.testing_team import Kubectl, Team, monitor

pytestmark = pytest.mark.timeout(300)

SOON_SECONDS = 60.0
SILENT_SECONDS = 150.0
"""A watch that is well is asked anew once a minute, so less than that says nothing."""
DASHBOARD = "churn-modelmonitor-dashboard"
Start = Callable[..., AbstractContextManager[OperatorProcess]]


@pytest.fixture
def way(kubectl: Kubectl, crd: None) -> Iterator[FaultyWay]:
    """Open, without a fault."""
    with faulty_way() as opened:
        yield opened


@pytest.fixture
def start(kubectl: Kubectl, way: FaultyWay, tmp_path: Path) -> Iterator[Start]:
    """Starts an operator that comes by the way, with these values, in a namespace of its own."""
    home = f"mm-test-{uuid.uuid4().hex[:8]}"
    kubectl("create", "namespace", home)
    yield partial(operator_on, way, tmp_path, home)
    kubectl("delete", "namespace", home, "--wait=false")


@pytest.fixture
def team(kubectl: Kubectl, namespace: str) -> Team:
    """With nothing in it."""
    return Team(kubectl, namespace)


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
    with start(leaseSeconds=6) as operator:
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

    with start(silenceSeconds=90) as operator:
        team.apply(monitor())
        assert team.is_ready()
        assert not why_sick(operator)
        way.fault = silent
        way.cut()
        way.gone = False

        assert eventually(lambda: "no answer to a watch of" in why_sick(operator), SILENT_SECONDS)
        team.delete(f"cm/{DASHBOARD}")
        assert eventually(lambda: bool(team.get(f"cm/{DASHBOARD}")), SOON_SECONDS)


def why_sick(operator: OperatorProcess) -> str:
    """What /healthz says where it does not say ok."""
    try:
        operator.page("/healthz")
    except urllib.error.HTTPError as error:
        return error.read().decode()
    return ""
