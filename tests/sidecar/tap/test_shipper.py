"""The shipper and the copier: frames out, acknowledgements in, and the law of frames."""

import os
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmonitor_sidecar.frames import (
    PREAMBLE,
    Ack,
    Flag,
    Frame,
    Outcome,
    pack_acks,
    split,
    unpack,
)
from modelmonitor_sidecar.tap.budget import Budget
from modelmonitor_sidecar.tap.copier import Copier
from modelmonitor_sidecar.tap.counters import FrameCounts, RouteCounters
from modelmonitor_sidecar.tap.shipper import MAX_ABSENT_SECONDS, READ, WRITE, Shipper
from modelmonitor_sidecar.testing import ScriptedPoller
from modelmonitor_sidecar.wire.exchange import REQUEST, RESPONSE, Exchange
from modelmonitor_sidecar.wire.heads import RequestHead, ResponseHead
from modelmonitor_sidecar.wire.routes import Route

ROUTE = Route("/predict", "churn", "1", inference=True)


class Stage:
    """A shipper, what is in front of it, and a listening collector."""

    def __init__(self, path: Path, limit: int = 1 << 20) -> None:
        self.path = path
        self.poller = ScriptedPoller()
        self.budget = Budget(limit)
        self.shipper = Shipper(self.poller, str(path), self.budget, lambda: self.poller.now)
        self.copier = Copier(self.budget, self.shipper, lambda: self.poller.now, lambda: 1000.0)
        self.counts = FrameCounts()
        self.counters = RouteCounters(ROUTE, self.counts)
        self.listening: socket.socket | None = None
        self.collector: socket.socket | None = None
        self.received = bytearray()
        self.requests = 0

    def listen(self) -> None:
        self.listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listening.bind(str(self.path))
        self.listening.listen()

    def connect(self) -> None:
        """Bring a collector up and the shipper to it."""
        if self.listening is None:
            self.listen()
        assert self.listening is not None
        self.shipper.start()
        self.collector, _ = self.listening.accept()
        self.collector.settimeout(5)
        assert self.collector.recv(len(PREAMBLE)) == PREAMBLE

    def ask(self, body: bytes = b"abc", status: int = 200, **also: object) -> None:
        """One inference that was answered."""
        head = RequestHead(b"POST /predict HTTP/1.1\r\nContent-Type: a/b\r\n\r\n")
        response = ResponseHead(b"HTTP/1.1 %d X\r\nContent-Type: c/d\r\n\r\n" % status)
        exchange = Exchange(head, self.counters, 1.0)
        exchange.asked, exchange.answered, exchange.ended = 1.5, 2.0, 3.0
        exchange.request_length, exchange.request_body = len(body), body
        exchange.response_length, exchange.response_body = 2, b"ok"
        exchange.held = len(body) + 2
        for name, value in also.items():
            setattr(exchange, name, value)
        self.requests += 1
        if self.budget.take(exchange.held):
            self.copier.copy(exchange, response, self.counters)
        else:
            exchange.held, exchange.unaffordable = 0, True
            self.copier.copy(exchange, response, self.counters)

    def frames(self, count: int) -> list[Frame]:
        """What the collector received, at least `count` frames."""
        assert self.collector is not None
        found = [unpack(raw) for raw in split(self.received)]
        while len(found) < count:
            self.received += self.collector.recv(1 << 16)
            found += [unpack(raw) for raw in split(self.received)]
        return found

    def acknowledge(self, *acks: Ack) -> None:
        assert self.collector is not None
        self.collector.sendall(pack_acks(list(acks)))
        self.shipper.ready(READ)

    def hang_up(self) -> None:
        assert self.collector is not None
        self.collector.close()
        self.collector = None
        self.shipper.ready(READ)

    @property
    def fates(self) -> dict[str, int]:
        acknowledged = {o.name.lower(): self.counts.acknowledged[o] for o in Outcome}
        return {name: n for name, n in {**acknowledged, **self.counts.dropped}.items() if n}

    def lawful(self) -> bool:
        return self.requests == sum(self.fates.values()) + self.shipper.waiting

    def close(self) -> None:
        self.shipper.close()
        self.poller.end_round()
        for one in (self.listening, self.collector):
            if one is not None:
                one.close()


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    one = Stage(tmp_path / "s")
    yield one
    one.close()


def test_a_frame_carries_the_exchange(stage: Stage) -> None:
    stage.connect()
    stage.ask(b"abc")
    stage.poller.pass_time(0.01)
    (frame,) = stage.frames(1)
    assert frame == Frame(
        1,
        0,
        200,
        1001.0,
        2.0,
        "churn",
        "/predict",
        "a/b",
        "",
        "c/d",
        "",
        -1,
        -1,
        3,
        2,
        b"abc",
        b"ok",
    )


