"""One body with what its head says of it: what a decoder reads."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from modelmonitor_sidecar.decode.bodies import plain_body
from modelmonitor_sidecar.decode.documents import parsed
from modelmonitor_sidecar.decode.rows import MAX_BODY_BYTES, Reason, Undecodable

_UNREAD: Final = object()


class Message:
    """A request's or an answer's body, its content encoding undone; JSON is read at most once.

    Undecodable where the encoding cannot be undone within MAX_BODY_BYTES.
    """

    __slots__ = ("_document", "body", "content_type", "headers_length")

    def __init__(
        self, body: bytes, content_type: str, encoding: str = "", headers_length: int = -1
    ) -> None:
        plain = not encoding and len(body) <= MAX_BODY_BYTES
        self.body = body if plain else plain_body(body, encoding)
        self.content_type = content_type
        self.headers_length = headers_length
        self._document: Any = _UNREAD

    def document(self) -> Any:
        """The body as JSON; of Open Inference's binary form the JSON head."""
        document = self._document
        if document is _UNREAD:
            length = self.headers_length
            document = self._document = parsed(self.body if length < 0 else self.body[:length])
        return document

    def fields(self) -> dict[str, Any]:
        """The JSON object in the body; SHAPE_UNKNOWN where it is another value."""
        document = self.document()
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
