"""One proxy's connection: frames in, acknowledgements out.

The stream is `PREAMBLE` and then frames (`modelmonitor_sidecar.frames`).  What cannot be such a
stream costs this connection only: it is closed, counted and logged.  Memory is one partial frame.
"""

import asyncio
import logging
from enum import StrEnum
from typing import Final, Protocol, cast

from modelmonitor_sidecar.collect.acknowledgements import Acknowledgements
from modelmonitor_sidecar.frames import LENGTH_BYTES, PREAMBLE, Frame, Outcome, frame_end, unpack_at

log = logging.getLogger(__name__)


class Refusal(StrEnum):
    """Why a connection was ended; values of a label."""

    VERSION = "version"
    BROKEN = "broken"
    TOO_LONG = "too_long"


_SENTENCES: Final = {
    Refusal.VERSION: "its frames are of another version; use one release for both sidecars",
    Refusal.BROKEN: "the lengths in a frame do not add up",
    Refusal.TOO_LONG: "a frame is longer than maxPayloadBytes allows",
}


class Intake(Protocol):
    """Whoever takes frames."""

    @property
    def longest_frame_bytes(self) -> int:
        """A longer frame is no frame."""

    def take(self, frame: Frame, size_bytes: int) -> Outcome:
        """What becomes of one frame that came in so many bytes."""

    def paused(self) -> None:
        """No frame is in hand for now."""


class Flushing(Protocol):
    """Who counts the rows that wait, and acknowledges."""

    due: bool

    def rest(self) -> None:
        """Nothing more comes for now."""

    def flush(self) -> None:
        """Count and acknowledge all that waits."""


class Connections:
    """All proxies that are connected now, and how many were turned away."""

    def __init__(self) -> None:
        self.open: set[FrameConnection] = set()
        self.refused: dict[Refusal, int] = dict.fromkeys(Refusal, 0)

    def acknowledge(self) -> None:
        """Tell every proxy what became of its frames."""
        for connection in self.open:
            connection.acknowledge()


class FrameConnection(asyncio.Protocol):
    """Reads one proxy's frames as they come, and hands each to the intake at once."""

    def __init__(self, connections: Connections, intake: Intake, flusher: Flushing) -> None:
        self._connections = connections
        self._intake = intake
        self._flusher = flusher
        self._partial = bytearray()
        self._wanted = len(PREAMBLE)
        self._receive = self._greet
        self._acknowledgements = Acknowledgements()
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A proxy came."""
        # uvloop's transports are no subclasses of asyncio's
        self._transport = cast("asyncio.WriteTransport", transport)
        self._connections.open.add(self)

    def data_received(self, data: bytes) -> None:
        """Take in every frame that is whole; what is not waits for its rest."""
        if self._partial:
            self._partial += data
            if len(self._partial) < self._wanted:
                return
            data = bytes(self._partial)
            self._partial.clear()
        self._receive(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """The proxy is gone; nobody is left to be told what became of its frames."""
        self._connections.open.discard(self)
        self._partial.clear()
        self._transport = None

    def acknowledge(self) -> None:
        """Send the outcomes of all frames taken since the last time."""
        acks = self._acknowledgements.take()
        if acks and self._transport is not None:
            self._transport.write(acks)

    def _greet(self, data: bytes) -> None:
        if not PREAMBLE.startswith(data[: len(PREAMBLE)]):
            self._refuse(Refusal.VERSION)
        elif len(data) < len(PREAMBLE):
            self._partial += data
        else:
            self._receive = self._take_frames
            self._take_frames(data[len(PREAMBLE) :])

    def _take_frames(self, data: bytes) -> None:
        take, note, flusher = self._intake.take, self._acknowledgements.note, self._flusher
        start, end, size = 0, LENGTH_BYTES, len(data)
        try:
            while size - start >= LENGTH_BYTES and (end := frame_end(data, start)) <= size:
                frame = unpack_at(data, start, end)
                note(frame.sequence, take(frame, end - start))
                start, end = end, end + LENGTH_BYTES
                if flusher.due:
                    flusher.flush()
            self._keep(data[start:], end - start)
        except ValueError:
            self._refuse(Refusal.BROKEN)
        self._intake.paused()
        flusher.rest()

    def _keep(self, rest: bytes, wanted: int) -> None:
        if wanted > self._intake.longest_frame_bytes:
            self._refuse(Refusal.TOO_LONG)
        else:
            self._partial += rest
            self._wanted = wanted

    def _ignore(self, data: bytes) -> None:
        """Nothing after a refusal is looked at."""

    def _refuse(self, why: Refusal) -> None:
        log.warning("a proxy's connection is closed: %s", _SENTENCES[why])
        self._connections.refused[why] += 1
        self._receive = self._ignore
        if self._transport is not None:
            self._transport.abort()
