"""Fail open: whatever breaks in us or around us, traffic passes, and a counter says so."""

import json
import socket
import struct
import threading
import urllib.error
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from modelmonitor_sidecar.testing_processes import ProxyProcess, eventually
from modelmonitor_sidecar.testing_server import ReversingClient, reversing_server

Start = Callable[..., ProxyProcess]
DEADLINE_SECONDS = 30.0
GOOD = {"formatVersion": 1, "monitor": "churn", "namespace": "a", "spec": {}}


@pytest.fixture
def upstream() -> Iterator[str]:
    with reversing_server() as port:
        yield f"127.0.0.1:{port}"


def is_state(proxy: ProxyProcess, state: str) -> bool:
    return proxy.total("modelmonitor_proxy_configuration_state", state=state) == 1


def served(clients: list["Load"]) -> int:
    return sum(client.served for client in clients)


def carry(proxy: ProxyProcess, requests: int = 20, size: int = 1000) -> None:
    """Requests over two connections, each answer checked byte for byte."""
    for _ in range(2):
        with ReversingClient(proxy.port) as client:
            for number in range(requests // 2):
                assert client.ask(struct.pack(">I", number) * (size // 4)) == 200


BREAK = """
def broken(*arguments, **named):
    raise RuntimeError("injected")
import {module} as module
{target} = broken
"""


@pytest.mark.parametrize(
    ("module", "target"),
    [
        ("modelmonitor_sidecar.wire.conversation", "module.Conversation.__init__"),
        ("modelmonitor_sidecar.wire.conversation", "module.Conversation.request_bytes"),
        ("modelmonitor_sidecar.wire.conversation", "module.Conversation.response_bytes"),
        ("modelmonitor_sidecar.wire.conversation", "module.Conversation.response_end"),
        ("modelmonitor_sidecar.wire.conversation", "module.Conversation.lost"),
        ("modelmonitor_sidecar.tap.observer", "module.Observer.target"),
        ("modelmonitor_sidecar.tap.observer", "module.Observer.completed"),
        ("modelmonitor_sidecar.tap.copier", "module.Copier.copy"),
        ("modelmonitor_sidecar.tap.shipper", "module.Shipper.put"),
    ],
)
def test_a_broken_part_of_the_tap_costs_no_byte(
    start: Start, upstream: str, module: str, target: str
) -> None:
    before = BREAK.format(module=module, target=target)
    proxy = start(upstream, before=before)
    carry(proxy)
    with ReversingClient(proxy.port) as client:
        assert client.ask(b"0123456789abcdef" * 500_000) == 200

    eventually(lambda: "injected" in proxy.said, "the fault was met")
    assert "the worker ended" not in proxy.said


def test_a_look_at_the_configuration_that_fails_costs_no_byte(start: Start, upstream: str) -> None:
    module, target = "modelmonitor_sidecar.watched", "module.WatchedFile.look"
    proxy = start(upstream, before=BREAK.format(module=module, target=target))
    carry(proxy)

    eventually(
        lambda: proxy.total("modelmonitor_proxy_configuration_failures_total") > 1, "it is counted"
    )
    carry(proxy)
    assert is_state(proxy, "broken")
    assert proxy.said.count("injected") == 1


def test_a_page_that_fails_costs_no_byte(start: Start, upstream: str) -> None:
    module, target = "modelmonitor_sidecar.proxy.worker", "module.observed"
    proxy = start(upstream, before=BREAK.format(module=module, target=target))
    with pytest.raises(urllib.error.HTTPError, match="500"):
        proxy.page("/metrics")
    carry(proxy)

    assert proxy.page("/healthz") == "ok\n"


def test_a_connection_on_which_the_observer_fails_is_counted(start: Start, upstream: str) -> None:
    target = "module.Conversation.response_bytes"
    module = "modelmonitor_sidecar.wire.conversation"
    proxy = start(upstream, before=BREAK.format(module=module, target=target))
    carry(proxy)

    assert proxy.total("modelmonitor_connections_total", protocol="unobserved") == 2


class Collector(threading.Thread):
    """Accepts the proxy's connection and misbehaves with it."""

    def __init__(self, path: Path, behaviour: Callable[[socket.socket], None]) -> None:
        super().__init__(daemon=True)
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(path))
        self._listening.listen()
        self._behaviour = behaviour
        self.met = threading.Event()

    def run(self) -> None:
        try:
            while True:
                connection, _ = self._listening.accept()
                self.met.set()
                with connection:
                    self._behaviour(connection)
        except OSError:
            return

    def end(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self.join(DEADLINE_SECONDS)


@pytest.fixture
def misbehave(tmp_path: Path) -> Iterator[Callable[..., Collector]]:
    """Put a collector at the socket of the test's first proxy."""
    collectors: list[Collector] = []

    def put(behaviour: Callable[[socket.socket], None]) -> Collector:
        collector = Collector(tmp_path / "proxy-0" / "frames.sock", behaviour)
        collectors.append(collector)
        collector.start()
        assert collector.met.wait(DEADLINE_SECONDS), "the proxy finds it"
        return collector

    yield put
    for collector in collectors:
        collector.end()


def hang_up(connection: socket.socket) -> None:
    connection.recv(100)


def answer_garbage(connection: socket.socket) -> None:
    while connection.recv(65536):
        connection.sendall(b"\xff" * 13 * 7)


def refuse_to_read(released: threading.Event) -> Callable[[socket.socket], None]:
    """Read nothing until released; then a little, and hang up."""

    def behave(connection: socket.socket) -> None:
        assert released.wait(DEADLINE_SECONDS)
        hang_up(connection)

    return behave


def test_traffic_passes_without_a_collector(start: Start, upstream: str) -> None:
    proxy = start(upstream)
    carry(proxy, requests=200)

    assert proxy.total("modelmonitor_requests_total", code="200") == 200


@pytest.mark.parametrize("behaviour", [hang_up, answer_garbage])
def test_a_collector_that_misbehaves_costs_no_byte(
    start: Start,
    misbehave: Callable[..., Collector],
    upstream: str,
    behaviour: Callable[[socket.socket], None],
) -> None:
    proxy = start(upstream)
    misbehave(behaviour)
    carry(proxy, requests=200)

    assert proxy.total("modelmonitor_requests_total", code="200") == 200
    assert "the worker ended" not in proxy.said


def test_a_collector_that_does_not_read_costs_the_budget_and_no_more(
    start: Start, misbehave: Callable[..., Collector], upstream: str, tmp_path: Path
) -> None:
    proxy = start(upstream)
    document = {**GOOD, "captureBudgetBytes": 1 << 20}
    (tmp_path / "proxy-0" / "config.json").write_text(json.dumps(document))
    eventually(partial(is_state, proxy, "loaded"), "the configuration is loaded")
    released = threading.Event()
    misbehave(refuse_to_read(released))
    memory = proxy.memory_bytes()
    carry(proxy, requests=400, size=20_000)
    grown = proxy.memory_bytes() - memory

    dropped = proxy.total("modelmonitor_frames_dropped_total", reason="budget")
    assert dropped > 300, "400 requests of 40 kB do not fit into 1 MiB"
    assert grown < 12 << 20
    released.set()
    eventually(
        lambda: proxy.total("modelmonitor_frames_dropped_total") == 400,
        "what was sent and not acknowledged is lost, and every request is accounted for",
    )


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("{", "broken"),
        ("[]", "broken"),
        (json.dumps({**GOOD, "formatVersion": 99}), "newer"),
        (None, "missing"),
    ],
    ids=["half a document", "another document", "newer", "missing"],
)
def test_a_configuration_that_breaks_while_running_costs_no_byte(
    start: Start, upstream: str, tmp_path: Path, text: str | None, state: str
) -> None:
    proxy = start(upstream)
    file = tmp_path / "proxy-0" / "config.json"
    for wanted, content in (("loaded", json.dumps(GOOD)), (state, text)):
        if content is None:
            file.unlink()
        else:
            file.write_text(content)
        eventually(partial(is_state, proxy, wanted), f"the configuration is {wanted}")
        carry(proxy)

    assert proxy.total("modelmonitor_requests_total", modelmonitor="churn") == 40
    assert proxy.total("modelmonitor_proxy_configuration_failures_total", reason=state) > 0


def test_a_configuration_may_change_while_running(
    start: Start, upstream: str, tmp_path: Path
) -> None:
    proxy = start(upstream)
    carry(proxy)
    spec = {"models": [{"name": "m", "match": {"paths": ["/predict"]}}]}
    (tmp_path / "proxy-0" / "config.json").write_text(json.dumps({**GOOD, "spec": spec}))
    eventually(partial(is_state, proxy, "loaded"), "the configuration is loaded")
    carry(proxy)

    assert proxy.total("modelmonitor_requests_total", model="m", route="/predict") == 20


class Load(threading.Thread):
    """A client that opens a connection for every request, as fast as it can."""

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self._port = port
        self._over = threading.Event()
        self.served = self.broken = self.refused = 0

    def run(self) -> None:
        while not self._over.is_set():
            try:
                with ReversingClient(self._port) as client:
                    assert client.ask(b"payload " * 40) == 200
                self.served += 1
            except ConnectionRefusedError:
                self.refused += 1
            except OSError:
                self.broken += 1

    def end(self) -> None:
        self._over.set()
        self.join(DEADLINE_SECONDS)


def serve_more(clients: list[Load]) -> None:
    enough = served(clients) + 20
    eventually(lambda: served(clients) > enough, "requests are served")


def test_a_worker_killed_under_load_refuses_nobody(start: Start, upstream: str) -> None:
    proxy = start(upstream)
    clients = [Load(proxy.port) for _ in range(4)]
    for client in clients:
        client.start()
    kills = 8
    for _ in range(kills):
        serve_more(clients)
        proxy.kill_worker()
    serve_more(clients)
    for client in clients:
        client.end()

    assert sum(client.refused for client in clients) == 0
    # Only what was inside a worker when it died is lost: at most one request a client and kill.
    assert sum(client.broken for client in clients) <= kills * len(clients)
    assert proxy.total("modelmonitor_proxy_worker_deaths_total", cause="SIGKILL") == kills
