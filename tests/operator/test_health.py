"""A process that hears nothing is sick; one that has not seen everything is not ready."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp.test_utils import TestClient, TestServer

from modelmonitor_operator.health import Condition, health_app
from modelmonitor_operator.own_metrics import OwnMetrics
from modelmonitor_operator.pulse import Pulse


class Scene:
    """A process whose clock a test moves."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.lease_at = 1_000.0
        self.pulse = Pulse(["modelmonitors"], lambda: self.now)
        self.condition = Condition(self.pulse, 180, lambda: self.lease_at, lambda: self.now)
        self.metrics = OwnMetrics("1.2.3")


@pytest.fixture
def scene() -> Scene:
    return Scene()


@pytest.fixture
async def client(scene: Scene) -> AsyncIterator[TestClient]:  # type: ignore[type-arg]
    async with TestClient(TestServer(health_app(scene.condition, scene.metrics))) as made:
        yield made


async def asked(client: TestClient, path: str) -> tuple[int, str]:  # type: ignore[type-arg]
    async with client.get(path) as answer:
        return answer.status, await answer.text()


async def test_a_leader_whose_watches_are_silent_beyond_the_limit_is_sick(
    scene: Scene,
    client: TestClient,  # type: ignore[type-arg]
) -> None:
    scene.condition.leading = True
    scene.pulse.beat("modelmonitors")
    scene.now += 180
    assert await asked(client, "/healthz") == (200, "ok")

    scene.now += 1
    assert await asked(client, "/healthz") == (
        503,
        "no answer to a watch of modelmonitors for 181 s",
    )
    scene.pulse.beat("modelmonitors")
    assert (await asked(client, "/healthz"))[0] == 200


async def test_a_kind_that_went_away_is_not_missed(scene: Scene) -> None:
    scene.condition.leading = True
    scene.pulse.beat("modelmonitors")
    scene.now += 1_000
    scene.pulse.forget("modelmonitors")

    assert scene.condition.sick() is None


async def test_a_leader_is_ready_once_everything_was_listed(
    scene: Scene,
    client: TestClient,  # type: ignore[type-arg]
) -> None:
    scene.condition.leading = True
    assert await asked(client, "/readyz") == (503, "not everything has been listed yet")

    scene.condition.synced.set()
    assert await asked(client, "/readyz") == (200, "ok")


async def test_one_that_stands_by_is_ready_while_it_can_read_the_lease(scene: Scene) -> None:
    assert scene.condition.unready() is None

    scene.now += 181
    assert scene.condition.unready() == "the Lease could not be read for 181 s"


async def test_with_an_older_definition_nobody_is_ready_and_says_why(
    scene: Scene,
    client: TestClient,  # type: ignore[type-arg]
) -> None:
    scene.condition.judge_definition("the definition is older")
    assert await asked(client, "/readyz") == (503, "the definition is older")
    assert (await asked(client, "/healthz"))[0] == 200
    outdated = "modelmonitor_operator_definition_outdated"
    assert f"{outdated} 1.0" in (await asked(client, "/metrics"))[1]

    scene.condition.judge_definition(None)
    assert await asked(client, "/readyz") == (200, "ok")
    assert f"{outdated} 0.0" in (await asked(client, "/metrics"))[1]


async def test_the_operator_tells_prometheus_what_it_does(
    scene: Scene,
    client: TestClient,  # type: ignore[type-arg]
) -> None:
    scene.condition.leading = True
    scene.pulse.beat("modelmonitors")
    scene.now += 2
    scene.metrics.worked(0.02, None)
    scene.metrics.worked(0.02, "conflict")
    scene.metrics.requested("patch", 409)
    scene.metrics.watch_depth(lambda: 7)
    scene.metrics.watch_monitors(lambda: {"True": 3})

    _, text = await asked(client, "/metrics")

    for line in (
        'modelmonitor_operator_reconciles_total{outcome="ok"} 1.0',
        'modelmonitor_operator_reconciles_total{outcome="conflict"} 1.0',
        'modelmonitor_operator_api_requests_total{code="409",verb="patch"} 1.0',
        "modelmonitor_operator_queue_depth 7.0",
        'modelmonitor_operator_monitors{ready="True"} 3.0',
        "modelmonitor_operator_leader 1.0",
        'modelmonitor_operator_watch_age_seconds{kind="modelmonitors"} 2.0',
        'modelmonitor_operator_build_info{version="1.2.3"} 1.0',
    ):
        assert line in text


async def test_the_lag_of_the_loop_is_the_worst_of_late() -> None:
    ticks = iter([0.0, 0.0, 0.0, 0.2, 0.2, 0.3])
    enough = asyncio.Event()

    def clock() -> float:
        tick = next(ticks, None)
        if tick is None:
            enough.set()
        return 0.3 if tick is None else tick

    condition = Condition(Pulse([]), 180, lambda: 0.0, clock, nap_seconds=0.0)
    measuring = asyncio.ensure_future(condition.measure_lag())
    await enough.wait()
    measuring.cancel()

    assert condition.lag_seconds() == pytest.approx(0.2)
