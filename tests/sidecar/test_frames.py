"""The frame format, both ends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmonitor_sidecar.frames import (
    ACK_BYTES,
    Ack,
    Frame,
    Outcome,
    pack,
    pack_acks,
    split,
    split_acks,
    unpack,
)

U64 = st.integers(0, 2**63)
TEXT = st.text(max_size=20)
FRAMES = st.builds(
    Frame,
    sequence=U64,
    flags=st.integers(0, 3),
    status=st.integers(0, 999),
    wall_time=st.floats(0, 4e9),
    duration_seconds=st.floats(0, 1e6),
    model=TEXT,
    path=TEXT,
    request_type=TEXT,
    request_encoding=TEXT,
    response_type=TEXT,
    response_encoding=TEXT,
    request_headers_length=st.integers(-1, 2**40),
    response_headers_length=st.integers(-1, 2**40),
    request_length=U64,
    response_length=U64,
    request_body=st.binary(max_size=50),
    response_body=st.binary(max_size=50),
)
ACKS = st.builds(Ack, U64, st.integers(0, 2**32 - 1), st.sampled_from(Outcome))


@given(st.lists(FRAMES, max_size=4), st.data())
def test_frames_arrive_whole_however_the_stream_is_cut(
    frames: list[Frame], data: st.DataObject
) -> None:
    stream = b"".join(pack(frame) for frame in frames)
    buffer, arrived = bytearray(), []
    while stream:
        cut = data.draw(st.integers(1, len(stream)))
        buffer += stream[:cut]
        stream = stream[cut:]
        arrived += [unpack(raw) for raw in split(buffer)]
    assert arrived == frames
    assert buffer == b""


@given(st.lists(ACKS, max_size=5), st.integers(0, ACK_BYTES - 1))
def test_acknowledgements_arrive_whole_and_a_rest_waits(acks: list[Ack], cut: int) -> None:
    stream = bytearray(pack_acks(acks) + pack_acks([Ack(1, 1, Outcome.DECODED)])[:cut])
    assert split_acks(stream) == acks
    assert len(stream) == cut


@given(st.binary(max_size=300))
def test_bytes_that_are_no_frame_are_refused_as_such(raw: bytes) -> None:
    with pytest.raises(ValueError, match="frame"):
        unpack(raw)


def test_bytes_of_a_path_that_are_no_utf8_survive() -> None:
    path = b"/v1/\xff".decode("utf-8", "surrogateescape")
    frame = Frame(1, 0, 200, 0.0, 0.0, "m", path, "", "", "", "", -1, -1, 0, 0, b"", b"")
    assert unpack(pack(frame)).path == path
