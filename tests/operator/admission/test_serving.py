"""The webhook over HTTP: whatever happens inside, a pod is allowed."""

import asyncio
import io
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from modelmonitor_operator.admission.metrics import WebhookMetrics
from modelmonitor_operator.admission.monitors import Monitors
from modelmonitor_operator.admission.serving import Reviewer, health_app, review_app
from modelmonitor_operator.admission.settings import CertificateSettings, WebhookSettings
from modelmonitor_operator.cluster import UnavailableError
from modelmonitor_operator.inject.settings import InjectionSettings
from modelmonitor_operator.kinds import Reference
from modelmonitor_operator.testing_cluster import FakeCluster

Pod = dict[str, Any]
Make = Callable[..., Pod]

SETTINGS = WebhookSettings(
    InjectionSettings("team/sidecar:1"), CertificateSettings(frozenset({"localhost"}))
)


class Scene:
    """A cluster in memory, a clock, and the server before them."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.cluster = FakeCluster()
        self.metrics = WebhookMetrics("1.2.3")
        self.monitors = Monitors(self.cluster, lambda: self.now)
        self.problem: str | None = None

    def reviewer(self) -> Reviewer:
        return Reviewer(self.monitors, SETTINGS, self.metrics)

    def counted(self, outcome: str) -> float | None:
        return self.metrics.registry.get_sample_value(
            "modelmonitor_webhook_reviews_total", {"outcome": outcome}
        )


@pytest.fixture
def scene() -> Scene:
    return Scene()


@pytest.fixture
async def client(scene: Scene) -> AsyncIterator[TestClient]:  # type: ignore[type-arg]
    async with TestClient(TestServer(review_app(scene.reviewer()))) as made:
        yield made


async def asked(client: TestClient, review: Any) -> Any:  # type: ignore[type-arg]
    async with client.post("/inject", data=io.BytesIO(json.dumps(review).encode())) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.json()


async def test_a_selected_pod_is_patched_and_counted(
    scene: Scene,
    client: TestClient,  # type: ignore[type-arg]
    smallest: Pod,
    make_review: Make,
    make_monitor: Make,
    patch_in: Callable[[Pod], list[Pod]],
) -> None:
    scene.cluster.put(make_monitor())
    answered = await asked(client, make_review(smallest))

    assert answered["response"]["allowed"] is True
    assert "/spec/initContainers" in [one["path"] for one in patch_in(answered)]
    assert (scene.counted("Injected"), scene.counted("Failed")) == (1, 0)


async def test_a_cluster_that_does_not_answer_leaves_the_pod_as_it_is(
    scene: Scene,
    client: TestClient,  # type: ignore[type-arg]
    smallest: Pod,
    make_review: Make,
) -> None:
    def down(verb: str, reference: Reference) -> None:
        raise UnavailableError("no answer")

    scene.cluster.failing = down
    response = (await asked(client, make_review(smallest)))["response"]

    assert (response["allowed"], "patch" in response) == (True, False)
    assert "monitors are not to be had" in response["warnings"][0]
    assert scene.counted("Failed") == 1


async def test_a_failure_is_not_kept(
    scene: Scene,
    client: TestClient,  # type: ignore[type-arg]
    smallest: Pod,
    make_review: Make,
    make_monitor: Make,
) -> None:
    def down(verb: str, reference: Reference) -> None:
        raise UnavailableError("no answer")

    scene.cluster.put(make_monitor())
    scene.cluster.failing = down
    await asked(client, make_review(smallest))
    scene.cluster.failing = lambda verb, reference: None
    assert "patch" in (await asked(client, make_review(smallest)))["response"]


@pytest.mark.parametrize(
    "broken",
    [{"spec": None}, {"spec": {"containers": 7}, "metadata": {"labels": {"app": "churn"}}}, {}],
)
async def test_a_pod_that_nobody_can_read_is_allowed(
    broken: Pod,
    client: TestClient,  # type: ignore[type-arg]
    scene: Scene,
    make_review: Make,
    make_monitor: Make,
) -> None:
    scene.cluster.put(make_monitor())
    response = (await asked(client, make_review(broken)))["response"]
    assert (response["allowed"], "patch" in response) == (True, False)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b"[" * 100_000])
async def test_what_is_no_review_is_answered_with_a_sentence(
    body: bytes,
    client: TestClient,  # type: ignore[type-arg]
) -> None:
    """The API server never sends such a thing, and would let the pod in."""
    async with client.post("/inject", data=body) as answer:
        assert answer.status == 400
        assert (await answer.text()).startswith("body")


async def test_a_pod_of_two_mebibytes_is_looked_at(
    client: TestClient,  # type: ignore[type-arg]
    scene: Scene,
    smallest: Pod,
    make_review: Make,
    make_monitor: Make,
) -> None:
    scene.cluster.put(make_monitor())
    metadata = {**smallest["metadata"], "annotations": {"note": "x" * (2 << 20)}}
    review = make_review({**smallest, "metadata": metadata})
    assert "patch" in (await asked(client, review))["response"]


async def test_many_pods_at_once_cost_one_list(scene: Scene, make_monitor: Make) -> None:
    scene.cluster.put(make_monitor())
    found = await asyncio.gather(*(scene.monitors.of("team") for _ in range(50)))
    assert scene.cluster.reads == 1
    assert {len(one) for one in found} == {1}

    scene.now += 0.9
    await scene.monitors.of("team")
    assert scene.cluster.reads == 1
    scene.now += 0.2
    await scene.monitors.of("team")
    await scene.monitors.of("other")
    assert scene.cluster.reads == 3


async def test_health_says_why_it_is_not_ready(scene: Scene) -> None:
    app = health_app(lambda: scene.problem, scene.metrics)
    async with TestClient(TestServer(app)) as client:
        for problem, status in ((None, 200), ("there is no certificate yet", 503)):
            scene.problem = problem
            async with client.get("/readyz") as answer:
                assert (answer.status, await answer.text()) == (status, problem or "ok")
            async with client.get("/healthz") as answer:
                assert answer.status == 200
        async with client.get("/metrics") as answer:
            assert 'modelmonitor_webhook_build_info{version="1.2.3"} 1.0' in await answer.text()
