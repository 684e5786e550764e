"""Both directions of one connection, as exchanges.

        client's bytes ─▶ request_bytes ─┐
                                         ├─▶ witness: completed, aborted, speaks
        server's bytes ─▶ response_bytes ┘

The bytes are copies of what has already been forwarded.  Any way of cutting them gives the same
exchanges.  What cannot be followed without guessing makes the connection opaque: from then on only
its bytes are counted.  The clock and the witness are passed in.
"""

from modelmonitor_sidecar.wire import preface
from modelmonitor_sidecar.wire.exchange import REQUEST, RESPONSE, Exchange, Traffic, Witness
from modelmonitor_sidecar.wire.heads import (
    END,
    Ambiguous,
    Head,
    HeadCache,
    RequestHead,
    ResponseHead,
)
from modelmonitor_sidecar.wire.messages import Messages
from modelmonitor_sidecar.wire.readers import Clock, RequestReader, ResponseReader


class Untold:
    """Where a connection's bytes would be counted that has not told what it speaks: nowhere."""

    __slots__ = ("bytes",)

    def __init__(self) -> None:
        self.bytes = 0


class Sight:
    """What the conversations of a worker share: a witness, a clock, and the heads seen before."""

    __slots__ = ("clock", "request_heads", "response_heads", "untold", "witness")

    def __init__(self, witness: Witness, clock: Clock) -> None:
        self.witness = witness
        self.clock = clock
        self.request_heads = HeadCache(RequestHead)
        self.response_heads = HeadCache(ResponseHead)
        self.untold = Untold()


