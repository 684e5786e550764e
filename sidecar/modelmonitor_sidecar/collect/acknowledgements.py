"""What became of one connection's frames, from their decoding to the flush that counted them.

Frames of one outcome that follow each other are one run, so an acknowledgement costs a few bytes
however many frames it stands for.  It refuses to know sockets.
"""

from modelmonitor_sidecar.frames import Ack, Outcome, pack_acks


class Acknowledgements:
    """Outcomes noted and not yet sent, in the order of the frames."""

    def __init__(self) -> None:
        self._finished: list[Ack] = []
        self._outcome = Outcome.DECODED
        self._count = 0
        self._last = 0

    def note(self, sequence: int, outcome: Outcome) -> None:
        """One more frame has its outcome."""
        if outcome is not self._outcome:
            self._finish()
            self._outcome = outcome
        self._count += 1
        self._last = sequence

    def take(self) -> bytes:
        """All that was noted, packed; nothing of it is left."""
        self._finish()
        packed = pack_acks(self._finished)
        self._finished = []
        return packed

    def _finish(self) -> None:
        if self._count:
            self._finished.append(Ack(self._last, self._count, self._outcome))
            self._count = 0
