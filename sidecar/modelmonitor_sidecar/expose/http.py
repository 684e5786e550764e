"""Just enough of HTTP/1.1 to serve a few pages: one head in, one answer out.

GET and HEAD, no bodies of requests, nothing that a proxy or a browser does not send.  It refuses to
know sockets and pages.
"""

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qsl, unquote

MAX_HEAD_BYTES: Final = 16 << 10
MAX_QUERY_FIELDS: Final = 20
GZIP_LEVEL: Final = 1
_GZIP_WINDOW: Final = 31
_WORTH_GZIP_BYTES: Final = 1_024
_REQUEST_LINE: Final = re.compile(r"([A-Z]{1,16}) (/\S{0,4096}) HTTP/1\.([01])")


class BadRequestError(ValueError):
    """What came is no request that could be answered; the message is for the client."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request; header names in lower case, of a name that came twice the last."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    keep_alive: bool


@dataclass(frozen=True, slots=True)
class Response:
    """An answer, before it is packed and compressed."""

    body: bytes
    content_type: str = "text/plain; charset=utf-8"
    status: HTTPStatus = HTTPStatus.OK
    headers: Mapping[str, str] = field(default_factory=dict)


def plain(status: HTTPStatus, sentence: str) -> Response:
    """A sentence as an answer."""
    return Response(f"{sentence}\n".encode(), status=status)


def parse_head(head: bytes) -> Request:
    """The request whose head (without its empty line) this is, or BadRequestError."""
    first, *lines = head.decode("latin-1").split("\r\n")
    found = _REQUEST_LINE.fullmatch(first)
    if found is None:
        raise BadRequestError("This is no HTTP/1 request.")
    headers = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or name != name.strip():
            raise BadRequestError("A header line has no colon, or space before it.")
        headers[name.lower()] = value.strip()
    if headers.get("content-length", "0") != "0" or "transfer-encoding" in headers:
        raise BadRequestError("Requests with a body are not served.")
    asked = headers.get("connection", "" if found[3] == "1" else "close").lower()
    path, query = _target(found[2])
    return Request(found[1], path, query, headers, asked != "close")


def _target(text: str) -> tuple[str, Mapping[str, str]]:
    path, _, query = text.partition("?")
    try:
        return unquote(path), dict(parse_qsl(query, max_num_fields=MAX_QUERY_FIELDS))
    except ValueError:
        raise BadRequestError("The query has too many fields.") from None


def packed(response: Response, request: Request | None) -> bytes:
    """The answer as bytes: compressed where the client takes it, without body for HEAD."""
    body, headers = response.body, dict(response.headers)
    accepted = "" if request is None else request.headers.get("accept-encoding", "")
    if "gzip" in accepted and len(body) >= _WORTH_GZIP_BYTES:
        body = zlib.compress(body, GZIP_LEVEL, wbits=_GZIP_WINDOW)
        headers["Content-Encoding"] = "gzip"
    headers |= {
        "Content-Type": response.content_type,
        "Content-Length": str(len(body)),
        "Vary": "Accept-Encoding",
        "Connection": "keep-alive" if request is not None and request.keep_alive else "close",
    }
    lines = [f"HTTP/1.1 {response.status.value} {response.status.phrase}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    head = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
    return head if request is not None and request.method == "HEAD" else head + body
