"""Puts the parts of the webhook together and runs them: its composition root.

One process, one event loop, nothing on disk and nothing that another replica would miss.
"""

import asyncio
import contextlib
import ssl
import tempfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from aiohttp import web

from modelmonitor_operator.access import Access, open_session
from modelmonitor_operator.admission.certificates import (
    FolderSource,
    Keeper,
    OwnSource,
    Shown,
    Source,
)
from modelmonitor_operator.admission.metrics import WebhookMetrics
from modelmonitor_operator.admission.monitors import Monitors
from modelmonitor_operator.admission.serving import Reviewer, health_app, review_app
from modelmonitor_operator.admission.settings import WebhookSettings
from modelmonitor_operator.admission.vault import Announcement, Vault
from modelmonitor_operator.cluster import Cluster
from modelmonitor_operator.kube import KubeCluster

SHUTDOWN_SECONDS: Final = 5.0
"""For answers that are under way when it ends; nobody waits for one any longer."""


async def run(settings: WebhookSettings, access: Access, stop: asyncio.Event) -> None:
    """Until `stop` is set, and then for as long as API servers may not know of it."""
    metrics = WebhookMetrics(settings.version)
    tls = server_tls()
    async with open_session(access) as session:
        cluster = KubeCluster(session, access.server, metrics.requested)
        keeper = Keeper(_source(settings, cluster), lambda shown: show(tls, shown), metrics)

        def unready() -> str | None:
            return "it is ending" if stop.is_set() else keeper.problem(datetime.now(UTC))

        reviews = review_app(Reviewer(Monitors(cluster), settings, metrics))
        async with (
            _listening(health_app(unready, metrics), settings.metrics_port),
            _listening(reviews, settings.port, tls),
        ):
            keeping = asyncio.create_task(keeper.keep(settings.certificates.check_seconds))
            await asyncio.wait(
                (keeping, asyncio.create_task(stop.wait())), return_when=asyncio.FIRST_COMPLETED
            )
            if keeping.done():
                keeping.result()
            await asyncio.sleep(settings.drain_seconds)
            keeping.cancel()


def server_tls() -> ssl.SSLContext:
    """Without a certificate yet: whoever calls before there is one is told so by TLS."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.minimum_version = ssl.TLSVersion.TLSv1_2
    return tls


def show(tls: ssl.SSLContext, shown: Shown) -> None:
    """From the next connection on; ValueError where certificate and key do not fit.

    Tried on another context first: one that is given a wrong pair has none afterwards.  OpenSSL
    reads files only: they are there for a moment, and for this process alone.
    """
    with tempfile.TemporaryDirectory() as folder:
        certificate, key = Path(folder) / "certificate", Path(folder) / "key"
        certificate.write_bytes(shown.certificate)
        key.write_bytes(shown.key)
        try:
            server_tls().load_cert_chain(certificate, key)
        except ssl.SSLError as error:
            raise ValueError(f"certificate and key cannot be used ({error})") from None
        tls.load_cert_chain(certificate, key)


def _source(settings: WebhookSettings, cluster: Cluster) -> Source:
    wanted = settings.certificates
    if wanted.folder is not None:
        return FolderSource(wanted.folder)
    return OwnSource(Vault(cluster, settings.namespace), Announcement(cluster), wanted)


@contextlib.asynccontextmanager
async def _listening(
    app: web.Application, port: int, tls: ssl.SSLContext | None = None
) -> AsyncIterator[None]:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
    await runner.setup()
    await web.TCPSite(runner, port=port, ssl_context=tls).start()
    try:
        yield
    finally:
        await runner.cleanup()
