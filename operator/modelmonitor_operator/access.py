"""How to reach the API server, and sessions that log in by themselves.

A token in a file is read again once a minute: the kubelet replaces it before it expires.  It
refuses to know where the answers to these questions are found (`app`), and what is asked for.
"""

import ssl
import time
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import aiohttp
from aiohttp import ClientHandlerType, ClientRequest, ClientResponse

TOKEN_SECONDS: Final = 60.0
SERVICE_ACCOUNT: Final = Path("/var/run/secrets/kubernetes.io/serviceaccount")
_METADATA_LIST: Final = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
_METADATA: Final = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"

METADATA_ONLY: Final = f"{_METADATA}, application/json;q=0.5"
"""What is accepted where of one object the metadata will do."""

Authorization = Callable[[], str | None]
"""The header's value at this moment; None: a client certificate does it."""


@dataclass(frozen=True, slots=True)
class Access:
    """Address and login.  `server` has no slash at its end."""

    server: str
    tls: ssl.SSLContext
    authorization: Authorization


class TokenFile:
    """The bearer token in a file, at most a minute old; the old one where it cannot be read."""

    def __init__(self, file: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._file, self._clock = file, clock
        self._header = self._read()
        self._read_at = clock()

    def __call__(self) -> str:
        """The header's value."""
        if self._clock() - self._read_at > TOKEN_SECONDS:
            self._read_at = self._clock()
            try:
                self._header = self._read()
            except OSError:
                return self._header
        return self._header

    def _read(self) -> str:
        return f"Bearer {self._file.read_text().strip()}"


def pod_access(environment: Mapping[str, str]) -> Access | None:
    """That of the pod's service account; None outside a cluster."""
    host, port = (environment.get(f"KUBERNETES_SERVICE_{key}") for key in ("HOST", "PORT"))
    if not host or not port or not (SERVICE_ACCOUNT / "token").exists():
        return None
    shown = f"[{host}]" if ":" in host else host
    tls = ssl.create_default_context(cafile=str(SERVICE_ACCOUNT / "ca.crt"))
    return Access(f"https://{shown}:{port}", tls, TokenFile(SERVICE_ACCOUNT / "token"))


class ListResponse(ClientResponse):
    """An empty list of metadata comes as null, which whoever expects a list stumbles over."""

    async def json(self, **how: Any) -> Any:
        """The body, with a list where there may be one."""
        answer = await super().json(**how)
        if isinstance(answer, dict) and "items" in answer:
            answer["items"] = answer["items"] or []
        return answer


def open_session(
    access: Access,
    metadata_only: Set[str] = frozenset(),
    traces: aiohttp.TraceConfig | None = None,
) -> aiohttp.ClientSession:
    """A session for one event loop.

    Lists and watches of the plurals in `metadata_only` bring metadata alone: bodies of rules and
    dashboards would be a hundred times as large, and nobody keeps them.
    """

    async def headers(request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
        authorization = access.authorization()
        if authorization is not None:
            request.headers["Authorization"] = authorization
        if request.method == "GET" and request.url.path.rpartition("/")[2] in metadata_only:
            watched = request.url.query.get("watch") == "true"
            request.headers["Accept"] = accepted(watched=watched)
        return await handler(request)

    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(ssl=access.tls, limit=0),
        middlewares=(headers,),
        response_class=ListResponse,
        trace_configs=[] if traces is None else [traces],
    )


def accepted(*, watched: bool) -> str:
    """What asks for metadata alone, of a watch or a list."""
    return METADATA_ONLY if watched else f"{_METADATA_LIST}, application/json;q=0.5"
