"""The two directions of a conversation, message by message: the way for what is not simple.

A reader lives as long as its direction is inside a message.  It refuses to know sockets and
protocols other than HTTP/1.x.
"""

from collections.abc import Callable
from typing import Final

from modelmonitor_sidecar.wire.bodies import Body, body
from modelmonitor_sidecar.wire.exchange import REQUEST, RESPONSE, Exchange, Witness
from modelmonitor_sidecar.wire.heads import (
    Ambiguous,
    HeadCache,
    RequestHead,
    ResponseHead,
    plausible_request,
    plausible_response,
)

Clock = Callable[[], float]
MAX_PENDING: Final = 4096
"""Requests on one connection that wait for their answers; more are not followed."""


class Pieces:
    """The parts of one body, kept while they are wanted, short enough and affordable."""

    __slots__ = ("_parts", "length", "oversized", "wanted")

    def __init__(self, wanted: bool, announced: int, limit: int) -> None:
        self.length = 0
        self.oversized = announced > limit
        self.wanted = wanted and not self.oversized
        self._parts: list[bytes] = []

    def add(self, data: bytes, exchange: Exchange, witness: Witness) -> None:
        """Count the part, and keep it if that is still possible."""
        self.length += len(data)
        if not self.wanted:
            return
        if self.length > witness.limit:
            self.oversized = True
        elif witness.hold(len(data)):
            exchange.held += len(data)
            self._parts.append(data)
            return
        else:
            exchange.unaffordable = True
        self.drop(exchange, witness)

    def drop(self, exchange: Exchange, witness: Witness) -> None:
        """Keep nothing of this body any more."""
        kept = sum(map(len, self._parts))
        witness.release(kept)
        exchange.held -= kept
        self._parts.clear()
        self.wanted = False

    def joined(self) -> bytes:
        """What was kept."""
        return b"".join(self._parts)


class HeadRoom:
    """Room for an unfinished head: free up to `FREE_BYTES`, beyond that within the witness's."""

    FREE_BYTES: Final = 8192

    __slots__ = ("_held", "_witness")

    def __init__(self, witness: Witness) -> None:
        self._witness = witness
        self._held = 0

    def grow(self, size: int) -> bool:
        """Whether a head of `size` bytes may be kept."""
        more = size - self._held
        if size <= self.FREE_BYTES:
            return True
        if not self._witness.hold(more):
            return False
        self._held = size
        return True

    def free(self) -> None:
        """Nothing is kept any more."""
        if self._held:
            self._witness.release(self._held)
            self._held = 0


class RequestReader:
    """Client to server.  `pending` is shared with the other direction."""

    __slots__ = ("_began", "_clock", "_exchange", "_heads", "_pending", "_pieces", "_room",
                 "_witness")  # fmt: skip

    def __init__(
        self,
        witness: Witness,
        clock: Clock,
        heads: HeadCache[RequestHead],
        pending: list[Exchange],
    ) -> None:
        self._room = HeadRoom(witness)
        self._witness = witness
        self._clock = clock
        self._heads = heads
        self._pending = pending
        self._began = 0.0
        self._exchange: Exchange | None = None
        self._pieces: Pieces | None = None

    def goes_on(self) -> bool:
        """Not before the answer to an Upgrade or CONNECT is known."""
        return not (self._pending and self._pending[-1].head.switches)

    def begins(self) -> None:
        """See `Reader`."""
        self._began = self._clock()

    def plausible(self, start: bytes) -> bool:
        """See `Reader`."""
        return plausible_request(start) and self._room.grow(len(start))

    def head(self, raw: bytes) -> Body | None:
        """See `Reader`."""
        self._room.free()
        head = self._heads.read(raw)
        if len(self._pending) >= MAX_PENDING:
            raise Ambiguous("more requests wait for answers than are followed")
        exchange = Exchange(head, self._witness.target(head), self._began)
        self._exchange = exchange
        self._pending.append(exchange)
        self._pieces = Pieces(exchange.target.captures, head.length, self._witness.limit)
        return body(head.length)

    def piece(self, data: bytes) -> None:
        """See `Reader`."""
        assert self._pieces is not None
        assert self._exchange is not None
        self._pieces.add(data, self._exchange, self._witness)

    def ends(self) -> None:
        """See `Reader`."""
        exchange = self.settle()
        exchange.asked = self._clock()
        if exchange.ended:
            self._witness.completed(exchange)
            self._pending.pop()

    def settle(self) -> Exchange:
        """Write into the exchange what of the body has come."""
        exchange, pieces = self._exchange, self._pieces
        assert exchange is not None
        assert pieces is not None
        exchange.request_length = pieces.length
        exchange.oversized |= REQUEST * pieces.oversized
        exchange.request_body = pieces.joined()
        self._exchange = self._pieces = None
        return exchange

    def abandon(self) -> None:
        """Read no further; an unfinished request keeps what came, but is never `asked`."""
        self._room.free()
        if self._exchange is not None:
            self.settle()


class ResponseReader:
    """Server to client.  `switched` is the status that ended HTTP/1.x here, or 0."""

    __slots__ = ("_began", "_clock", "_heads", "_pending", "_pieces", "_room", "_witness",
                 "switched")  # fmt: skip

    def __init__(
        self,
        witness: Witness,
        clock: Clock,
        heads: HeadCache[ResponseHead],
        pending: list[Exchange],
    ) -> None:
        self._witness = witness
        self._clock = clock
        self._heads = heads
        self._pending = pending
        self._began = 0.0
        self._room = HeadRoom(witness)
        self._pieces: Pieces | None = None
        self.switched = 0

    def goes_on(self) -> bool:
        """Not after a switch of protocols."""
        return not self.switched

    def begins(self) -> None:
        """See `Reader`; bytes that answer no request are not followed."""
        if not self._pending or self._pending[0].ended:
            raise Ambiguous("an answer without a request")
        self._began = self._clock()

    def plausible(self, start: bytes) -> bool:
        """See `Reader`."""
        return plausible_response(start) and self._room.grow(len(start))

    def head(self, raw: bytes) -> Body | None:
        """See `Reader`."""
        self._room.free()
        response = self._heads.read(raw)
        exchange = self._pending[0]
        if response.status < 200 and response.status != 101:
            return None
        exchange.answered = self._began
        exchange.response = response
        if response.status == 101 or (exchange.head.method == b"CONNECT" and response.success):
            self.switched = response.status
            return None
        length = 0 if exchange.head.method == b"HEAD" else response.length
        wanted = exchange.target.captures and response.success
        self._pieces = Pieces(wanted, length, self._witness.limit)
        return body(length)

    def piece(self, data: bytes) -> None:
        """See `Reader`."""
        assert self._pieces is not None
        self._pieces.add(data, self._pending[0], self._witness)

    def ends(self) -> None:
        """See `Reader`; an interim answer ends nothing."""
        exchange, pieces = self._pending[0], self._pieces
        if exchange.response is None:
            return
        exchange.ended = self._clock()
        if pieces is not None:
            exchange.response_length = pieces.length
            exchange.oversized |= RESPONSE * pieces.oversized
            exchange.response_body = pieces.joined()
            self._pieces = None
        if exchange.asked or self.switched:
            self._witness.completed(exchange)
            del self._pending[0]

    def abandon(self) -> None:
        """Read no further; what was kept of the answer is dropped, its exchange will be aborted."""
        self._room.free()
        if self._pieces is not None:
            self._pieces.drop(self._pending[0], self._witness)
