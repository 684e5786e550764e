"""Keeps the certificate that is shown good, again and again until the process ends.

Its own: made, announced and followed by the next (`rotation`).  Or somebody else's, from files
that are read again.  What fails is logged, counted and tried again: a certificate that cannot be
renewed today is still good for a third of its life.
"""

import asyncio
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from modelmonitor_operator.admission.metrics import WebhookMetrics
from modelmonitor_operator.admission.pairs import certificate_period, new_pair
from modelmonitor_operator.admission.rotation import Pairs, Terms, rotated
from modelmonitor_operator.admission.settings import CertificateSettings
from modelmonitor_operator.admission.vault import Announcement, Vault
from modelmonitor_operator.cluster import ClusterError, ConflictError

logger = logging.getLogger(__name__)

CONFLICT_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Shown:
    """A certificate with its key, in PEM, and from when until when it is good."""

    certificate: bytes
    key: bytes
    begins: datetime
    ends: datetime


class Source(Protocol):
    """Where the certificate comes from."""

    async def current(self) -> Shown:
        """What is to be shown now; ClusterError, OSError or ValueError if that is not known."""


class OwnSource:
    """Made here, kept in a Secret that all replicas share."""

    def __init__(
        self,
        vault: Vault,
        announcement: Announcement,
        settings: CertificateSettings,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._vault, self._announcement, self._now = vault, announcement, now
        make = partial(new_pair, settings.hosts, valid_seconds=settings.valid_seconds)
        self._terms = Terms(make, settings.hosts, settings.overlap_seconds)

    async def current(self) -> Shown:
        """See `Source`.  Whoever loses a race looks again, and finds what the winner wrote."""
        while True:
            try:
                serving = (await self._step()).serving
            except ConflictError:
                await asyncio.sleep(CONFLICT_SECONDS * random.random())
            else:
                return Shown(serving.certificate, serving.key, serving.made, serving.ends)

    async def _step(self) -> Pairs:
        """One step of the rotation, if one is due; then everybody is told whom to trust."""
        found, stored = await self._vault.read()
        announced = await self._announcement.read()
        pairs = rotated(stored, announced or b"", self._now(), self._terms)
        if pairs != stored:
            await self._vault.write(found, pairs)
            logger.info("certificates in the Secret changed; the one shown ends %s", _end(pairs))
        if announced is None:
            logger.warning("there is no webhook configuration: no API server will ask anything")
        elif announced != pairs.trusted():
            await self._announcement.write(pairs.trusted())
        return pairs


class FolderSource:
    """Somebody else's, e.g. cert-manager's, mounted as `tls.crt` and `tls.key`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def current(self) -> Shown:
        """See `Source`."""
        certificate, key = ((self._folder / f"tls.{name}").read_bytes() for name in ("crt", "key"))
        return Shown(certificate, key, *certificate_period(certificate))


class Keeper:
    """Hands what is to be shown to `show`, whenever it changes."""

    def __init__(
        self, source: Source, show: Callable[[Shown], Any], metrics: WebhookMetrics
    ) -> None:
        self._source, self._show, self._metrics = source, show, metrics
        self._shown: Shown | None = None

    async def look(self) -> None:
        """Once."""
        try:
            current = await self._source.current()
            if current != self._shown:
                self._show(current)
        except (ClusterError, OSError, ValueError) as error:
            logger.warning("the certificate could not be seen to: %s", error)
            self._metrics.certificate_failures.inc()
            return
        self._shown = current
        self._metrics.certificate_begin.set(current.begins.timestamp())
        self._metrics.certificate_end.set(current.ends.timestamp())

    def problem(self, now: datetime) -> str | None:
        """Why no API server will believe it; None: they will."""
        if self._shown is None:
            return "there is no certificate yet"
        return "the certificate has ended" if self._shown.ends <= now else None

    async def keep(self, seconds: float) -> None:
        """Until cancelled; soon again while there is nothing to show."""
        while True:
            await self.look()
            pause = seconds if self._shown is not None else min(seconds, 2.0)
            await asyncio.sleep(pause * random.uniform(0.8, 1.2))


def _end(pairs: Pairs) -> str:
    return pairs.serving.ends.isoformat()
