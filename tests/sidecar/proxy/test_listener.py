"""Accepting and dialling: where the server is, from which address, and without descriptors."""

import errno
import resource
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from modelmonitor_sidecar.proxy import listener as listener_module
from modelmonitor_sidecar.proxy.dial import Dialer
from modelmonitor_sidecar.proxy.listener import RESERVED_DESCRIPTORS, Listener
from modelmonitor_sidecar.proxy.poller import Poller
from modelmonitor_sidecar.proxy.settings import Upstream

DEADLINE_SECONDS = 5.0


class SilentTap:
    """Sees nothing."""

    idle = True

    def request_bytes(self, data: bytes) -> None:
        pass

    def response_bytes(self, data: bytes) -> None:
        pass

    def response_end(self) -> None:
        pass

    def lost(self) -> None:
        pass

    def fail(self) -> None:
        pass


def free_port(host: str = "127.0.0.1") -> int:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


class Stage:
    """A loop, and everything a test opens."""

    def __init__(self) -> None:
        self.poller = Poller()
        self.open: list[socket.socket] = []
        self.listeners: list[Listener] = []

    def server(self, host: str = "127.0.0.1", port: int = 0) -> socket.socket:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        one = socket.create_server((host, port), family=family)
        one.settimeout(DEADLINE_SECONDS)
        self.open.append(one)
        return one

    def client(self, address: Any) -> socket.socket:
        one = socket.create_connection(address, DEADLINE_SECONDS)
        self.open.append(one)
        return one

    def until(self, true: Callable[[], object]) -> None:
        deadline = time.monotonic() + DEADLINE_SECONDS
        while not true():
            assert time.monotonic() < deadline, "it did not come to that in time"
            self.poller.call_later(0.01, self.poller.stop)
            self.poller.run()

    def received(self, one: socket.socket, count: int) -> bytes:
        """What arrives there while the loop runs."""
        one.setblocking(False)
        data = bytearray()

        def complete() -> bool:
            with suppress(BlockingIOError):
                data.extend(one.recv(count))
            return len(data) >= count

        self.until(complete)
        return bytes(data)

    def dial(self, dialer: Dialer) -> list[str | None]:
        """Dial once; the peer's and the own host, or None where it was refused."""
        found: list[str | None] = []

        def connected(one: socket.socket) -> None:
            self.open.append(one)
            found.extend((one.getpeername()[0], one.getsockname()[0]))

        dialer.dial(socket.socket(dialer.family), connected, lambda: found.append(None))
        self.until(lambda: found)
        return found

    def close(self) -> None:
        for listener in self.listeners:
            listener.close()
            for pair in list(listener.pairs):
                pair.end()
        self.poller.round(0)
        for one in self.open:
            one.close()
        self.poller.close()


@pytest.fixture
def stage() -> Iterator[Stage]:
    one = Stage()
    yield one
    one.close()


def test_the_server_is_dialled_from_the_source_address(stage: Stage) -> None:
    port = stage.server().getsockname()[1]
    dialer = Dialer(stage.poller, [Upstream("127.0.0.1", port, "127.0.0.2")])
    assert stage.dial(dialer) == ["127.0.0.1", "127.0.0.2"]
    assert (dialer.counts.connected, dialer.counts.plain) == (1, 0)


def test_without_a_usable_source_address_it_is_dialled_plainly_and_counted(stage: Stage) -> None:
    port = stage.server().getsockname()[1]
    dialer = Dialer(
        stage.poller,
        [Upstream("127.0.0.1", port, "203.0.113.9"), Upstream("127.0.0.1", port, None)],
    )
    assert stage.dial(dialer) == ["127.0.0.1", "127.0.0.1"]
    assert (dialer.counts.connected, dialer.counts.plain) == (1, 1)


def test_the_places_are_tried_in_turn_and_the_one_that_answered_comes_first(stage: Stage) -> None:
    port = stage.server("::1").getsockname()[1]
    upstreams = [Upstream("127.0.0.1", port, "127.0.0.2"), Upstream("::1", port, None)]
    dialer = Dialer(stage.poller, upstreams)
    assert dialer.family == socket.AF_INET
    assert stage.dial(dialer) == ["::1", "::1"]
    assert dialer.family == socket.AF_INET6
    stage.open[0].close()
    stage.server("127.0.0.1", port)
    assert stage.dial(dialer) == ["127.0.0.1", "127.0.0.2"]


