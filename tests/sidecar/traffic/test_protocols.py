"""What is not plain HTTP/1.x passes all the same, and is counted as what it is."""

import random
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import h2.config
import h2.connection
import h2.events
import pytest
import websockets.exceptions
import websockets.sync.client
import websockets.sync.server
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modelmonitor_sidecar.testing_processes import ProxyProcess, eventually
from modelmonitor_sidecar.testing_traffic import Exchange, Peer, Script, exchange

Same = Callable[[Script, Script], Exchange]
DEADLINE_SECONDS = 30.0


def connections(proxy: ProxyProcess, protocol: str) -> float:
    return proxy.total("modelmonitor_connections_total", protocol=protocol)


def test_each_server_sent_event_arrives_before_the_next_is_sent(same: Same) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"

    def client(peer: Peer) -> None:
        peer.send(b"GET /events HTTP/1.1\r\nAccept: text/event-stream\r\n\r\n")
        peer.receive_until(b"\r\n\r\n")
        for number in range(20):
            assert peer.receive_until(b"\n\n") == b"id: %d\ndata: x\n\n" % number
            peer.signals.give(f"seen {number}")
        peer.receive_to_end()

    def server(peer: Peer) -> None:
        peer.receive_until(b"\r\n\r\n")
        peer.send(head)
        for number in range(20):
            peer.send(b"id: %d\ndata: x\n\n" % number)
            peer.signals.wait(f"seen {number}")
        peer.finish()
        peer.receive_to_end()

    same(client, server)


def test_each_chunk_arrives_before_the_next_is_sent_both_ways(same: Same) -> None:
    head = b"POST /stream HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"

    def client(peer: Peer) -> None:
        peer.send(head)
        peer.receive_until(b"\r\n\r\n")
        for _ in range(20):
            peer.send(b"3\r\nask\r\n")
            assert peer.receive(10) == b"5\r\nreply\r\n"
        peer.send(b"0\r\n\r\n")
        assert peer.receive(5) == b"0\r\n\r\n"
        peer.finish()
        peer.receive_to_end()

    def server(peer: Peer) -> None:
        peer.receive(len(head))
        peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(20):
            assert peer.receive(8) == b"3\r\nask\r\n"
            peer.send(b"5\r\nreply\r\n")
        peer.receive(5)
        peer.send(b"0\r\n\r\n")
        peer.receive_to_end()
        peer.finish()

    same(client, server)


