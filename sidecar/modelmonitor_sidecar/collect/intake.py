"""Frames become counted rows, or a reason why not.  This is the collector's hot path.

The flight recorder always knows which payload is in hand, so that a payload that ends the worker is
known to the next one.  A payload that did so once is counted alone, flushes and all, so that no
innocent one shares the blame; one that did so twice is skipped.  During a flush of many frames the
largest stands for all.
"""

import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, Protocol

from modelmonitor_api.spec import Model
from modelmonitor_sidecar.collect.payload_counts import INTERNAL, Skip
from modelmonitor_sidecar.decode.rows import Decoded, Exchange, Undecodable
from modelmonitor_sidecar.frames import HEAD_BYTES, Flag, Frame, Outcome

_TRUNCATED: Final = int(Flag.REQUEST_TRUNCATED | Flag.RESPONSE_TRUNCATED)
_DIGEST: Final = struct.Struct("=qQ")
NO_DIGEST: Final = bytes(_DIGEST.size)
SHORTEST_BOUND: Final = 8 << 20
"""Of the longest frame, so that a proxy that has read a newer configuration is understood."""


class Recorder(Protocol):
    """The flight recorder as the intake uses it."""

    def known(self) -> frozenset[bytes]:
        """All that killed once or twice."""

    def is_condemned(self, digest: bytes) -> bool:
        """Killed twice."""

    def takes(self, digest: bytes) -> None:
        """This payload is in hand."""

    def done(self, digest: bytes) -> None:
        """Nothing is in hand; this payload is innocent."""


class Payloads(Protocol):
    """The payloads of one model that did not become rows."""

    def skipped(self, why: Skip) -> None:
        """Count one that was not looked into."""

    def undecodable(self, reason: str) -> None:
        """Count one that nobody can read."""


class Counted(Payloads, Protocol):
    """One model, where its rows go."""

    @property
    def spec(self) -> Model:
        """What the resource says of it."""

    def add(self, decoded: Decoded) -> int:
        """Buffer the rows; their number."""


class Models(Protocol):
    """Models by name, and where the payloads go that belong to none."""

    @property
    def other(self) -> Payloads:
        """For names beyond those that may be known at once."""

    def find(self, name: str) -> Counted | None:
        """The model, or None where there are too many names already."""

    def failed(self, doing: str, error: Exception) -> None:
        """Count and log a fault of ours."""


Decode = Callable[[Exchange, Model], Decoded]


class Flushing(Protocol):
    """Who counts the rows that wait."""

    def added(self, rows: int, size_bytes: int) -> None:
        """One more frame was taken."""

    def flush(self) -> None:
        """Count and acknowledge all that waits."""


def longest_frame_bytes(max_payload_bytes: int) -> int:
    """No frame is longer: two bodies, six texts, a head; never less than `SHORTEST_BOUND`."""
    return max(SHORTEST_BOUND, 2 * max_payload_bytes + 6 * 0xFFFF + HEAD_BYTES)


class FrameIntake:
    """Takes frames one by one; no payload ever makes `take` raise.

    After a flush the statistics hold no payload any more.
    """

    def __init__(
        self, models: Models, recorder: Recorder, decode: Decode, flusher: Flushing
    ) -> None:
        self.longest_frame_bytes = SHORTEST_BOUND
        self._models = models
        self._recorder = recorder
        self._decode = decode
        self._added, self._flush = flusher.added, flusher.flush
        self._known = recorder.known()
        self._largest = 0
        self._largest_digest = NO_DIGEST

    def take(self, frame: Frame, size_bytes: int) -> Outcome:
        """What becomes of one frame that came in so many bytes."""
        model = self._models.find(frame.model)
        if model is None:
            return self._skip(self._models.other, Skip.MODELS, size_bytes)
        if frame.flags & _TRUNCATED:
            return self._skip(model, Skip.TRUNCATED, size_bytes)
        if not 200 <= frame.status < 300:
            return self._skip(model, Skip.STATUS, size_bytes)
        digest = _DIGEST.pack(hash((frame.request_body, frame.response_body)), size_bytes)
        if digest in self._known:
            return self._take_known(frame, model, size_bytes, digest)
        self._recorder.takes(digest)
        if size_bytes > self._largest:
            self._largest, self._largest_digest = size_bytes, digest
        return self._count(frame, model, size_bytes)

    def paused(self) -> None:
        """No frame is in hand for now."""
        self._recorder.done(NO_DIGEST)

    @contextmanager
    def flushing(self) -> Iterator[None]:
        """While the rows of many frames are counted, the largest of them is in hand."""
        if self._largest:
            self._recorder.takes(self._largest_digest)
        yield
        self._largest = 0
        self._recorder.done(NO_DIGEST)

    def _take_known(self, frame: Frame, model: Counted, size: int, digest: bytes) -> Outcome:
        """Skip what killed twice; count what killed once alone, so that it alone is to blame."""
        if self._recorder.is_condemned(digest):
            return self._skip(model, Skip.POISON, size)
        self._flush()
        self._largest, self._largest_digest = size, digest
        self._recorder.takes(digest)
        outcome = self._count(frame, model, size)
        self._flush()
        self._recorder.done(digest)
        self._known -= {digest}
        self._added(0, size)  # its acknowledgement still waits
        return outcome

    def _count(self, frame: Frame, model: Counted, size: int) -> Outcome:
        rows = 0
        outcome = Outcome.DECODED
        try:
            rows = model.add(self._decode(frame, model.spec))
        except Undecodable as error:
            model.undecodable(error.reason)
            outcome = Outcome.UNDECODABLE
        except MemoryError:
            model.skipped(Skip.MEMORY)
            outcome = Outcome.SKIPPED
        except Exception as error:
            self._models.failed("decoding", error)
            model.undecodable(INTERNAL)
            outcome = Outcome.UNDECODABLE
        self._added(rows, size)
        return outcome

    def _skip(self, payloads: Payloads, why: Skip, size: int) -> Outcome:
        payloads.skipped(why)
        self._added(0, size)
        return Outcome.SKIPPED
