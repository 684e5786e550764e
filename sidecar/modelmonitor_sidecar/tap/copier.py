"""An answered inference becomes a frame, if the budget has room; else the loss is counted."""

from collections.abc import Callable
from typing import Final

from modelmonitor_sidecar.frames import START_BYTES, pack_rest, pack_start, text_block
from modelmonitor_sidecar.tap.budget import Budget
from modelmonitor_sidecar.tap.counters import RouteCounters
from modelmonitor_sidecar.tap.shipper import Shipper
from modelmonitor_sidecar.wire.exchange import REQUEST, Exchange
from modelmonitor_sidecar.wire.heads import HeadCache, ResponseHead

MAX_RESTS: Final = 512


class Copier:
    """Packs frames.  `wall` turns the conversation's clock into seconds since the epoch.

    An answer that is no success, and a body that was not kept whole, travel without bodies: the
    collector skips them, and the law of frames holds.
    """

    def __init__(
        self,
        budget: Budget,
        shipper: Shipper,
        clock: Callable[[], float],
        wall: Callable[[], float],
    ) -> None:
        self._budget = budget
        self._shipper = shipper
        self._clock = clock
        self._wall = wall
        self._sequence = 0
        self._rests: dict[tuple[object, ...], bytes] = {}
        self.set_clock()

    def set_clock(self) -> None:
        """Ask both clocks again; the machine's may have been set."""
        self._epoch_seconds = self._wall() - self._clock()

    def copy(self, exchange: Exchange, response: ResponseHead, counters: RouteCounters) -> None:
        """Queue the exchange's frame; its held bytes are the frame's from now on, or free."""
        flags = exchange.oversized if exchange.asked else exchange.oversized | REQUEST
        if flags or not response.success:
            self._budget.give(exchange.held)
            exchange.held = 0
            exchange.request_body = exchange.response_body = b""
        request, answer = exchange.request_body, exchange.response_body
        rest = self._rest(exchange, response, counters.route.model)
        size = START_BYTES + len(rest) + len(request) + len(answer)
        if exchange.unaffordable or not self._budget.take(size - exchange.held):
            self._budget.give(exchange.held)
            self._shipper.refused(counters.frames)
            return
        start = pack_start(
            size,
            self._sequence + 1,
            flags,
            response.status,
            exchange.began + self._epoch_seconds,
            exchange.ended - exchange.began,
        )
        self._sequence += 1
        self._shipper.put((start, rest, request, answer), counters.frames, size)

    def _rest(self, exchange: Exchange, response: ResponseHead, model: str) -> bytes:
        """The middle of the frame, which repeats as long as heads and lengths do."""
        key = (
            model,
            exchange.head,
            response,
            exchange.request_length,
            exchange.response_length,
            len(exchange.request_body),
            len(exchange.response_body),
        )
        rest = self._rests.get(key)
        if rest is None:
            rest = _pack_rest(exchange, response, model)
            # Its key keeps both heads alive, so long ones, which never repeat as objects, stay out.
            if max(exchange.head.size, response.size) <= HeadCache.MAX_CACHED_BYTES:
                if len(self._rests) >= MAX_RESTS:
                    self._rests.clear()
                self._rests[key] = rest
        return rest


def _pack_rest(exchange: Exchange, response: ResponseHead, model: str) -> bytes:
    return pack_rest(
        *text_block(model, *exchange.head.texts, *response.texts),
        (exchange.head.headers_length, response.headers_length),
        (exchange.request_length, exchange.response_length),
        (len(exchange.request_body), len(exchange.response_body)),
    )