def test_frames_wait_a_few_milliseconds_and_travel_together(stage: Stage) -> None:
    stage.connect()
    for _ in range(3):
        stage.ask()
    stage.poller.pass_time(0.01)
    assert [frame.sequence for frame in stage.frames(3)] == [1, 2, 3]
    assert stage.shipper.waiting == 3


def test_acknowledgements_say_what_became_of_each_frame(stage: Stage) -> None:
    stage.connect()
    for _ in range(4):
        stage.ask()
    stage.poller.pass_time(0.01)
    stage.acknowledge(Ack(2, 2, Outcome.DECODED), Ack(3, 1, Outcome.UNDECODABLE))
    assert stage.fates == {"decoded": 2, "undecodable": 1}
    assert stage.lawful()
    stage.acknowledge(Ack(4, 1, Outcome.SKIPPED))
    assert stage.fates == {"decoded": 2, "undecodable": 1, "skipped": 1}
    assert stage.budget.used == 0


@pytest.mark.parametrize("ack", [Ack(1, 2, Outcome.DECODED), Ack(7, 1, Outcome.DECODED)])
def test_an_acknowledgement_of_what_was_not_sent_ends_the_connection(
    stage: Stage, ack: Ack
) -> None:
    stage.connect()
    stage.ask()
    stage.poller.pass_time(0.01)
    stage.acknowledge(ack)
    assert not stage.shipper.connected
    assert stage.fates == {"collector_lost": 1}


def test_an_acknowledgement_in_garbage_ends_the_connection(stage: Stage) -> None:
    stage.connect()
    stage.ask()
    stage.poller.pass_time(0.01)
    assert stage.collector is not None
    stage.collector.sendall(b"\xff" * 13)
    stage.shipper.ready(READ)
    assert not stage.shipper.connected
    assert stage.fates == {"collector_lost": 1}


