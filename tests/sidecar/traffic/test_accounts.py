"""Exact accounts of real traffic, what never leaves with the copies, and the orderly end."""

import random
import signal
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from modelmonitor_sidecar.frames import PREAMBLE, Ack, Outcome, pack_acks, split, unpack
from modelmonitor_sidecar.proxy.__main__ import main
from modelmonitor_sidecar.testing_processes import ProxyProcess, eventually
from modelmonitor_sidecar.testing_server import ReversingClient, reversing_server

Start = Callable[..., ProxyProcess]
DEADLINE_SECONDS = 30.0
STATUSES = (200, 201, 206, 400, 404, 418, 429, 500, 503, 599)


@pytest.fixture
def upstream() -> Iterator[str]:
    with reversing_server() as port:
        yield f"127.0.0.1:{port}"


def test_requests_codes_and_sizes_are_counted_exactly(start: Start, upstream: str) -> None:
    proxy = start(upstream)
    sizes: list[int] = []
    codes: Counter[int] = Counter()

    def talk(seed: int) -> None:
        chance = random.Random(seed)
        with ReversingClient(proxy.port) as client:
            for _ in range(150):
                status, size = chance.choice(STATUSES), chance.choice([0, 1, 327, 70_000])
                assert client.ask(chance.randbytes(size), f"/status/{status}") == status
                codes[status] += 1
                sizes.append(size)

    threads = [threading.Thread(target=talk, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    total = partial(proxy.total, "modelmonitor_requests_total")

    assert sum(codes.values()) == 900, "every thread went to its end"
    assert {status: total(code=str(status)) for status in STATUSES} == dict(codes)
    assert total() == 900
    for name in ("request_size_bytes", "response_size_bytes"):
        assert proxy.total(f"modelmonitor_{name}_sum") == sum(sizes)
    for name in ("request_duration_seconds", "time_to_first_byte_seconds", "request_size_bytes"):
        assert proxy.total(f"modelmonitor_{name}_count") == 900
    assert proxy.total("modelmonitor_requests_in_flight") == 0
    assert proxy.total("modelmonitor_connections_total", protocol="http1") == 6


@pytest.mark.parametrize("vanishes", ["client", "server"])
def test_a_request_whose_peer_vanishes_is_counted_once_as_aborted(
    start: Start, model: socket.socket, vanishes: str
) -> None:
    proxy = start(f"127.0.0.1:{model.getsockname()[1]}")
    with socket.create_connection(("127.0.0.1", proxy.port), DEADLINE_SECONDS) as client:
        client.sendall(b"POST /predict HTTP/1.1\r\nContent-Length: 10\r\n\r\n12345")
        server, _ = model.accept()
        with server:
            assert server.recv(4096).endswith(b"12345")
            eventually(lambda: proxy.total("modelmonitor_requests_in_flight") == 1, "it is begun")
            gone = client if vanishes == "client" else server
            gone.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            gone.close()
            eventually(
                lambda: proxy.total("modelmonitor_requests_total", code="aborted") == 1,
                "it is counted",
            )
    assert proxy.total("modelmonitor_requests_total") == 1
    assert proxy.total("modelmonitor_requests_in_flight") == 0


def test_a_probe_of_the_kubelet_is_no_inference(start: Start, upstream: str) -> None:
    proxy = start(upstream)
    with ReversingClient(proxy.port) as client:
        client.ask(b"", "/predict", "User-Agent: kube-probe/1.36\r\n")
        client.ask(b"", "/predict", "User-Agent: python\r\n")

    assert proxy.total("modelmonitor_requests_total", model="__other__", code="200") == 1
    assert proxy.total("modelmonitor_requests_total", route="/predict", code="200") == 1


class AckingCollector(threading.Thread):
    """Keeps every byte it gets and acknowledges every frame; hangs up before some of its acks."""

    def __init__(self, path: Path, hang_up_after: int) -> None:
        super().__init__(daemon=True)
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(path))
        self._listening.listen()
        self._hang_up_after = hang_up_after
        self.bytes = bytearray()
        self.frames = 0
        self.acknowledged = 0

    def run(self) -> None:
        try:
            while True:
                connection, _ = self._listening.accept()
                with connection:
                    self._serve(connection)
        except OSError:
            return

    def _serve(self, connection: socket.socket) -> None:
        buffer = bytearray()
        assert connection.recv(len(PREAMBLE), socket.MSG_WAITALL) == PREAMBLE
        lost_at = self.frames + self._hang_up_after
        while data := connection.recv(65536):
            self.bytes += data
            buffer += data
            sequences = [unpack(raw).sequence for raw in split(buffer)]
            self.frames += len(sequences)
            if self.frames >= lost_at:
                self._hang_up_after *= 1000  # only once
                return
            if sequences:
                connection.sendall(pack_acks([Ack(sequences[-1], len(sequences), Outcome.DECODED)]))
                self.acknowledged += len(sequences)

    def end(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()


@pytest.fixture
def collector(tmp_path: Path) -> Iterator[Callable[[int], AckingCollector]]:
    collectors: list[AckingCollector] = []

    def put(hang_up_after: int) -> AckingCollector:
        (tmp_path / "proxy-0").mkdir()
        collectors.append(AckingCollector(tmp_path / "proxy-0" / "frames.sock", hang_up_after))
        collectors[-1].start()
        return collectors[-1]

    yield put
    for one in collectors:
        one.end()


def test_every_request_is_accounted_for_when_the_collector_dies_midway(
    start: Start, upstream: str, collector: Callable[[int], AckingCollector]
) -> None:
    acking = collector(100)
    proxy = start(upstream)
    with ReversingClient(proxy.port) as client:
        for number in range(1000):
            client.ask(b"%d" % number)

    def at_rest() -> bool:
        dropped = proxy.total("modelmonitor_frames_dropped_total")
        return proxy.total("modelmonitor_frames_total") + dropped == 1000

    eventually(at_rest, "decoded + undecodable + skipped + dropped = requests")
    assert proxy.total("modelmonitor_requests_total", route="/predict") == 1000
    assert proxy.total("modelmonitor_frames_total", outcome="decoded") == acking.acknowledged
    assert proxy.total("modelmonitor_frames_dropped_total", reason="collector_lost") > 0


def test_bodies_are_copied_and_credentials_are_not(
    start: Start, upstream: str, collector: Callable[[int], AckingCollector]
) -> None:
    acking = collector(10**9)
    proxy = start(upstream)
    secrets = ("Authorization", "Cookie", "X-Api-Key", "Proxy-Authorization", "X-Whatever")
    headers = "".join(f"{name}: secret-{name}\r\n" for name in secrets)
    with ReversingClient(proxy.port) as client:
        client.ask(b"the body of the request", headers=headers + "Content-Type: text/csv\r\n")
    eventually(lambda: acking.acknowledged == 1, "the frame arrived")

    assert b"the body of the request" in acking.bytes
    assert b"tseuqer eht fo ydob eht" in acking.bytes
    assert b"text/csv" in acking.bytes
    assert b"secret-" not in acking.bytes
    assert b"answer-cookie" not in acking.bytes


def test_no_payload_touches_a_disk(start: Start, upstream: str, tmp_path: Path) -> None:
    proxy = start(upstream)
    with ReversingClient(proxy.port) as client:
        client.ask(b"the body of the request" * 100_000)
        links = list(Path(f"/proc/{proxy.worker}/fd").iterdir())
        files = [str(link.readlink()) for link in links]

    opened = {file for file in files if file.startswith("/") and not file.startswith("/dev/")}
    assert opened == {str(tmp_path / "proxy-0" / "proxy.log")}
    assert "the body" not in proxy.said
    limits = Path(f"/proc/{proxy.worker}/limits").read_text()
    (core,) = [line for line in limits.splitlines() if line.startswith("Max core file size")]
    assert core.split()[4] in ("0", "1")
    assert Path(f"/proc/{proxy.worker}/coredump_filter").read_text().strip("0\n") == ""


def test_the_prestop_hook_is_heard_and_traffic_goes_on(start: Start, upstream: str) -> None:
    proxy = start(upstream)
    assert proxy.total("modelmonitor_proxy_draining") == 0

    assert main(["drain", "--admin", f"127.0.0.1:{proxy.admin_port}"]) == 0

    assert proxy.total("modelmonitor_proxy_draining") == 1
    with ReversingClient(proxy.port) as client:
        assert client.ask(b"after the hook") == 200


def test_sigterm_lets_the_answer_in_flight_finish_and_ends_well(
    start: Start, model: socket.socket
) -> None:
    proxy = start(f"127.0.0.1:{model.getsockname()[1]}")
    asked, answer = b"POST /predict HTTP/1.1\r\nContent-Length: 1\r\n\r\n1", b"HTTP/1.1 200 OK\r\n"
    with socket.create_connection(("127.0.0.1", proxy.port), DEADLINE_SECONDS) as client:
        client.sendall(asked)
        server, _ = model.accept()
        with server:
            assert server.recv(4096) == asked
            proxy.process.send_signal(signal.SIGTERM)
            eventually(partial(refuses, proxy.port), "new connections are refused")
            server.sendall(answer + b"Content-Length: 4\r\n\r\nlast")
            received = b"".join(iter(partial(client.recv, 4096), b""))

    assert received == answer + b"Content-Length: 4\r\n\r\nlast"
    assert proxy.process.wait(DEADLINE_SECONDS) == 0


def refuses(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), DEADLINE_SECONDS).close()
    except ConnectionRefusedError:
        return True
    except ConnectionResetError:
        return False
    return False


def test_sigterm_with_nothing_in_flight_ends_idle_connections_and_the_proxy(
    start: Start, upstream: str
) -> None:
    proxy = start(upstream)
    with ReversingClient(proxy.port) as client:
        client.ask(b"one")
        assert proxy.end() == 0
        with pytest.raises(OSError, match=r".*"):
            client.ask(b"two")
