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
from typing import Final

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


@dataclass(frozen=True, slots=True)
class Frame:
    """One exchange as the collector sees it.

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
_LENGTH: Final = struct.Struct("<I")
_LENGTH_BYTES: Final = 4
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
    lengths, texts = text_block(
        frame.model,
        frame.path,
        frame.request_type,
        frame.request_encoding,
        frame.response_type,
        frame.response_encoding,
    )
    return b"".join(
        (
            pack_head(
                frame.sequence,
                frame.flags,
                frame.status,
                frame.wall_time,
                frame.duration_seconds,
                lengths,
                (frame.request_headers_length, frame.response_headers_length),
                (frame.request_length, frame.response_length),
                (len(frame.request_body), len(frame.response_body)),
            ),
            texts,
            frame.request_body,
            frame.response_body,
        )
    )


def pack_head(  # noqa: PLR0913 - the fixed part of the layout, field by field
    sequence: int,
    flags: int,
    status: int,
    wall_time: float,
    duration_seconds: float,
    texts: tuple[int, int, int, int, int, int],
    headers: tuple[int, int],
    full: tuple[int, int],
    kept: tuple[int, int],
) -> bytes:
    """The fixed part of a frame."""
    length = HEAD_BYTES - _LENGTH_BYTES + sum(texts) + kept[0] + kept[1]
    return _HEAD.pack(
        length, sequence, flags, status, wall_time, duration_seconds, *texts, *headers, *full, *kept
    )


def split(buffer: bytearray) -> Iterator[bytes]:
    """The whole frames at the start of `buffer`, which are removed from it."""
    start = 0
    try:
        while len(buffer) - start >= _LENGTH_BYTES:
            (length,) = _LENGTH.unpack_from(buffer, start)
            end = start + _LENGTH_BYTES + length
            if len(buffer) < end:
                return
            frame = bytes(memoryview(buffer)[start:end])
            start = end
            yield frame
    finally:
        del buffer[:start]


def unpack(raw: bytes) -> Frame:
    """The frame in `raw` (as `split` gives it); ValueError where its lengths do not add up."""
    if len(raw) < HEAD_BYTES:
        raise ValueError(f"a frame of {len(raw)} bytes is shorter than its head of {HEAD_BYTES}")
    (
        _, sequence, flags, status, wall_time, duration,
        l0, l1, l2, l3, l4, l5, h0, h1, full0, full1, kept0, kept1,
    ) = _HEAD.unpack_from(raw)  # fmt: skip
    if HEAD_BYTES + l0 + l1 + l2 + l3 + l4 + l5 + kept0 + kept1 != len(raw):
        raise ValueError("the lengths in a frame's head do not add up to the frame's length")
    end0 = HEAD_BYTES + l0
    end1 = end0 + l1
    end2 = end1 + l2
    end3 = end2 + l3
    end4 = end3 + l4
    end5 = end4 + l5
    return Frame(
        sequence,
        flags,
        status,
        wall_time,
        duration,
        _text(raw[HEAD_BYTES:end0]),
        _text(raw[end0:end1]),
        _text(raw[end1:end2]),
        _text(raw[end2:end3]),
        _text(raw[end3:end4]),
        _text(raw[end4:end5]),
        h0,
        h1,
        full0,
        full1,
        raw[end5 : end5 + kept0],
        raw[end5 + kept0 :],
    )


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


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
