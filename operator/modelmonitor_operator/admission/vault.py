"""Where the pairs are kept, and how API servers are told whom to trust.

One Secret of the release's namespace, and one field of one webhook configuration.  The chart makes
both, so that no right to create is needed; neither is ever written where nothing changes.
"""

import base64
import binascii
import logging
from typing import Any, Final

from modelmonitor_operator.admission.pairs import NAME, Pair, read_pair
from modelmonitor_operator.admission.rotation import Pairs
from modelmonitor_operator.cluster import Cluster, Raw, RefusedError
from modelmonitor_operator.inject.pods import entries, inner
from modelmonitor_operator.kinds import MUTATING_WEBHOOKS, SECRET, Reference
from modelmonitor_operator.render.injection_webhook import NAME as CONFIGURATION
from modelmonitor_operator.render.injection_webhook import WEBHOOK

logger = logging.getLogger(__name__)

_SERVING: Final = ("ca.crt", "tls.crt", "tls.key")
_OTHER: Final = ("other-ca.crt", "other-tls.crt", "other-tls.key")


class Vault:
    """The Secret; what was read last is what a write is made against."""

    def __init__(self, cluster: Cluster, namespace: str) -> None:
        self._cluster = cluster
        self._reference = Reference(SECRET, namespace, NAME)

    async def read(self) -> tuple[Raw, Pairs | None]:
        """The Secret and what is in it, None where that is nothing of use; ClusterError."""
        found = await self._cluster.read(self._reference)
        if found is None:
            raise RefusedError(
                f"Secret {NAME} is gone: `helm upgrade` makes it again, and so does "
                f"`kubectl -n {self._reference.namespace} create secret generic {NAME}`"
            )
        return found, _pairs(inner(found, "data"))

    async def write(self, found: Raw, pairs: Pairs) -> None:
        """ConflictError where another replica was faster."""
        await self._cluster.replace({**found, "data": _data(pairs)})


class Announcement:
    """The field `caBundle` of the webhook's configuration."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._reference = Reference(MUTATING_WEBHOOKS, "", CONFIGURATION)

    async def read(self) -> bytes | None:
        """What API servers trust; empty: nothing; None: there is no configuration."""
        found = await self._cluster.read(self._reference)
        if found is None:
            return None
        ours = [one for one in entries(found, "webhooks") if one["name"] == WEBHOOK]
        return b"".join(_decoded(inner(one, "clientConfig").get("caBundle") or "") for one in ours)

    async def write(self, trusted: bytes) -> None:
        """By server-side apply, of this one field."""
        config = {"caBundle": base64.b64encode(trusted).decode()}
        await self._cluster.apply(
            {
                "apiVersion": MUTATING_WEBHOOKS.api_version,
                "kind": MUTATING_WEBHOOKS.name,
                "metadata": {"name": CONFIGURATION},
                "webhooks": [{"name": WEBHOOK, "clientConfig": config}],
            }
        )


def _pairs(data: Raw) -> Pairs | None:
    serving = _pair(data, _SERVING)
    return None if serving is None else Pairs(serving, _pair(data, _OTHER))


def _pair(data: Raw, keys: tuple[str, str, str]) -> Pair | None:
    """A pair that somebody broke is no pair: it is made anew."""
    if not any(data.get(key) for key in keys):
        return None
    try:
        return read_pair(*(_decoded(data[key]) for key in keys))
    except (KeyError, ValueError) as error:
        logger.warning("Secret %s has no certificate under %s: %s", NAME, keys[1], error)
        return None


def _data(pairs: Pairs) -> dict[str, Any]:
    texts = dict(zip(_SERVING, _texts(pairs.serving), strict=True))
    if pairs.other is not None:
        texts |= zip(_OTHER, _texts(pairs.other), strict=True)
    return {key: base64.b64encode(text).decode() for key, text in texts.items()}


def _texts(pair: Pair) -> tuple[bytes, bytes, bytes]:
    return pair.authority, pair.certificate, pair.key


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        return b""
