"""The real cluster: plain HTTPS to the API server.  The only file that knows how it is asked.

Answers become objects or one of the errors of `cluster`, once, here.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any, Final

import aiohttp
import orjson

from modelmonitor_api.names import FIELD_MANAGER
from modelmonitor_operator.access import METADATA_ONLY, accepted
from modelmonitor_operator.cluster import (
    ClusterError,
    ConflictError,
    ExpiredError,
    ForbiddenError,
    Query,
    Raw,
    RefusedError,
    UnavailableError,
)
from modelmonitor_operator.kinds import OPTIONAL, Kind, Reference, kind_of, reference_to

REQUEST_SECONDS: Final = 20.0
PARALLEL_REQUESTS: Final = 32
_APPLY: Final = {"Content-Type": "application/apply-patch+yaml", "Accept": METADATA_ONLY}
"""A hundred kilobytes that were just sent need not come back."""
_JSON: Final = {"Content-Type": "application/json"}
_FORCED: Final = {"fieldManager": FIELD_MANAGER, "force": "true"}
_NOT_FOUND: Final = 404

Counted = Callable[[str, int], None]
"""Told each request's verb and status code; 0 where there was no answer."""


class KubeCluster:
    """Satisfies `Cluster`.  At most PARALLEL_REQUESTS are under way, the others wait."""

    def __init__(
        self, session: aiohttp.ClientSession, server: str, counted: Counted = lambda *_: None
    ) -> None:
        self._session, self._server, self._counted = session, server, counted
        self._turn = asyncio.Semaphore(PARALLEL_REQUESTS)

    async def read(self, reference: Reference, known: str = "") -> Raw | None:
        """See `Cluster`."""
        parameters = {"resourceVersion": known} if known else {}
        return await self._ask("get", self._object(reference), params=parameters)

    async def pages(self, kind: Kind, namespace: str, query: Query) -> AsyncIterator[Sequence[Raw]]:
        """See `Cluster`."""
        parameters = _parameters(query)
        headers = {"Accept": accepted(watched=False)} if query.metadata_only else {}
        while True:
            page = await self._ask(
                "get", self._collection(kind, namespace), params=parameters, headers=headers
            )
            if page is None:
                return
            yield page.get("items") or ()
            token = page["metadata"].get("continue")
            if not token:
                return
            parameters["continue"] = token

    async def apply(self, manifest: Raw) -> Raw:
        """See `Cluster`."""
        return await self._applied(manifest, self._object(reference_to(manifest)))

    async def apply_status(self, manifest: Raw) -> Raw:
        """See `Cluster`."""
        return await self._applied(manifest, f"{self._object(reference_to(manifest))}/status")

    async def create(self, manifest: Raw) -> Raw:
        """See `Cluster`."""
        url = self._collection(kind_of(manifest), manifest["metadata"].get("namespace", ""))
        return _there(await self._ask("post", url, body=manifest, headers=_JSON), url)

    async def replace(self, manifest: Raw) -> Raw:
        """See `Cluster`."""
        url = self._object(reference_to(manifest))
        return _there(await self._ask("put", url, body=manifest, headers=_JSON), url)

    async def delete(self, reference: Reference, uid: str) -> None:
        """See `Cluster`."""
        body = {"preconditions": {"uid": uid}, "propagationPolicy": "Background"}
        try:
            await self._ask("delete", self._object(reference), body=body, headers=_JSON)
        except ConflictError:
            return

    async def served(self) -> frozenset[Kind]:
        """See `Cluster`."""
        groups = {(kind.group, kind.version) for kind in OPTIONAL}
        plurals = {group: await self._plurals(*group) for group in groups}
        return frozenset(
            kind for kind in OPTIONAL if kind.plural in plurals[kind.group, kind.version]
        )

    async def _plurals(self, group: str, version: str) -> frozenset[str]:
        found = await self._ask("get", f"{self._server}/apis/{group}/{version}")
        return frozenset(one["name"] for one in (found or {}).get("resources") or ())

    async def _applied(self, manifest: Raw, url: str) -> Raw:
        answer = await self._ask("patch", url, body=manifest, headers=_APPLY, params=_FORCED)
        return _there(answer, url)

    def _collection(self, kind: Kind, namespace: str) -> str:
        root = f"apis/{kind.group}/{kind.version}" if kind.group else f"api/{kind.version}"
        place = f"/namespaces/{namespace}" if kind.namespaced and namespace else ""
        return f"{self._server}/{root}{place}/{kind.plural}"

    def _object(self, reference: Reference) -> str:
        return f"{self._collection(reference.kind, reference.namespace)}/{reference.name}"

    async def _ask(
        self,
        verb: str,
        url: str,
        *,
        body: Raw | None = None,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
    ) -> dict[str, Any] | None:
        """The answer; None for 404."""
        data = None if body is None else orjson.dumps(body)
        limit = aiohttp.ClientTimeout(total=REQUEST_SECONDS)
        code = 0
        try:
            async with (
                self._turn,
                self._session.request(
                    verb, url, data=data, headers=headers, params=params, timeout=limit
                ) as answer,
            ):
                code = answer.status
                text = await answer.read()
                retry = answer.headers.get("Retry-After")
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise UnavailableError(f"{verb} {url}: no answer ({error!r})") from None
        finally:
            self._counted(verb, code)
        return _judged(code, text, retry)


def _parameters(query: Query) -> dict[str, str]:
    parameters = {"limit": str(query.page_objects)}
    if query.labels:
        parameters["labelSelector"] = query.labels
    if query.fields:
        parameters["fieldSelector"] = query.fields
    return parameters


def _judged(code: int, text: bytes, retry: str | None) -> dict[str, Any] | None:
    if code == _NOT_FOUND:
        return None
    if code >= 400:
        raise _error(code, _message(text), retry)
    try:
        answer: dict[str, Any] = orjson.loads(text)
    except ValueError:
        raise UnavailableError(f"no answer of an API server: {_message(text)}") from None
    return answer


def _error(code: int, message: str, retry: str | None) -> ClusterError:
    """401 is no refusal: the token may be about to be renewed."""
    match code:
        case 403:
            return ForbiddenError(message)
        case 409:
            return ConflictError(message)
        case 410:
            return ExpiredError(message)
        case 401 | 408 | 429:
            return UnavailableError(message, _seconds(retry))
        case _ if code >= 500:
            return UnavailableError(message, _seconds(retry))
        case _:
            return RefusedError(message)


def _seconds(retry: str | None) -> float | None:
    return float(retry) if retry is not None and retry.isdigit() else None


def _message(text: bytes) -> str:
    """The sentence of a Status object, or the beginning of whatever came."""
    try:
        return str(orjson.loads(text)["message"])
    except (ValueError, KeyError, TypeError):
        return text[:200].decode("utf-8", "replace")


def _there(answer: dict[str, Any] | None, url: str) -> Raw:
    """Where nothing can be made: the kind is not served, or the namespace went."""
    if answer is None:
        raise RefusedError(f"{url}: not found")
    return answer
