"""Large bodies, many connections, slow peers, no descriptors: bytes stay right, memory flat."""

import random
import resource
import select
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing

import pytest

from modelmonitor_sidecar.testing_processes import ProxyProcess
from modelmonitor_sidecar.testing_traffic import Peer, exchange

Start = Callable[..., ProxyProcess]
MIB = 1 << 20
DEADLINE_SECONDS = 60.0
BLOCK = random.Random(5).randbytes(MIB)
POST = b"POST /predict HTTP/1.1\r\nHost: model\r\nContent-Length: 7\r\n\r\n[[1,2]]"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n[1]"


class HighWater(threading.Thread):
    """Measures the proxy's memory until stopped, and keeps the largest."""

    def __init__(self, proxy: ProxyProcess) -> None:
        super().__init__(daemon=True)
        self._proxy = proxy
        self._over = threading.Event()
        self.mebibytes = 0.0

    def run(self) -> None:
        while not self._over.wait(0.02):
            self.mebibytes = max(self.mebibytes, self._proxy.memory_bytes() / MIB)

    def __enter__(self) -> "HighWater":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self.join()


def send_blocks(connection: socket.socket, count: int, start: bytes, end: bytes) -> None:
    for _ in range(count):
        connection.sendall(start + BLOCK + end)


def receive_blocks(connection: socket.socket, count: int, start: bytes, end: bytes) -> None:
    """Compares every byte with what was sent."""
    expected = memoryview(start + BLOCK + end)
    buffer = bytearray(len(expected))
    for _ in range(count):
        view = memoryview(buffer)
        while view:
            received = connection.recv_into(view)
            assert received, "the connection ended early"
            view = view[received:]
        assert buffer == expected


@pytest.mark.parametrize(
    ("mebibytes", "framing", "before", "after"),
    [
        (1024, b"Content-Length: %d\r\n\r\n" % (1024 * MIB), b"", b""),
        (256, b"Transfer-Encoding: chunked\r\n\r\n", b"100000\r\n", b"\r\n"),
    ],
    ids=["1 GiB with a length", "256 MiB in chunks"],
)
@pytest.mark.timeout(300)  # two gibibytes through two processes, on machines that are busy
def test_large_bodies_both_ways_at_once_at_flat_memory(
    start: Start, model: socket.socket, mebibytes: int, framing: bytes, before: bytes, after: bytes
) -> None:
    """Both directions carry their body at the same time, as a streaming server would."""
    head, answer = b"POST /predict HTTP/1.1\r\n" + framing, b"HTTP/1.1 200 OK\r\n" + framing
    last = b"0\r\n\r\n" if after else b""
    proxy = start(f"127.0.0.1:{model.getsockname()[1]}")

    def side(own: bytes, other: bytes) -> Callable[[Peer], None]:
        def play(peer: Peer) -> None:
            connection = peer.connection
            connection.settimeout(DEADLINE_SECONDS)
            sender = threading.Thread(
                target=send_all, args=(connection, own, mebibytes, before, after, last)
            )
            sender.start()
            received = b"".join(connection.recv(1) for _ in other)
            assert received == other
            receive_blocks(connection, mebibytes, before, after)
            assert b"".join(connection.recv(1) for _ in last) == last
            sender.join()

        return play

    with HighWater(proxy) as high_water:
        exchange(("127.0.0.1", proxy.port), model, side(head, answer), side(answer, head))

    assert 1 < high_water.mebibytes <= 80


def send_all(
    connection: socket.socket, head: bytes, count: int, start: bytes, end: bytes, last: bytes
) -> None:
    connection.sendall(head)
    send_blocks(connection, count, start, end)
    connection.sendall(last)


def send_until_blocked(connection: socket.socket, data: memoryview) -> int:
    """Send as much as anyone takes; half a second without room counts as blocked."""
    connection.setblocking(False)
    sent = 0
    while sent < len(data) and select.select([], [connection], [], 0.5)[1]:
        sent += connection.send(data[sent : sent + MIB])
    connection.settimeout(DEADLINE_SECONDS)
    return sent


@pytest.mark.parametrize("slow", ["client", "server"])
def test_a_slow_reader_slows_its_writer_and_nobody_else(
    start: Start, model: socket.socket, slow: str
) -> None:
    mebibytes = 64
    data = memoryview(BLOCK * mebibytes)
    proxy = start(f"127.0.0.1:{model.getsockname()[1]}")
    address = ("127.0.0.1", proxy.port)
    with (
        HighWater(proxy) as high_water,
        socket.create_connection(address, DEADLINE_SECONDS) as client,
        closing(model.accept()[0]) as server,
    ):
        writer, reader = (server, client) if slow == "client" else (client, server)
        writer.sendall(POST[:20])
        sent = send_until_blocked(writer, data)
        assert sent < 48 * MIB, "somebody between writer and reader takes everything"
        one_exchange(address, model)

        sender = threading.Thread(target=writer.sendall, args=(data[sent:],))
        sender.start()
        reader.settimeout(DEADLINE_SECONDS)
        assert b"".join(reader.recv(1) for _ in range(20)) == POST[:20]
        receive_blocks(reader, mebibytes, b"", b"")
        sender.join()

    assert high_water.mebibytes <= 80


