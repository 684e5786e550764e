"""What is asked of an API server, and what becomes of its answers, over real HTTP."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from modelmonitor_operator.access import Access, TokenFile, open_session
from modelmonitor_operator.cluster import (
    ClusterError,
    ConflictError,
    ExpiredError,
    ForbiddenError,
    Query,
    RefusedError,
    UnavailableError,
    everything,
)
from modelmonitor_operator.kinds import (
    CONFIG_MAP,
    MONITOR,
    NAMESPACE,
    POD,
    PROMETHEUS_RULE,
    Reference,
)
from modelmonitor_operator.kube import PARALLEL_REQUESTS, KubeCluster
from modelmonitor_operator.pulse import Pulse

CHURN = Reference(CONFIG_MAP, "team-a", "churn")
MANIFEST = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "churn", "namespace": "team-a"},
}
Answer = Callable[[web.Request], web.Response]


class Server:
    """Answers with what a test says, and remembers what it was asked."""

    def __init__(self) -> None:
        self.answer: Answer = lambda request: web.json_response({})
        self.asked: list[tuple[web.Request, Any]] = []
        self.under_way = self.most_under_way = 0

    async def handle(self, request: web.Request) -> web.Response:
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        text = await request.text()
        await asyncio.sleep(0)
        self.under_way -= 1
        self.asked.append((request, json.loads(text) if text else None))
        return self.answer(request)


@pytest.fixture
async def server() -> AsyncIterator[tuple[Server, str]]:
    made, app = Server(), web.Application()
    app.router.add_route("*", "/{path:.*}", made.handle)
    async with TestServer(app) as running:
        yield made, str(running.make_url("")).rstrip("/")


@pytest.fixture
async def cluster(server: tuple[Server, str]) -> AsyncIterator[KubeCluster]:
    access = Access(server[1], ssl.create_default_context(), lambda: "Bearer token")
    async with open_session(access) as session:
        yield KubeCluster(session, server[1])


def failing(code: int, message: str = "no", **headers: str) -> Answer:
    return lambda request: web.json_response({"message": message}, status=code, headers=headers)


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (400, RefusedError),
        (401, UnavailableError),
        (403, ForbiddenError),
        (409, ConflictError),
        (410, ExpiredError),
        (413, RefusedError),
        (422, RefusedError),
        (429, UnavailableError),
        (500, UnavailableError),
        (503, UnavailableError),
        (504, UnavailableError),
    ],
)
async def test_every_answer_is_one_of_few_errors_with_the_server_s_words(
    server: tuple[Server, str], cluster: KubeCluster, code: int, error: type[ClusterError]
) -> None:
    server[0].answer = failing(code, "spec.windows: too many")

    with pytest.raises(error, match=r"spec\.windows: too many") as raised:
        await cluster.apply(MANIFEST)

    assert type(raised.value) is error


async def test_an_answer_that_says_when_to_come_again_is_believed(
    server: tuple[Server, str], cluster: KubeCluster
) -> None:
    server[0].answer = failing(429, **{"Retry-After": "7"})

    with pytest.raises(UnavailableError) as raised:
        await cluster.read(CHURN)

    assert raised.value.retry_after_seconds == 7


async def test_no_answer_is_unavailable() -> None:
    access = Access("http://127.0.0.1:1", ssl.create_default_context(), lambda: None)
    async with open_session(access) as session:
        with pytest.raises(UnavailableError, match="no answer"):
            await KubeCluster(session, access.server).read(CHURN)


async def test_an_answer_that_does_not_come_in_time_is_unavailable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Somebody accepts the connection and says nothing."""
    monkeypatch.setattr("modelmonitor_operator.kube.REQUEST_SECONDS", 0.05)
    left = asyncio.Event()

    async def listens(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        left.set()

    silent = await asyncio.start_server(listens, "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    access = Access(f"http://127.0.0.1:{port}", ssl.create_default_context(), lambda: None)
    async with silent:
        async with open_session(access) as session:
            with pytest.raises(UnavailableError, match="no answer"):
                await KubeCluster(session, access.server).read(CHURN)
        await left.wait()


async def test_an_answer_of_something_else_than_an_api_server_is_unavailable(
    server: tuple[Server, str], cluster: KubeCluster
) -> None:
    server[0].answer = lambda request: web.Response(text="<html>sign in</html>")

    with pytest.raises(UnavailableError, match="no answer of an API server: <html>sign in"):
        await cluster.read(CHURN)


async def test_what_is_not_there_is_none_and_nowhere_to_put_something_is_a_refusal(
    server: tuple[Server, str], cluster: KubeCluster
) -> None:
    server[0].answer = failing(404)

    assert await cluster.read(CHURN) is None
    assert await everything(cluster, POD, "team-a", Query()) == []
    with pytest.raises(RefusedError, match="not found"):
        await cluster.apply(MANIFEST)


async def test_objects_are_addressed_by_group_namespace_and_name(
    server: tuple[Server, str], cluster: KubeCluster
) -> None:
    await cluster.read(CHURN)
    await cluster.read(Reference(NAMESPACE, "", "team-a"))
    await cluster.read(Reference(PROMETHEUS_RULE, "team-a", "churn"))

    assert [request.path for request, _ in server[0].asked] == [
        "/api/v1/namespaces/team-a/configmaps/churn",
        "/api/v1/namespaces/team-a",
        "/apis/monitoring.coreos.com/v1/namespaces/team-a/prometheusrules/churn",
    ]


async def test_what_was_seen_before_may_be_read_from_memory_if_it_is_no_older(
    server: tuple[Server, str], cluster: KubeCluster
) -> None:
    await cluster.read(CHURN, "17")
    await cluster.read(CHURN)

    asked = [dict(request.query) for request, _ in server[0].asked]
    assert asked == [{"resourceVersion": "17"}, {}]


async def test_applying_forces_with_our_field_manager_and_sends_unknown_fields_as_they_are(
    server: tuple[Server, str], cluster: KubeCluster
) -> None:
    await cluster.apply({**MANIFEST, "unheardOf": [1, {"é": None}]})

    ((request, body),) = server[0].asked
    assert (request.method, dict(request.query)) == (
        "PATCH",
        {"fieldManager": "modelmonitor-operator", "force": "true"},
    )
    assert request.headers["Content-Type"] == "application/apply-patch+yaml"
    assert request.headers["Accept"].startswith("application/json;as=PartialObjectMetadata;")
    assert request.headers["Authorization"] == "Bearer token"
    assert body["unheardOf"] == [1, {"é": None}]


async def test_a_status_is_applied_to_its_subresource(
    server: tuple[Server, str], cluster: KubeCluster
) -> None:
    resource = {"apiVersion": MONITOR.api_version, "kind": MONITOR.name}
    await cluster.apply_status({**resource, "metadata": {"name": "a", "namespace": "b"}})

    ((request, _),) = server[0].asked
    assert request.path.endswith("/namespaces/b/modelmonitors/a/status")


async def test_a_deletion_is_of_that_very_object(
    server: tuple[Server, str], cluster: KubeCluster
) -> None:
    await cluster.delete(CHURN, "uid-1")
    assert server[0].asked[0][1]["preconditions"] == {"uid": "uid-1"}

    server[0].answer = failing(409)
    await cluster.delete(CHURN, "uid-1")
    server[0].answer = failing(404)
    await cluster.delete(CHURN, "uid-1")


async def test_pages_follow_each_other_and_an_empty_one_may_be_null(
    server: tuple[Server, str], cluster: KubeCluster
) -> None:
    def paged(request: web.Request) -> web.Response:
        if "continue" in request.query:
            return web.json_response({"metadata": {}, "items": None})
        return web.json_response({"metadata": {"continue": "next"}, "items": [{"a": 1}]})

    server[0].answer = paged
    query = Query(labels="app=churn", fields="status.phase!=Failed", page_objects=1)

    assert await everything(cluster, POD, "team-a", query) == [{"a": 1}]
    assert [dict(request.query) for request, _ in server[0].asked] == [
        {"limit": "1", "labelSelector": "app=churn", "fieldSelector": "status.phase!=Failed"},
        {
            "limit": "1",
            "labelSelector": "app=churn",
            "fieldSelector": "status.phase!=Failed",
            "continue": "next",
        },
    ]


async def test_served_kinds_are_those_that_discovery_names(
    server: tuple[Server, str], cluster: KubeCluster
) -> None:
    def discovery(request: web.Request) -> web.Response:
        if "monitoring" in request.path:
            return web.json_response({"resources": [{"name": "prometheusrules"}]})
        return web.json_response({"message": "no such group"}, status=404)

    server[0].answer = discovery

    assert await cluster.served() == {PROMETHEUS_RULE}


async def test_watched_kinds_are_asked_for_as_metadata_and_an_empty_list_is_a_list(
    server: tuple[Server, str],
) -> None:
    server[0].answer = lambda request: web.json_response({"items": None})
    access = Access(server[1], ssl.create_default_context(), lambda: None)
    async with open_session(access, frozenset({"configmaps"})) as session:
        for path in ("/api/v1/configmaps", "/api/v1/configmaps?watch=true", "/api/v1/pods"):
            async with session.get(server[1] + path) as answer:
                assert await answer.json() == {"items": []}

    accepted = [request.headers.get("Accept", "") for request, _ in server[0].asked]
    assert "as=PartialObjectMetadataList;" in accepted[0]
    assert "as=PartialObjectMetadata;" in accepted[1]
    assert "as=" not in accepted[2]


async def test_an_answer_to_a_watch_is_a_sign_of_life_and_a_failure_is_none(
    server: tuple[Server, str],
) -> None:
    now = [100.0]
    pulse = Pulse(["pods", "configmaps"], clock=lambda: now[0])
    access = Access(server[1], ssl.create_default_context(), lambda: None)
    async with open_session(access, traces=pulse.traces()) as session:
        await (await session.get(f"{server[1]}/api/v1/pods?watch=true")).read()
        now[0] = 110.0
        server[0].answer = failing(500)
        await (await session.get(f"{server[1]}/api/v1/pods?watch=true")).read()
        await (await session.get(f"{server[1]}/api/v1/configmaps")).read()

    assert pulse.ages_seconds() == {"pods": 10.0}
    pulse.forget("pods")
    assert pulse.ages_seconds() == {}


async def test_no_more_requests_are_under_way_than_are_allowed(
    server: tuple[Server, str],
) -> None:
    counted: list[tuple[str, int]] = []
    access = Access(server[1], ssl.create_default_context(), lambda: None)
    async with open_session(access) as session:
        cluster = KubeCluster(session, server[1], lambda verb, code: counted.append((verb, code)))
        await asyncio.gather(*(cluster.read(CHURN) for _ in range(100)))

    assert counted == [("get", 200)] * 100
    assert server[0].most_under_way <= PARALLEL_REQUESTS


def test_a_token_is_read_again_once_a_minute_and_kept_while_it_cannot_be_read(
    tmp_path: Path,
) -> None:
    now, file = [0.0], tmp_path / "token"
    file.write_text("one\n")
    token = TokenFile(file, clock=lambda: now[0])
    assert token() == "Bearer one"

    file.write_text("two\n")
    assert token() == "Bearer one"
    now[0] = 61.0
    assert token() == "Bearer two"
    file.unlink()
    now[0] = 122.0
    assert token() == "Bearer two"