class Conversation:
    """Cost: where one chunk is one whole message, whose head is that of the message before (or one
    that any connection has seen), a comparison and one `Exchange`.  Readers exist once a message
    came in parts or several requests waited for answers; `_asking` and `_answering` say that their
    direction is theirs.

    Invariant: `_pending` holds the requests whose head was complete and whose exchange is not; each
    of them is told to the witness exactly once, as completed or aborted.
    """

    __slots__ = (
        "_answering", "_asking", "_clock", "_pending", "_request_head", "_requests",
        "_response_head", "_responses", "_sight", "_start", "_traffic", "_witness", "protocol",
    )  # fmt: skip

    def __init__(self, sight: Sight) -> None:
        self._sight = sight
        self._witness = sight.witness
        self._clock = sight.clock
        self._pending: list[Exchange] = []
        self._request_head: RequestHead | None = None
        self._response_head: ResponseHead | None = None
        self._requests: Messages[RequestReader] | None = None
        self._responses: Messages[ResponseReader] | None = None
        self._asking = self._answering = False
        self._start: bytes = b""
        self._traffic: Traffic = sight.untold
        self.protocol: str | None = None
        """None until the first bytes have told."""

    @property
    def idle(self) -> bool:
        """Whether it stands on the border between exchanges; never for what is opaque."""
        if self.protocol not in (None, preface.HTTP_1):
            return False
        # A request whose answer is to switch protocols leaves `_asking` behind, harmlessly.
        asking = self._asking and self._requests is not None and not self._requests.idle
        return not (asking or self._answering or self._pending or self._start)

    def request_bytes(self, data: bytes) -> None:
        """The client sent this (not empty)."""
        head = self._request_head
        if (
            head is None
            or self._pending
            or self._asking
            or len(data) != head.whole
            or not data.startswith(head.raw)
        ):
            head = self._request_head = self._lone_request(data)
            if head is None:
                self._request_part(data)
                return
        now = self._clock()
        exchange = Exchange(head, self._witness.target(head), now, now)
        length = exchange.request_length = head.length
        if length and exchange.target.captures:
            if length > self._witness.limit:
                exchange.oversized = REQUEST
            elif self._witness.hold(length):
                exchange.request_body = data[head.size :]
                exchange.held = length
            else:
                exchange.unaffordable = True
        self._pending.append(exchange)
        self._traffic.bytes += len(data)

    def response_bytes(self, data: bytes) -> None:
        """The server sent this (not empty)."""
        pending = self._pending
        head = self._response_head
        if (
            head is None
            or not pending
            or self._answering
            or len(data) != head.whole
            or not data.startswith(head.raw)
            or not pending[0].asked
            or not pending[0].head.simple
        ):
            head = self._response_head = self._lone_response(data)
            if head is None:
                self._response_part(data)
                return
        exchange = pending[0]
        exchange.answered = exchange.ended = self._clock()
        exchange.response = head
        length = exchange.response_length = head.length
        if length and exchange.target.captures and head.success:
            if length > self._witness.limit:
                exchange.oversized |= RESPONSE
            else:
                exchange.response_body = data[head.size :]
        self._traffic.bytes += len(data)
        self._witness.completed(exchange)
        del pending[0]  # not before, so that a witness that fails is told of an abort

    def response_end(self) -> None:
        """The server sends no more (FIN): that completes an answer without a length."""
        if self._responses is not None:
            self._responses.end()

    def lost(self) -> None:
        """The connection ended, however; the witness is told of all that was pending."""
        if self.protocol is None:
            self._becomes(preface.UNKNOWN if self._start else preface.SILENT)
        self._abandon()

    def fail(self) -> None:
        """The witness failed here: follow this connection no longer, only count its bytes."""
        pending, self._pending = self._pending, []
        self._becomes(preface.UNOBSERVED)
        for exchange in pending:
            self._witness.aborted(exchange)

    def _lone_request(self, data: bytes) -> RequestHead | None:
        """Of a chunk that is one whole request, if that is all there is to say about it."""
        if self._pending or self._asking or self.protocol != preface.HTTP_1:
            return None
        return _lone(self._sight.request_heads, data)

    def _lone_response(self, data: bytes) -> ResponseHead | None:
        """Likewise of a chunk that is the whole answer to the first request that waits."""
        pending = self._pending
        if not self._answering and pending and pending[0].asked and pending[0].head.simple:
            return _lone(self._sight.response_heads, data)
        return None

    def _request_part(self, data: bytes) -> None:
        if self.protocol is None:
            self._greet(self._start + data)
            return
        self._traffic.bytes += len(data)
        if self.protocol != preface.HTTP_1:
            return
        messages = self._requests
        if messages is None:
            reader = RequestReader(
                self._witness, self._clock, self._sight.request_heads, self._pending
            )
            messages = self._requests = Messages(reader)
        if not _followed(messages, data):
            self._becomes(preface.AMBIGUOUS)
        else:
            self._asking = not (messages.idle and messages.reader.goes_on())

    def _response_part(self, data: bytes) -> None:
        if self.protocol is None:
            self._becomes(preface.protocol_of_server(data))
        self._traffic.bytes += len(data)
        if self.protocol != preface.HTTP_1:
            return
        messages = self._responses
        if messages is None:
            reader = ResponseReader(
                self._witness, self._clock, self._sight.response_heads, self._pending
            )
            messages = self._responses = Messages(reader)
        followed, switched = _followed(messages, data), messages.reader.switched
        if switched:
            self._becomes(preface.UPGRADE if switched == 101 else preface.TUNNEL)
        elif not followed:
            self._becomes(preface.AMBIGUOUS)
        else:
            self._answering = not messages.idle

    def _greet(self, start: bytes) -> None:
        protocol = preface.protocol(start)
        if protocol is None:
            self._start = start
            return
        self._start = b""  # its bytes are counted when they are read again, right now
        self._becomes(protocol)
        self.request_bytes(start)

    def _becomes(self, protocol: str) -> None:
        self.protocol = protocol
        self._traffic = self._witness.speaks(protocol)
        self._traffic.bytes += len(self._start)
        self._start = b""
        if protocol != preface.HTTP_1:
            self._abandon()

    def _abandon(self) -> None:
        """Tell the witness of everything pending, and let go of all that is kept."""
        for messages in (self._requests, self._responses):
            if messages is not None:
                messages.reader.abandon()
        self._requests = self._responses = None
        self._request_head = self._response_head = None
        self._asking = self._answering = False
        pending, self._pending = self._pending, []
        for exchange in pending:
            if exchange.ended:
                self._witness.completed(exchange)
            else:
                self._witness.aborted(exchange)


def _followed(messages: Messages[RequestReader] | Messages[ResponseReader], data: bytes) -> bool:
    try:
        return messages.feed(data)
    except Ambiguous:
        return False


def _lone(heads: HeadCache[Head], data: bytes) -> Head | None:
    """The head of the message that `data` is, whole and alone; None where it is not."""
    # A connection keeps its last head: a long one, which no other shares, is read in parts instead.
    end = data.find(END, 0, HeadCache.MAX_CACHED_BYTES) + len(END)
    if end < len(END):
        return None
    try:
        head = heads.read(data[:end])
    except Ambiguous:
        return None  # whoever reads it part by part will find out again, and decide
    return head if head.whole == len(data) else None
