"""An answered inference becomes a frame, if the budget has room; else the loss is counted."""

from collections.abc import Callable
from typing import Final

from modelmonitor_sidecar.frames import HEAD_BYTES, Flag, pack_head, text_block
from modelmonitor_sidecar.tap.budget import Budget
from modelmonitor_sidecar.tap.counters import RouteCounters
from modelmonitor_sidecar.tap.shipper import Shipper
from modelmonitor_sidecar.wire.exchange import Exchange
from modelmonitor_sidecar.wire.heads import ResponseHead

MAX_TEXTS: Final = 1024

_Texts = tuple[tuple[int, int, int, int, int, int], bytes]


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
        self._texts: dict[tuple[object, ...], _Texts] = {}
        self.set_clock()

    def set_clock(self) -> None:
        """Ask both clocks again; the machine's may have been set."""
        self._epoch_seconds = self._wall() - self._clock()

    def copy(self, exchange: Exchange, response: ResponseHead, counters: RouteCounters) -> None:
        """Queue the exchange's frame; its held bytes are the frame's from now on, or free."""
        if exchange.unaffordable:
            self._budget.give(exchange.held)
            self._shipper.refused(counters.frames)
            return
        flags = _flags(exchange)
        if flags or not response.success:
            self._budget.give(exchange.held)
            exchange.held = 0
            exchange.request_body = exchange.response_body = b""
        lengths, texts = self._block(counters.route.model, exchange, response)
        fixed = HEAD_BYTES + len(texts)
        if not self._budget.take(fixed):
            self._budget.give(exchange.held)
            self._shipper.refused(counters.frames)
            return
        request, answer = exchange.request_body, exchange.response_body
        self._sequence += 1
        head = pack_head(
            self._sequence,
            flags,
            response.status,
            exchange.began + self._epoch_seconds,
            exchange.ended - exchange.began,
            lengths,
            (exchange.head.headers_length, response.headers_length),
            (exchange.request_length, exchange.response_length),
            (len(request), len(answer)),
        )
        self._shipper.put((head, texts, request, answer), counters.frames, fixed + exchange.held)

    def _block(self, model: str, exchange: Exchange, response: ResponseHead) -> _Texts:
        key = (model, exchange.head.texts, response.texts)
        block = self._texts.get(key)
        if block is None:
            block = text_block(model, *exchange.head.texts, *response.texts)
            if len(self._texts) >= MAX_TEXTS:
                self._texts.clear()
            self._texts[key] = block
        return block


def _flags(exchange: Exchange) -> int:
    flags = 0
    if exchange.request_oversized or not exchange.asked:
        flags |= Flag.REQUEST_TRUNCATED
    if exchange.response_oversized:
        flags |= Flag.RESPONSE_TRUNCATED
    return flags
