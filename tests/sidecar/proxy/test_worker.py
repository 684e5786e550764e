"""The worker as a whole: orderly ends, failing parts, and exact counts."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from modelmonitor_sidecar.frames import PREAMBLE, Ack, Outcome, pack_acks, split, unpack
from modelmonitor_sidecar.tap.observer import Observer
from modelmonitor_sidecar.testing_worker import RunningWorker, running_worker

ASK = b"POST /predict HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
DEADLINE_SECONDS = 10.0


@pytest.fixture
def model() -> Iterator[socket.socket]:
    """Where the scripted model server listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(DEADLINE_SECONDS)
        yield listening


@pytest.fixture
def running(model: socket.socket, tmp_path: Path) -> Iterator[RunningWorker]:
    with running_worker(tmp_path, model.getsockname()[1]) as worker:
        yield worker


def accepted(listening: socket.socket) -> socket.socket:
    one, _ = listening.accept()
    one.settimeout(DEADLINE_SECONDS)
    return one


def test_an_idle_connection_ends_at_once_when_the_end_is_ordered(
    running: RunningWorker, model: socket.socket
) -> None:
    with running.connect() as client, accepted(model) as server:
        client.sendall(ASK)
        assert server.recv(1000) == ASK
        server.sendall(ANSWER)
        assert client.recv(1000) == ANSWER
        assert running.stop() < 0.5
        assert client.recv(1) == b""
        assert server.recv(1) == b""


def test_an_exchange_in_flight_is_finished_before_the_end(
    running: RunningWorker, model: socket.socket
) -> None:
    with running.connect() as client, accepted(model) as server:
        client.sendall(ASK)
        assert server.recv(1000) == ASK
        running.worker.stop()
        running.until(lambda: running.worker.draining)
        with pytest.raises(ConnectionRefusedError):
            running.connect()
        server.sendall(ANSWER)
        assert client.recv(1000) == ANSWER
        assert client.recv(1) == b""
        running.thread.join(DEADLINE_SECONDS)
        assert not running.thread.is_alive()


def test_an_exchange_that_does_not_end_is_reset_within_a_second(
    running: RunningWorker, model: socket.socket
) -> None:
    with running.connect() as client, accepted(model) as server:
        client.sendall(ASK)
        assert server.recv(1000) == ASK
        server.sendall(b"HTTP/1.1 200 OK\r\n\r\nhalf an answer without a length")
        assert client.recv(1000).endswith(b"length")
        assert 0.7 < running.stop() < 2.0  # 0.95 s, and what a busy machine adds
        with pytest.raises(ConnectionResetError):
            client.recv(1)


def test_a_failing_observer_changes_no_byte_and_is_counted(
    running: RunningWorker, model: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(Observer, "completed", fail)
    with running.connect() as client, accepted(model) as server:
        for _ in range(3):
            client.sendall(ASK)
            assert server.recv(1000) == ASK
            server.sendall(ANSWER)
            assert client.recv(1000) == ANSWER
        protocols = running.worker.observer.protocols
        running.until(lambda: "unobserved" in protocols)
        running.until(lambda: protocols["unobserved"].bytes == 2 * len(ASK + ANSWER))
    assert protocols["unobserved"].connections == 1


def test_copies_reach_the_collector_and_their_fate_the_page(
    running: RunningWorker, model: socket.socket, tmp_path: Path
) -> None:
    with socket.socket(socket.AF_UNIX) as unix:
        unix.bind(str(tmp_path / "frames.sock"))
        unix.listen()
        unix.settimeout(DEADLINE_SECONDS)
        with running.connect() as client, accepted(model) as server, accepted(unix) as collector:
            client.sendall(ASK)
            assert server.recv(1000) == ASK
            server.sendall(ANSWER)
            received = bytearray()
            while len(received) <= len(PREAMBLE):
                received += collector.recv(1000)
            del received[: len(PREAMBLE)]
            (frame,) = [unpack(raw) for raw in split(received)]
            assert (frame.request_body, frame.response_body) == (b"abc", b"ok")
            collector.sendall(pack_acks([Ack(1, 1, Outcome.UNDECODABLE)]))
            running.until(lambda: not running.worker.shipper.waiting)
    page = running.worker.metrics()
    labels = 'modelmonitor="churn",model="churn",model_version="unknown"'
    assert f'modelmonitor_frames_total{{{labels},outcome="undecodable"}} 1\n' in page
    assert f'requests_total{{{labels},route="/predict",code="200"}} 1\n' in page
    assert f'request_size_bytes_sum{{{labels},route="/predict"}} 3\n' in page


def test_every_series_carries_the_labels_that_rules_group_by(running: RunningWorker) -> None:
    lines = [line for line in running.worker.metrics().splitlines() if line[:1] != "#"]
    assert lines
    for line in lines:
        for label in ("modelmonitor", "model", "model_version"):
            assert f'{label}="' in line, line