def test_refused_everywhere_is_refused_once(stage: Stage) -> None:
    port = free_port()
    dialer = Dialer(stage.poller, [Upstream(host, port, None) for host in ("127.0.0.1", "::1")])
    assert stage.dial(dialer) == [None]
    assert dialer.counts.refused == 1


def test_a_name_that_is_not_known_is_refused_and_asked_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = stage.server().getsockname()[1]
    known = socket.getaddrinfo

    def unknown(*_args: object, **_kwargs: object) -> list[Any]:
        raise socket.gaierror(socket.EAI_AGAIN, "later")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    dialer = Dialer(stage.poller, [Upstream("localhost", port, None)])
    assert stage.dial(dialer) == [None]
    monkeypatch.setattr(socket, "getaddrinfo", known)
    dialer.resolve()
    assert stage.dial(dialer) == ["127.0.0.1", "127.0.0.1"]


def listening(stage: Stage, upstream_port: int) -> tuple[Listener, Any]:
    traffic = stage.server()
    dialer = Dialer(stage.poller, [Upstream("127.0.0.1", upstream_port, None)])
    stage.listeners.append(Listener(stage.poller, traffic, dialer, SilentTap))
    return stage.listeners[-1], traffic.getsockname()


def test_a_client_reaches_the_server(stage: Stage) -> None:
    server = stage.server()
    listener, address = listening(stage, server.getsockname()[1])
    client = stage.client(address)
    client.send(b"early")
    stage.until(lambda: listener.pairs)
    accepted, _ = server.accept()
    stage.open.append(accepted)
    assert stage.received(accepted, 5) == b"early"
    accepted.close()
    client.close()
    stage.until(lambda: not listener.pairs)


def test_a_refused_server_is_a_reset_for_the_client(stage: Stage) -> None:
    listener, address = listening(stage, free_port())
    client = stage.client(address)
    stage.until(lambda: listener._dialer.counts.refused)
    with pytest.raises(ConnectionResetError):
        client.recv(1)
    assert listener.connections == 0


def test_at_the_limit_clients_wait_in_the_backlog_until_others_end(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        resource, "getrlimit", lambda _: (RESERVED_DESCRIPTORS + 3, RESERVED_DESCRIPTORS + 3)
    )
    server = stage.server()
    listener, address = listening(stage, server.getsockname()[1])
    assert listener.most_pairs == 1
    first, second = stage.client(address), stage.client(address)
    stage.until(lambda: listener.exhausted)
    (before,) = listener.pairs
    second.send(b"patient")
    first.close()
    stage.open += [server.accept()[0]]
    stage.open[-1].close()
    stage.until(lambda: listener.pairs and before not in listener.pairs)
    accepted, _ = server.accept()
    stage.open.append(accepted)
    assert stage.received(accepted, 7) == b"patient"


class ExhaustedListening(socket.socket):
    """Has clients, and no descriptor for them."""

    exhausted = True

    def accept(self) -> Any:
        """As the kernel does: the client stays in the backlog."""
        if self.exhausted:
            raise OSError(errno.EMFILE, "Too many open files")
        return super().accept()


def test_without_descriptors_nobody_is_accepted_and_dropped(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listener_module, "RETRY_SECONDS", 0.01)
    server = stage.server()
    traffic = ExhaustedListening(fileno=stage.server().detach())
    traffic.setblocking(False)
    stage.open.append(traffic)
    dialer = Dialer(stage.poller, [Upstream("127.0.0.1", server.getsockname()[1], None)])
    listener = Listener(stage.poller, traffic, dialer, SilentTap)
    stage.listeners.append(listener)
    stage.client(traffic.getsockname())
    stage.until(lambda: listener.exhausted >= 2)
    assert listener.connections == 0
    traffic.exhausted = False
    stage.until(lambda: listener.pairs)
