"""The frames from proxy to collector and the acknowledgements back, both ends.

One Unix stream.  The proxy opens it and sends `PREAMBLE`; then frames flow one way and
acknowledgements the other.  All integers are little-endian.  A frame is one exchange (a request and
its answer); it carries no header of the user's but those listed in `Texts`.

It refuses to know sockets: it packs, and it splits what arrived.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum, IntFlag
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import Final, NamedTuple

FRAME_VERSION: Final = 1
PREAMBLE: Final = b"MMFRAME" + bytes([FRAME_VERSION])


class Flag(IntFlag):
    """What the collector must know before it reads the bodies."""

    NONE = 0
    REQUEST_TRUNCATED = 1
    """The request's body was longer than `maxPayloadBytes`; none of it is kept."""
    RESPONSE_TRUNCATED = 2
    """Likewise the answer's."""


class Outcome(IntEnum):
    """What became of a frame; values travel in acknowledgements."""

    DECODED = 0
    UNDECODABLE = 1
    SKIPPED = 2


class Frame(NamedTuple):
    """One exchange as the collector sees it (a tuple: half the cost of a frozen dataclass).

    `wall_time` is the request's first byte in seconds since the epoch; `duration_seconds` runs to
    the answer's last byte.  `request_length` and `response_length` are the full body lengths, the
    bodies hold what was kept.  Content types and encodings are as sent, empty where absent;
    `headers_length` is Open Inference's `Inference-Header-Content-Length` (-1: absent), request's
    and response's.
    """

    sequence: int
    flags: int
    status: int
    wall_time: float
    duration_seconds: float
    model: str
    path: str
    request_type: str
    request_encoding: str
    response_type: str
    response_encoding: str
    request_headers_length: int
    response_headers_length: int
    request_length: int
    response_length: int
    request_body: bytes
    response_body: bytes


# length of all that follows, sequence, flags, status, wall time, duration, lengths of six texts,
# two binary header lengths, full request and response length, kept request and response length
_HEAD: Final = struct.Struct("<IQHHddHHHHHHqqQQII")
HEAD_BYTES: Final = _HEAD.size
# The same in two parts: what differs from frame to frame, and what repeats with the same heads.
_START: Final = struct.Struct("<IQHHdd")
_REST: Final = struct.Struct("<HHHHHHqqQQII")
START_BYTES: Final = _START.size
_LENGTH: Final = struct.Struct("<I")
LENGTH_BYTES: Final = 4
"""A frame starts with the length of all that follows."""
_ACK: Final = struct.Struct("<QIB")
ACK_BYTES: Final = _ACK.size


def text_block(
    model: str,
    path: str,
    request_type: str,
    request_encoding: str,
    response_type: str,
    response_encoding: str,
) -> tuple[tuple[int, int, int, int, int, int], bytes]:
    """Lengths and bytes of the six texts: the part of a frame that repeats, worth keeping."""
    parts = [
        text.encode("utf-8", "surrogateescape")[:0xFFFF]
        for text in (model, path, request_type, request_encoding, response_type, response_encoding)
    ]
    a, b, c, d, e, f = (len(part) for part in parts)
    return (a, b, c, d, e, f), b"".join(parts)


def pack(frame: Frame) -> bytes:
    """One frame as bytes; the proxy's hot path packs the same layout from its own parts."""
    rest = pack_rest(
        *text_block(
            frame.model,
            frame.path,
            frame.request_type,
            frame.request_encoding,
            frame.response_type,
            frame.response_encoding,
        ),
        (frame.request_headers_length, frame.response_headers_length),
        (frame.request_length, frame.response_length),
        (len(frame.request_body), len(frame.response_body)),
    )
    start = pack_start(
        START_BYTES + len(rest) + len(frame.request_body) + len(frame.response_body),
        frame.sequence,
        frame.flags,
        frame.status,
        frame.wall_time,
        frame.duration_seconds,
    )
    return b"".join((start, rest, frame.request_body, frame.response_body))


