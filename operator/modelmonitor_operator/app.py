"""Puts the parts of the operator together and runs them: the composition root.

One process, one event loop.  It waits for the Lease; then it watches and reconciles until it is
told to stop or loses the Lease.
"""

import asyncio
import contextlib
import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import kopf
from aiohttp import web

from modelmonitor_api.errors import InputError
from modelmonitor_operator.access import Access, open_session, pod_access
from modelmonitor_operator.cluster import Cluster, ClusterError
from modelmonitor_operator.control.applying import Hands
from modelmonitor_operator.control.book import MonitorBook
from modelmonitor_operator.control.feed import Feed
from modelmonitor_operator.control.inventory import Inventory
from modelmonitor_operator.control.library import Library
from modelmonitor_operator.control.neighbourhood import Lookout
from modelmonitor_operator.control.observe import Eyes
from modelmonitor_operator.control.reconcile import Reconciler
from modelmonitor_operator.control.resync import resync
from modelmonitor_operator.definition import watched_definition
from modelmonitor_operator.health import Condition, health_app
from modelmonitor_operator.kinds import MONITOR, OPTIONAL, OWNED
from modelmonitor_operator.kube import KubeCluster
from modelmonitor_operator.leader import Clocks, Leadership
from modelmonitor_operator.own_metrics import OwnMetrics
from modelmonitor_operator.pulse import Pulse
from modelmonitor_operator.settings import OperatorSettings
from modelmonitor_operator.watch import registered, watching_settings

logger = logging.getLogger(__name__)

DISCOVERY_SECONDS: Final = 10.0
RETRY_SECONDS: Final = 2.0
_METADATA_ONLY: Final = frozenset(kind.plural for kind in OWNED)


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that lives as long as the process leads."""

    settings: OperatorSettings
    access: Access
    cluster: Cluster
    eyes: Eyes
    feed: Feed
    condition: Condition
    metrics: OwnMetrics


def find_access(environment: Mapping[str, str]) -> Access:
    """The pod's service account, or else the kubeconfig that kubectl would use, or InputError."""
    inside = pod_access(environment)
    if inside is not None:
        return inside
    found: kopf.ConnectionInfo | None = None
    with contextlib.suppress(FileNotFoundError):
        found = kopf.login_with_kubeconfig(logger=logger, settings=kopf.OperatorSettings())
    if found is None:
        raise InputError(
            "KUBECONFIG", "names no cluster, and there is no service account; let it name one"
        )
    header = found.as_http_headers().get("Authorization")
    return Access(found.server.rstrip("/"), found.as_ssl_context(), lambda: header)


async def run(settings: OperatorSettings, access: Access, stop: asyncio.Event) -> None:
    """Until `stop` is set; LostLeadershipError when somebody else may lead.

    The Lease has connections of its own: it waits behind no other request.
    """
    metrics = OwnMetrics(settings.plan.version)
    async with open_session(access) as session, open_session(access) as lease_session:
        cluster = KubeCluster(session, access.server, metrics.requested)
        alone = KubeCluster(lease_session, access.server, metrics.requested)
        leadership = Leadership(
            alone, (settings.namespace, settings.identity), settings.lease_seconds, Clocks(_stamp)
        )
        pulse = Pulse(kind.plural for kind in (MONITOR, *OWNED))
        condition = Condition(pulse, settings.silence_seconds, lambda: leadership.last_answer)
        parts = put_together(settings, access, cluster, (condition, metrics))
        definition = watched_definition(cluster, settings.plan.version, condition.judge_definition)
        async with _serving(condition, metrics, settings.port), definition:
            if await _acquired(leadership, stop):
                condition.leading = True
                logger.info("leading as %s", settings.identity)
                try:
                    await _first_done(leadership.hold(), lead(parts, stop))
                finally:
                    condition.leading = False
                with contextlib.suppress(ClusterError):
                    await leadership.release()


async def lead(parts: Parts, stop: asyncio.Event) -> None:
    """All that a leader does, until `stop`; what fails in one of the tasks ends them all."""
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(one)
            for one in (
                parts.condition.measure_lag(),
                _resync_again_and_again(parts),
                _discover_again_and_again(parts),
                _work_when_synced(parts),
                watch(parts, stop),
            )
        ]
        await stop.wait()
        for task in tasks:
            task.cancel()


def put_together(
    settings: OperatorSettings,
    access: Access,
    cluster: Cluster,
    told: tuple[Condition, OwnMetrics],
) -> Parts:
    """All parts of one that leads; `told` is what probes and Prometheus ask."""
    condition, metrics = told
    book, inventory = MonitorBook(), Inventory()
    eyes = Eyes(cluster, Lookout(cluster), Library(cluster), book, inventory)
    reconciler = Reconciler(eyes, Hands(cluster, inventory), settings, _now)
    feed = Feed(reconciler, (book, inventory), metrics)
    metrics.watch_depth(feed.queue.depth)
    metrics.watch_monitors(book.readiness)
    return Parts(settings, access, cluster, eyes, feed, condition, metrics)


async def _acquired(leadership: Leadership, stop: asyncio.Event) -> bool:
    """Whether it leads; False where `stop` came first."""
    await _first_done(leadership.acquire(), stop.wait())
    return not stop.is_set()


async def _first_done(*several: Awaitable[Any]) -> None:
    """Wait for the first to end or fail, and cancel the others."""
    tasks = [asyncio.ensure_future(one) for one in several]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()


async def _work_when_synced(parts: Parts) -> None:
    await parts.condition.synced.wait()
    await parts.feed.queue.run(parts.settings.workers)


async def _resync_again_and_again(parts: Parts) -> None:
    eyes = parts.eyes
    while True:
        if await _tried(resync, eyes.cluster, eyes.book, eyes.inventory, parts.feed):
            parts.condition.synced.set()
            await asyncio.sleep(parts.settings.resync_seconds * random.uniform(0.8, 1.2))
        else:
            await asyncio.sleep(RETRY_SECONDS)


async def _discover_again_and_again(parts: Parts) -> None:
    """Kinds of other operators come and go."""
    known = None
    while True:
        with contextlib.suppress(ClusterError):
            served = await parts.cluster.served()
            for kind in frozenset(OPTIONAL) - served:
                parts.condition.pulse.forget(kind.plural)
            if known is not None and served != known:
                parts.feed.everything()
            known = served
        await asyncio.sleep(DISCOVERY_SECONDS)


async def _tried(work: Callable[..., Awaitable[None]], *arguments: object) -> bool:
    try:
        await work(*arguments)
    except ClusterError as error:
        logger.warning("the cluster could not be listed: %s", error)
        return False
    return True


async def watch(parts: Parts, stop: asyncio.Event) -> None:
    """What kopf sees goes to the feed, until `stop`."""
    registry = registered(parts.feed)

    @kopf.on.login(registry=registry)
    async def login(**_: Any) -> kopf.AiohttpSession:
        traces = parts.condition.pulse.traces()
        session = open_session(parts.access, _METADATA_ONLY, traces)
        return kopf.AiohttpSession(server=parts.access.server, aiohttp_session=session)

    await kopf.operator(
        registry=registry,
        settings=watching_settings(),
        identity=parts.settings.identity,  # type: ignore[arg-type] # a str of a private name
        standalone=True,
        clusterwide=True,
        stop_flag=stop,
    )
    stop.set()


@contextlib.asynccontextmanager
async def _serving(condition: Condition, metrics: OwnMetrics, port: int) -> AsyncIterator[None]:
    runner = web.AppRunner(health_app(condition, metrics), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, port=port).start()
    try:
        yield
    finally:
        await runner.cleanup()


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _stamp() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
