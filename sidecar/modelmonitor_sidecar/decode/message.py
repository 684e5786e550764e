"""One body with what its head says of it: what a decoder reads."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from modelmonitor_sidecar.decode import documents
from modelmonitor_sidecar.decode.rows import Reason, Undecodable

_UNREAD: Final = object()


class Message:
    """A request's or an answer's body, its content encoding undone; JSON is read at most once."""

    __slots__ = ("_document", "body", "content_type", "headers_length")

    def __init__(self, body: bytes, content_type: str, headers_length: int) -> None:
        self.body = body
        self.content_type = content_type
        self.headers_length = headers_length
        self._document: Any = _UNREAD

    @property
    def document(self) -> Any:
        """The body as JSON; of Open Inference's binary form the JSON head."""
        if self._document is _UNREAD:
            length = self.headers_length
            if length > len(self.body):
                raise Undecodable(Reason.TENSOR_BROKEN)
            body = self.body if length < 0 else self.body[:length]
            if not body:
                raise Undecodable(Reason.EMPTY_BODY)
            self._document = documents.parsed(body)
        return self._document

    @property
    def fields(self) -> dict[str, Any]:
        """The JSON object in the body; SHAPE_UNKNOWN where it is another value."""
        document = self.document
        if type(document) is not dict:
            raise Undecodable(Reason.SHAPE_UNKNOWN)
        return document


@dataclass(frozen=True, slots=True)
class MediaType:
    """A content type taken apart; names in lower case."""

    name: str
    parameters: Mapping[str, str]


@lru_cache(maxsize=256)
def media_type(content_type: str) -> MediaType:
    """`text/csv; header=present` -> name and parameters."""
    name, *rest = content_type.split(";")
    pairs = (part.partition("=") for part in rest)
    return MediaType(
        name.strip().lower(),
        {key.strip().lower(): value.strip().strip('"').lower() for key, _, value in pairs},
    )