@pytest.fixture
def chat() -> Iterator[int]:
    """A WebSocket server that says everything back, and closes with 4001 when told."""

    def handle(connection: websockets.sync.server.ServerConnection) -> None:
        for message in connection:
            if message == "close":
                connection.close(4001, "as told")
                return
            connection.send(message)

    with websockets.sync.server.serve(handle, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.socket.getsockname()[1]
        server.shutdown()
        thread.join()


def test_a_websocket_carries_text_bytes_large_messages_pings_and_its_close_code(
    chat: int, start: Callable[..., ProxyProcess]
) -> None:
    proxy = start(f"127.0.0.1:{chat}")
    messages: list[str | bytes] = ["text é", b"\x00\xff", b"", "x" * (1 << 20)]
    url = f"ws://127.0.0.1:{proxy.port}/chat"

    with websockets.sync.client.connect(url, max_size=2 << 20) as connection:
        for message in messages:
            connection.send(message)
            assert connection.recv(DEADLINE_SECONDS) == message
        assert connection.ping().wait(DEADLINE_SECONDS)
        connection.send("close")
        with pytest.raises(websockets.exceptions.ConnectionClosedError) as end:
            connection.recv(DEADLINE_SECONDS)

    assert end.value.rcvd is not None
    assert (end.value.rcvd.code, end.value.rcvd.reason) == (4001, "as told")
    eventually(lambda: connections(proxy, "upgrade") == 1, "the upgrade is counted")


@dataclass
class Http2Side:
    """One side of HTTP/2 over a blocking socket; collects what it saw, per stream."""

    connection: socket.socket
    is_client: bool
    seen: dict[int, list[object]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        config = h2.config.H2Configuration(client_side=self.is_client, header_encoding="utf-8")
        self.http = h2.connection.H2Connection(config)
        self.http.initiate_connection()
        self.flush()

    def flush(self) -> None:
        self.connection.sendall(self.http.data_to_send())

    def send(self, stream: int, data: bytes) -> None:
        """Send within the peer's window; reads while the window is closed."""
        while data:
            room = min(
                self.http.local_flow_control_window(stream), self.http.max_outbound_frame_size
            )
            if room == 0:
                self.read()
                continue
            self.http.send_data(stream, data[:room])
            data = data[room:]
            self.flush()

    def read(self) -> list[h2.events.Event]:
        """What the next bytes say; data is collected per stream in one piece."""
        data = self.connection.recv(65536)
        assert data, "the other side closed"
        events = self.http.receive_data(data)
        for event in events:
            self._keep(event)
        self.flush()
        return events

    def _keep(self, event: h2.events.Event) -> None:
        stream = getattr(event, "stream_id", None)
        if isinstance(event, h2.events.DataReceived):
            assert stream is not None
            assert event.flow_controlled_length is not None
            self.http.acknowledge_received_data(event.flow_controlled_length, stream)
            kept = self.seen.setdefault(stream, [])
            if kept and isinstance(kept[-1], bytearray):
                kept[-1] += event.data or b""
            else:
                kept.append(bytearray(event.data or b""))
        elif stream is not None and getattr(event, "headers", None) is not None:
            self.seen.setdefault(stream, []).append(list(event.headers))  # type: ignore[attr-defined]
        elif isinstance(event, h2.events.StreamEnded):
            assert stream is not None
            self.seen.setdefault(stream, []).append("end")


MESSAGE = b"\x00" + (100_000).to_bytes(4, "big") + b"m" * 100_000
GRPC = [
    (":method", "POST"),
    (":scheme", "http"),
    (":path", "/inference.GRPCInferenceService/ModelInfer"),
    (":authority", "model"),
    ("content-type", "application/grpc"),
    ("te", "trailers"),
]


def call_three_streams(address: tuple[str, int]) -> dict[int, list[object]]:
    """Three calls at once, bodies larger than the window; returns what the answers were."""
    with socket.create_connection(address, DEADLINE_SECONDS) as connection:
        client = Http2Side(connection, is_client=True)
        for stream in (1, 3, 5):
            client.http.send_headers(stream, GRPC)
        for stream in (1, 3, 5):
            client.send(stream, MESSAGE)
            client.http.end_stream(stream)
        client.flush()
        while sum(kept[-1] == "end" for kept in client.seen.values()) < 3:
            client.read()
        return client.seen


def answer_stream(server: Http2Side, stream: int) -> None:
    body = server.seen[stream][1]
    assert isinstance(body, bytearray)
    server.http.send_headers(stream, [(":status", "200"), ("content-type", "application/grpc")])
    server.send(stream, bytes(body))
    server.http.send_headers(stream, [("grpc-status", "0")], end_stream=True)
    server.flush()


def answer_streams(listening: socket.socket) -> None:
    """Answer each call with its own message and with trailers."""
    connection, _ = listening.accept()
    with connection:
        connection.settimeout(DEADLINE_SECONDS)
        server = Http2Side(connection, is_client=False)
        answered: set[int] = set()
        while len(answered) < 3:
            ended = {stream for stream, kept in server.seen.items() if kept[-1] == "end"}
            if not ended - answered:
                server.read()
            for stream in sorted(ended - answered):
                answer_stream(server, stream)
                answered.add(stream)
        while connection.recv(65536):
            continue  # the client's last window updates


@pytest.mark.filterwarnings("error::pytest.PytestUnhandledThreadExceptionWarning")
def test_http2_with_prior_knowledge_and_grpc_pass_and_count_as_opaque(
    shared_model: socket.socket, proxy: ProxyProcess
) -> None:
    seen = []
    before, requests = connections(proxy, "h2"), proxy.total("modelmonitor_requests_total")
    carried = proxy.total("modelmonitor_connection_bytes_total", protocol="h2")
    for address in (shared_model.getsockname(), ("127.0.0.1", proxy.port)):
        shared_model.settimeout(DEADLINE_SECONDS)
        thread = threading.Thread(target=answer_streams, args=(shared_model,))
        thread.start()
        seen.append(call_three_streams(address))
        thread.join()
    direct, proxied = seen

    assert proxied == direct
    assert [bytes(kept[1]) == MESSAGE for kept in proxied.values()] == [True] * 3  # type: ignore[call-overload]
    assert [kept[2] for kept in proxied.values()] == [[("grpc-status", "0")]] * 3
    eventually(lambda: connections(proxy, "h2") == before + 1, "the connection is counted")
    eventually(
        lambda: (
            proxy.total("modelmonitor_connection_bytes_total", protocol="h2")
            >= carried + 6 * len(MESSAGE)
        ),
        "its bytes are counted",
    )
    assert proxy.total("modelmonitor_requests_total") == requests


def tls_context(side: int) -> ssl.SSLContext:
    """TLS without certificates: both sides stay anonymous, which is fine for carrying bytes."""
    context = ssl.SSLContext(side)
    if side == ssl.PROTOCOL_TLS_CLIENT:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("AECDH-AES256-SHA:@SECLEVEL=0")
    return context


def test_tls_that_ends_in_the_server_passes_and_counts_as_tls(
    shared_model: socket.socket, proxy: ProxyProcess
) -> None:
    before = connections(proxy, "tls")
    body = bytes(random.Random(7).randbytes(300_000))

    def client(peer: Peer) -> None:
        with tls_context(ssl.PROTOCOL_TLS_CLIENT).wrap_socket(peer.connection) as secure:
            secure.sendall(body)
            received = b"".join(iter(lambda: secure.recv(65536), b""))
            peer.record.append(("received", received))
            secure.unwrap()

    def server(peer: Peer) -> None:
        context = tls_context(ssl.PROTOCOL_TLS_SERVER)
        with context.wrap_socket(peer.connection, server_side=True) as secure:
            received = b""
            while len(received) < len(body):
                received += secure.recv(65536)
            secure.sendall(received[::-1])
            secure.unwrap()

    carried = exchange(("127.0.0.1", proxy.port), shared_model, client, server)

    assert carried.client == [("received", body[::-1])]
    eventually(lambda: connections(proxy, "tls") == before + 1, "the connection is counted")


def test_garbage_passes_both_ways_at_once(same: Same) -> None:
    chance = random.Random(11)
    pieces = [chance.randbytes(chance.randint(1, 9000)) for _ in range(200)]

    def client(peer: Peer) -> None:
        for piece in pieces:
            peer.send(piece)
            assert peer.receive(len(piece)) == piece[::-1]
        peer.finish()
        peer.receive_to_end()

    def server(peer: Peer) -> None:
        for piece in pieces:
            peer.send(peer.receive(len(piece))[::-1])
        peer.receive_to_end()
        peer.finish()

    same(client, server)


@pytest.mark.parametrize("start", [b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01", b"PRI * HTTP/2.0"])
def test_what_looks_like_a_protocol_and_is_none_passes(same: Same, start: bytes) -> None:
    def client(peer: Peer) -> None:
        peer.send(start + b"\x00\xff" * 500)
        peer.receive(1000)
        peer.finish()
        peer.receive_to_end()

    def server(peer: Peer) -> None:
        peer.receive(len(start) + 1000)
        peer.send(b"\xff\x00" * 500)
        peer.receive_to_end()
        peer.finish()

    same(client, server)


bits = st.sampled_from(
    [
        b"POST /predict HTTP/1.1\r\nContent-Length: 5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"5\r\nhello\r\n",
        b"0\r\n\r\n",
        b"\r\n",
    ]
)
steps = st.lists(st.tuples(st.booleans(), bits | st.binary(min_size=1, max_size=40)), max_size=8)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps, client_ends_first=st.booleans(), resets=st.booleans())
def test_any_dialogue_passes_unchanged(
    same: Same, steps: list[tuple[bool, bytes]], client_ends_first: bool, resets: bool
) -> None:
    def play(peer: Peer, *, is_client: bool) -> None:
        for from_client, data in steps:
            if from_client == is_client:
                peer.send(data)
            else:
                peer.receive(len(data))
        if client_ends_first != is_client:
            peer.signals.give("all received")
            peer.receive_to_end()
            if not resets:
                peer.finish()
            return
        peer.signals.wait("all received")
        if resets:
            peer.reset()
        else:
            peer.finish()
            peer.receive_to_end()

    same(lambda peer: play(peer, is_client=True), lambda peer: play(peer, is_client=False))
