"""A request and its answer, as far as they have come, and who is told about them.

Plain data.  Times are on the conversation's clock; 0 stands for "not yet".  Lengths are payload
bytes, without heads and chunking.
"""

from typing import Any, Final, Protocol

from modelmonitor_sidecar.wire.heads import RequestHead, ResponseHead

REQUEST: Final = 1
RESPONSE: Final = 2


class Target(Protocol):
    """Where a request is headed, as the witness sees it."""

    captures: bool
    """Whether the bodies are wanted."""


class Exchange:
    """One request and its answer.

    `began` is the request's first byte, `asked` its last, `answered` the final answer's first byte,
    `ended` its last.  `held` counts the bytes of both bodies that the witness let us keep; an
    answer that came in one piece with its end is not held, only passed on.  A body that is not kept
    whole is not kept at all: `oversized` (`REQUEST`, `RESPONSE` or both) beyond the witness's
    limit, `unaffordable` where the witness had no room.
    """

    __slots__ = (
        "answered", "asked", "began", "ended", "head", "held", "oversized", "request_body",
        "request_length", "response", "response_body", "response_length", "target", "unaffordable",
    )  # fmt: skip

    def __init__(self, head: RequestHead, target: Target, began: float, asked: float = 0.0) -> None:
        self.head = head
        self.target: Any = target  # the witness gave it and gets it back; wire asks `captures`
        self.began = began
        self.asked = asked
        self.answered = self.ended = 0.0
        self.response: ResponseHead | None = None
        self.request_length = self.response_length = self.held = 0
        self.request_body = self.response_body = b""
        self.oversized = 0
        self.unaffordable = False


class Traffic(Protocol):
    """The bytes of all connections of one protocol."""

    bytes: int


class Witness(Protocol):
    """Who is told what happens in conversations.  Everything returns at once."""

    limit: int
    """Longest body that is kept, in bytes."""

    def speaks(self, protocol: str) -> Traffic:
        """A connection turned out to speak this; where to count its bytes."""

    def target(self, head: RequestHead) -> Target:
        """A request's head is complete: where is it headed?  Once a request."""

    def hold(self, count: int) -> bool:
        """Whether `count` more bytes may be kept."""

    def release(self, count: int) -> None:
        """Bytes held are kept no longer."""

    def completed(self, exchange: Exchange) -> None:
        """Answered.  Where the connection ended first, the request may be unfinished (`asked`).

        The exchange's held bytes are now the witness's.
        """

    def aborted(self, exchange: Exchange) -> None:
        """It will never be known to be answered.  Its held bytes are now the witness's."""
