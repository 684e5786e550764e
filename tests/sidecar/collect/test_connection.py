"""One proxy's stream, cut anywhere, broken anyhow."""

import asyncio
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmonitor_sidecar.collect.connection import Connections, FrameConnection, Refusal
from modelmonitor_sidecar.frames import PREAMBLE, Ack, Frame, Outcome, split_acks
from modelmonitor_sidecar.testing_collector import frame

LONGEST = 4_000


class Transport:
    def __init__(self) -> None:
        self.written = bytearray()
        self.aborted = False

    def write(self, data: bytes) -> None:
        self.written += data

    def abort(self) -> None:
        self.aborted = True


class Intake:
    """Takes every frame; every third one is undecodable."""

    longest_frame_bytes = LONGEST

    def __init__(self) -> None:
        self.taken: list[int] = []
        self.pauses = 0

    def take(self, frame: Frame, size_bytes: int) -> Outcome:
        assert size_bytes > len(frame.request_body)
        self.taken.append(frame.sequence)
        return Outcome.UNDECODABLE if len(self.taken) % 3 == 0 else Outcome.DECODED

    def paused(self) -> None:
        self.pauses += 1


class Flusher:
    due = False

    def rest(self) -> None:
        pass

    def flush(self) -> None:
        self.due = False


class Joined:
    def __init__(self) -> None:
        self.connections, self.intake, self.transport = Connections(), Intake(), Transport()
        self.connection = FrameConnection(self.connections, self.intake, Flusher())
        self.connection.connection_made(cast(asyncio.BaseTransport, self.transport))

    def acknowledged(self) -> list[Ack]:
        self.connections.acknowledge()
        return split_acks(self.transport.written)


@given(st.lists(st.integers(1, 200), max_size=30), st.integers(0, 12))
def test_every_frame_is_taken_once_however_the_stream_is_cut(cuts: list[int], count: int) -> None:
    joined = Joined()
    stream = PREAMBLE + b"".join(frame(number) for number in range(count))
    for cut in cuts:
        joined.connection.data_received(stream[:cut])
        stream = stream[cut:]
    joined.connection.data_received(stream)
    assert joined.intake.taken == list(range(count))
    assert sum(ack.count for ack in joined.acknowledged()) == count


def test_outcomes_are_acknowledged_as_runs_once() -> None:
    joined = Joined()
    joined.connection.data_received(PREAMBLE + b"".join(frame(n) for n in range(10, 17)))
    decoded, undecodable = Outcome.DECODED, Outcome.UNDECODABLE
    assert joined.acknowledged() == [
        Ack(11, 2, decoded),
        Ack(12, 1, undecodable),
        Ack(14, 2, decoded),
        Ack(15, 1, undecodable),
        Ack(16, 1, decoded),
    ]
    assert joined.acknowledged() == []


@pytest.mark.parametrize(
    ("stream", "why"),
    [
        (b"MMFRAME\x63", Refusal.VERSION),
        (b"GET / HTTP/1.1\r\n", Refusal.VERSION),
        (PREAMBLE + (100).to_bytes(4, "little") + bytes(100), Refusal.BROKEN),
        (PREAMBLE + (3).to_bytes(4, "little") + bytes(3), Refusal.BROKEN),
        (PREAMBLE + (LONGEST + 1).to_bytes(4, "little"), Refusal.TOO_LONG),
    ],
)
def test_what_is_no_stream_of_frames_costs_that_connection_only(
    stream: bytes, why: Refusal
) -> None:
    joined = Joined()
    other = Transport()
    neighbour = FrameConnection(joined.connections, joined.intake, Flusher())
    neighbour.connection_made(cast(asyncio.BaseTransport, other))

    joined.connection.data_received(stream)
    joined.connection.data_received(frame(1))
    neighbour.data_received(PREAMBLE + frame(2))

    assert joined.transport.aborted
    assert not other.aborted
    assert joined.intake.taken == [2]
    assert joined.connections.refused == {reason: int(reason is why) for reason in Refusal}


def test_frames_before_a_broken_one_are_counted() -> None:
    joined = Joined()
    joined.connection.data_received(PREAMBLE + frame(1) + (3).to_bytes(4, "little") + bytes(3))
    assert joined.intake.taken == [1]


def test_a_proxy_that_is_gone_is_told_nothing() -> None:
    joined = Joined()
    joined.connection.data_received(PREAMBLE + frame(1))
    joined.connection.connection_lost(None)
    assert joined.acknowledged() == []
    assert joined.connections.open == set()


def test_no_payload_is_in_hand_between_two_reads() -> None:
    joined = Joined()
    joined.connection.data_received(PREAMBLE + frame(1) + frame(2))
    assert joined.intake.pauses == 1