def pack_start(
    size: int, sequence: int, flags: int, status: int, wall_time: float, duration_seconds: float
) -> bytes:
    """What differs from frame to frame; `size` is that of the whole frame."""
    return _START.pack(size - LENGTH_BYTES, sequence, flags, status, wall_time, duration_seconds)


def pack_rest(
    lengths: tuple[int, int, int, int, int, int],
    texts: bytes,
    headers: tuple[int, int],
    full: tuple[int, int],
    kept: tuple[int, int],
) -> bytes:
    """What follows: the rest of the head and the texts (`text_block`); the bodies come behind."""
    return _REST.pack(*lengths, *headers, *full, *kept) + texts


def split(buffer: bytearray) -> Iterator[bytes]:
    """The whole frames at the start of `buffer`, which are removed from it."""
    start = 0
    try:
        while len(buffer) - start >= LENGTH_BYTES:
            (length,) = _LENGTH.unpack_from(buffer, start)
            end = start + LENGTH_BYTES + length
            if len(buffer) < end:
                return
            frame = bytes(memoryview(buffer)[start:end])
            start = end
            yield frame
    finally:
        del buffer[:start]


def frame_end(data: bytes, start: int) -> int:
    """Where the frame ends that begins at `start`; its first `LENGTH_BYTES` are there."""
    length: int = _LENGTH.unpack_from(data, start)[0]
    return start + LENGTH_BYTES + length


def unpack(raw: bytes) -> Frame:
    """The frame in `raw` (as `split` gives it); ValueError where its lengths do not add up."""
    return unpack_at(raw, 0, len(raw))


def unpack_at(data: bytes, start: int, end: int) -> Frame:
    """The frame in `data[start:end]`, without a copy of it; ValueError as in `unpack`."""
    if end - start < HEAD_BYTES:
        raise ValueError(f"a frame of {end - start} bytes is shorter than its head of {HEAD_BYTES}")
    (
        _, sequence, flags, status, wall_time, duration,
        l0, l1, l2, l3, l4, l5, h0, h1, full0, full1, kept0, kept1,
    ) = _HEAD.unpack_from(data, start)  # fmt: skip
    texts = start + HEAD_BYTES
    request = texts + l0 + l1 + l2 + l3 + l4 + l5
    response = request + kept0
    if response + kept1 != end:
        raise ValueError("the lengths in a frame's head do not add up to the frame's length")
    block = data[texts:request]
    model, path, request_type, request_encoding, response_type, response_encoding = (
        _kept_texts if len(block) <= _KEPT_TEXT_BYTES else _texts
    )(block, l0, l1, l2, l3, l4)
    # what `Frame(...)` ends in, without the cost of the call between
    return tuple.__new__(Frame, (
        sequence, flags, status, wall_time, duration,
        model, path, request_type, request_encoding, response_type, response_encoding,
        h0, h1, full0, full1, data[request:response], data[response:end],
    ))  # fmt: skip


def _texts(block: bytes, *lengths: int) -> list[str]:
    """The six texts; `lengths` are those of the first five."""
    ends = [0, *accumulate(lengths), len(block)]
    return [block[start:end].decode("utf-8", "surrogateescape") for start, end in pairwise(ends)]


_KEPT_TEXT_BYTES: Final = 1024
_kept_texts = lru_cache(maxsize=256)(_texts)  # they repeat with every request of a client


@dataclass(frozen=True, slots=True)
class Ack:
    """`count` frames that end with `sequence`, in the order sent, all had this outcome."""

    sequence: int
    count: int
    outcome: Outcome


def pack_acks(acks: list[Ack]) -> bytes:
    """Acknowledgements as bytes, in the order of their sequences."""
    return b"".join(_ACK.pack(ack.sequence, ack.count, ack.outcome) for ack in acks)


def split_acks(buffer: bytearray) -> list[Ack]:
    """The whole acknowledgements at the start of `buffer`; they are removed from it."""
    whole = len(buffer) // ACK_BYTES * ACK_BYTES
    acks = [
        Ack(sequence, count, Outcome(outcome))
        for sequence, count, outcome in _ACK.iter_unpack(bytes(buffer[:whole]))
    ]
    del buffer[:whole]
    return acks
