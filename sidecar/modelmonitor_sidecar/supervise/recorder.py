"""A flight recorder: which payload was in hand when a worker died.

Shared anonymous memory, written by the worker, read by the supervisor after a death and by the
next worker.  It holds digests, never payloads, and refuses to know what they are digests of.
"""

import mmap
from typing import Final

DIGEST_BYTES: Final = 16
CONDEMNED_SLOTS: Final = 512
SUSPECT_SLOTS: Final = 64
KILLS_TO_CONDEMN: Final = 2

_EMPTY: Final = bytes(DIGEST_BYTES)
_IN_HAND: Final = 0
_SUSPECTS: Final = _IN_HAND + DIGEST_BYTES
_CONDEMNED: Final = _SUSPECTS + SUSPECT_SLOTS * DIGEST_BYTES
_BYTES: Final = _CONDEMNED + CONDEMNED_SLOTS * DIGEST_BYTES


class FlightRecorder:
    """Remembers payloads that killed: once makes a suspect, twice without success condemns.

    Both tables are bounded and forget their oldest entry.  `takes` and `done` are the hot path: a
    write of 16 bytes each, and a set look-up that finds no suspect.  Digests are 16 bytes and not
    all zero.  One worker at a time writes; the supervisor writes while no worker lives.
    """

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, _BYTES)
        self.refresh()

    def refresh(self) -> None:
        """Read the tables again; each worker does so when its life begins."""
        self._suspects = _read(self._memory, _SUSPECTS, SUSPECT_SLOTS)
        self._condemned = _read(self._memory, _CONDEMNED, CONDEMNED_SLOTS)

    def is_condemned(self, digest: bytes) -> bool:
        """Whether the payload is to be skipped for good."""
        return digest in self._condemned

    def known(self) -> frozenset[bytes]:
        """All suspects and all condemned: whoever is not among them need not be asked about."""
        return frozenset((*self._suspects, *self._condemned))

    def takes(self, digest: bytes) -> None:
        """The worker begins with this payload."""
        self._memory[:DIGEST_BYTES] = digest

    def done(self, digest: bytes) -> None:
        """The worker survived it: it is no suspect any more."""
        self._memory[:DIGEST_BYTES] = _EMPTY
        if digest in self._suspects:
            del self._suspects[digest]
            _write(self._memory, _SUSPECTS, SUSPECT_SLOTS, self._suspects)

    def settle(self) -> bytes | None:
        """After a death: count it against the payload in hand, which is returned; None: none was.

        Called once a death, by the supervisor, before the next worker begins.
        """
        digest = self._memory[:DIGEST_BYTES]
        self._memory[:DIGEST_BYTES] = _EMPTY
        self.refresh()
        if digest == _EMPTY:
            return None
        if digest in self._suspects:
            self._condemn(digest)
        else:
            self._suspects[digest] = None
            _forget_oldest(self._suspects, SUSPECT_SLOTS)
        _write(self._memory, _SUSPECTS, SUSPECT_SLOTS, self._suspects)
        return digest

    def _condemn(self, digest: bytes) -> None:
        del self._suspects[digest]
        self._condemned[digest] = None
        _forget_oldest(self._condemned, CONDEMNED_SLOTS)
        _write(self._memory, _CONDEMNED, CONDEMNED_SLOTS, self._condemned)


def _read(memory: mmap.mmap, start: int, slots: int) -> dict[bytes, None]:
    """The digests of a table, oldest first (a dictionary, for its order)."""
    table = memory[start : start + slots * DIGEST_BYTES]
    entries = (table[at : at + DIGEST_BYTES] for at in range(0, len(table), DIGEST_BYTES))
    return {digest: None for digest in entries if digest != _EMPTY}


def _write(memory: mmap.mmap, start: int, slots: int, digests: dict[bytes, None]) -> None:
    table = b"".join(digests)
    memory[start : start + slots * DIGEST_BYTES] = table.ljust(slots * DIGEST_BYTES, b"\0")


def _forget_oldest(digests: dict[bytes, None], slots: int) -> None:
    while len(digests) > slots:
        del digests[next(iter(digests))]