def test_a_collector_that_only_drops_connections_is_left_in_peace(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    stage.listen()
    assert stage.listening is not None
    stage.shipper.start()
    for _ in range(400):  # 20 seconds
        stage.listening.setblocking(False)
        with suppress(BlockingIOError):
            stage.collector, _ = stage.listening.accept()
            stage.collector.sendall(b"\xff" * 13)
            stage.hang_up()
        stage.poller.pass_time(0.05)
        stage.poller.end_round()
    assert stage.shipper.connections < 30
    assert len(caplog.messages) < 8


def test_a_collector_that_works_is_met_again_at_once(stage: Stage) -> None:
    for sequence in range(1, 10):
        stage.connect()
        stage.ask()
        stage.poller.pass_time(0.01)
        stage.acknowledge(Ack(sequence, 1, Outcome.DECODED))
        stage.hang_up()
        stage.poller.pass_time(0.06)
        assert stage.shipper.connected


def test_what_was_sent_and_not_acknowledged_is_lost_with_the_collector(stage: Stage) -> None:
    stage.connect()
    stage.ask()
    stage.poller.pass_time(0.01)
    stage.ask()  # queued, not sent
    stage.hang_up()
    assert stage.fates == {"collector_lost": 1}
    stage.poller.pass_time(0.06)
    assert stage.shipper.connected
    assert stage.listening is not None
    stage.collector, _ = stage.listening.accept()
    stage.received.clear()
    assert stage.collector.recv(len(PREAMBLE)) == PREAMBLE
    stage.poller.pass_time(0.01)
    (frame,) = stage.frames(1)
    assert frame.sequence == 2
    stage.acknowledge(Ack(2, 1, Outcome.DECODED))
    assert stage.fates == {"collector_lost": 1, "decoded": 1}
    assert stage.budget.used == 0


def test_without_a_collector_frames_wait_within_the_budget(tmp_path: Path) -> None:
    stage = Stage(tmp_path / "s", limit=1000)
    stage.shipper.start()
    for _ in range(20):
        stage.ask(b"x" * 100)
    assert 0 < stage.shipper.waiting < 10
    assert stage.fates == {"collector_absent": 20 - stage.shipper.waiting}
    stage.poller.pass_time(MAX_ABSENT_SECONDS + 2)
    assert stage.fates == {"collector_absent": 20}
    assert stage.budget.used == 0
    stage.close()


def test_a_full_budget_refuses_the_newest(tmp_path: Path) -> None:
    stage = Stage(tmp_path / "s", limit=1000)
    stage.connect()
    for _ in range(20):
        stage.ask(b"x" * 100)
    stage.poller.pass_time(0.01)
    sent = stage.shipper.waiting
    assert stage.fates == {"budget": 20 - sent}
    stage.acknowledge(Ack(sent, sent, Outcome.DECODED))
    assert stage.budget.used == 0
    stage.ask()
    assert stage.shipper.waiting == 1
    stage.close()


def test_a_slow_collector_is_written_to_as_it_reads(stage: Stage) -> None:
    stage.connect()
    for _ in range(10):
        stage.ask(os.urandom(100_000))
    stage.poller.pass_time(0.01)
    unix = next(iter(stage.poller.watched))
    assert stage.poller.watched[unix] == READ | WRITE
    count = 0
    while count < 10:
        count += len(stage.frames(1))
        stage.shipper.ready(WRITE)
    assert stage.poller.watched[unix] == READ
    stage.acknowledge(Ack(10, 10, Outcome.DECODED))
    assert stage.fates == {"decoded": 10}


def test_a_full_socket_loses_no_frame(stage: Stage) -> None:
    stage.connect()
    unix = next(iter(stage.poller.watched))
    while stage.poller.watched[unix] == READ:  # each frame a write of its own, until one is refused
        stage.ask(b"x" * 2_000)
        stage.poller.pass_time(0.01)
    stage.ask()
    received: list[int] = []
    while len(received) < stage.requests:
        received += [frame.sequence for frame in stage.frames(1)]
        stage.shipper.ready(WRITE)
    assert received == list(range(1, stage.requests + 1))


@pytest.mark.parametrize(
    ("status", "also", "flags"),
    [
        (500, {}, 0),
        (200, {"oversized": REQUEST}, Flag.REQUEST_TRUNCATED),
        (200, {"oversized": RESPONSE}, Flag.RESPONSE_TRUNCATED),
        (200, {"asked": 0.0}, Flag.REQUEST_TRUNCATED),
    ],
)
def test_what_will_be_skipped_travels_without_bodies(
    stage: Stage, status: int, also: dict[str, object], flags: int
) -> None:
    stage.connect()
    stage.ask(b"abc", status, **also)
    stage.poller.pass_time(0.01)
    (frame,) = stage.frames(1)
    assert (frame.flags, frame.status) == (flags, status)
    assert (frame.request_body, frame.response_body, frame.request_length) == (b"", b"", 3)


def test_the_end_counts_what_is_still_waiting(stage: Stage) -> None:
    stage.connect()
    stage.ask()
    stage.poller.pass_time(0.01)
    stage.ask()
    stage.shipper.close()
    assert stage.fates == {"collector_lost": 1, "draining": 1}
    assert stage.budget.used == 0


actions = st.lists(st.sampled_from(["ask", "big", "flush", "ack", "lost", "return"]), max_size=40)


class ScriptedCollector:
    """Reads what there is when told, and acknowledges what it read."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._sequences: list[int] = []
        stage.connect()

    def acknowledge(self) -> None:
        assert self._stage.collector is not None
        self._stage.collector.setblocking(False)
        with suppress(BlockingIOError):
            self._stage.received += self._stage.collector.recv(1 << 20)
        self._sequences += [unpack(raw).sequence for raw in split(self._stage.received)]
        if self._sequences:
            ack = Ack(self._sequences[-1], len(self._sequences), Outcome.DECODED)
            self._stage.acknowledge(ack)
            assert self._stage.shipper.connected
            self._sequences.clear()

    def vanish(self) -> None:
        self._stage.hang_up()
        self._stage.poller.end_round()
        self._stage.received.clear()
        self._sequences.clear()

    def come_back(self) -> None:
        self._stage.poller.pass_time(2.0)
        assert self._stage.listening is not None
        self._stage.collector, _ = self._stage.listening.accept()
        assert self._stage.collector.recv(len(PREAMBLE)) == PREAMBLE


@given(actions)
def test_the_law_of_frames_holds_whatever_happens(
    tmp_path_factory: pytest.TempPathFactory, does: list[str]
) -> None:
    stage = Stage(tmp_path_factory.mktemp("s") / "s", limit=2000)
    collector = ScriptedCollector(stage)
    for action in does:
        if action in ("ask", "big"):
            stage.ask(b"x" * (700 if action == "big" else 10))
        elif action == "flush":
            stage.poller.pass_time(0.01)
        elif action == "return" and stage.collector is None:
            collector.come_back()
        elif action == "ack" and stage.collector is not None:
            collector.acknowledge()
        elif action == "lost" and stage.collector is not None:
            collector.vanish()
        assert stage.lawful()
        assert 0 <= stage.budget.used <= stage.budget.limit
    stage.close()
    assert stage.budget.used == 0
    assert stage.requests == sum(stage.fates.values())