def one_exchange(address: tuple[str, int], model: socket.socket) -> None:
    """One request and its answer over a new connection."""

    def client(peer: Peer) -> None:
        peer.send(POST)
        assert peer.receive(len(OK)) == OK

    def server(peer: Peer) -> None:
        peer.receive(len(POST))
        peer.send(OK)

    exchange(address, model, client, server)


@pytest.fixture
def descriptors() -> Iterator[None]:
    """Both ends of 8,000 connections are in this process."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert hard >= 17_000, f"8,000 connections need 17,000 descriptors, not {hard}; see ulimit -Hn"
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


class Many:
    """Connections through the proxy: the clients' ends, and the server's ends of all of them."""

    def __init__(
        self, stack: ExitStack, proxy: ProxyProcess, model: socket.socket, count: int
    ) -> None:
        self.clients: list[socket.socket] = []
        self.servers: dict[int, socket.socket] = {}
        self._poll = select.epoll()
        stack.callback(self._poll.close)
        while len(self.clients) < count:
            for _ in range(min(100, count - len(self.clients))):
                address = ("127.0.0.1", proxy.port)
                client = socket.create_connection(address, DEADLINE_SECONDS)
                self.clients.append(stack.enter_context(client))
            while len(self.servers) < len(self.clients):
                server = stack.enter_context(closing(model.accept()[0]))
                server.settimeout(DEADLINE_SECONDS)
                self.servers[server.fileno()] = server
                self._poll.register(server, select.EPOLLIN)

    def arrived(self) -> socket.socket:
        """The server's end of a client that has just sent something."""
        ((descriptor, _), *_rest) = self._poll.poll(DEADLINE_SECONDS)
        return self.servers[descriptor]


@pytest.mark.usefixtures("descriptors")
def test_8000_idle_connections_live_in_little_memory(start: Start, model: socket.socket) -> None:
    proxy = start(f"127.0.0.1:{model.getsockname()[1]}")
    with ExitStack() as stack:
        many = Many(stack, proxy, model, 8000)
        for client in random.Random(3).sample(many.clients, 200):
            client.sendall(POST)
            server = many.arrived()
            assert server.recv(4096) == POST
            server.sendall(OK)
            assert client.recv(4096) == OK
        assert proxy.memory_bytes() <= 140 * MIB
        one_exchange(("127.0.0.1", proxy.port), model)
        assert proxy.total("modelmonitor_proxy_connections") >= 8000
    assert proxy.total("modelmonitor_requests_total", code="200") == 201


@pytest.mark.usefixtures("descriptors")
def test_2000_half_sent_bodies_live_in_little_memory(start: Start, model: socket.socket) -> None:
    proxy = start(f"127.0.0.1:{model.getsockname()[1]}")
    begun = b"POST /predict HTTP/1.1\r\nContent-Length: 65536\r\n\r\n" + BLOCK[:32768]
    with ExitStack() as stack:
        many = Many(stack, proxy, model, 2000)
        for client in many.clients:
            client.sendall(begun)
        for server in many.servers.values():
            received = 0
            while received < len(begun):
                received += len(server.recv(65536))
        assert proxy.memory_bytes() <= 140 * MIB
        many.clients[1000].sendall(BLOCK[32768:65536])
        assert many.arrived().recv(4096) == BLOCK[32768 : 32768 + 4096]


LIMIT = "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, ({0}, {0}))"
NO_CAP = "; import modelmonitor_sidecar.proxy.listener as l; l._most_pairs = lambda: 10**6"


@pytest.mark.parametrize(
    "before", [LIMIT.format(200), LIMIT.format(100) + NO_CAP], ids=["near the end", "at the end"]
)
def test_without_descriptors_those_inside_go_on_and_those_outside_wait(
    start: Start, model: socket.socket, before: str
) -> None:
    proxy = start(f"127.0.0.1:{model.getsockname()[1]}", before=before)
    with ExitStack() as stack:
        clients = [
            stack.enter_context(socket.create_connection(("127.0.0.1", proxy.port), 30))
            for _ in range(120)
        ]
        inside = served_now(stack, model)
        assert 10 < len(inside) < 120
        for server in inside:
            server.sendall(b"inside")
        for client in clients[: len(inside)]:
            assert client.recv(16) == b"inside"
        for client in clients[: len(inside)]:
            client.close()
        for server in inside:
            assert server.recv(16) == b""
            server.close()

        waited = model.accept()[0]
        stack.enter_context(closing(waited))
        waited.sendall(b"after waiting")
        assert clients[len(inside)].recv(16) == b"after waiting"
    model.close()  # ends those that waited there, so that there are descriptors for a page
    assert proxy.total("modelmonitor_proxy_accept_pauses_total") >= 1
    assert proxy.total("modelmonitor_proxy_worker_deaths_total") == 0


def served_now(stack: ExitStack, model: socket.socket) -> list[socket.socket]:
    """The connections that reach the server; half a second without a new one ends them."""
    served = []
    while select.select([model], [], [], 0.5)[0]:
        served.append(stack.enter_context(closing(model.accept()[0])))
    return served
