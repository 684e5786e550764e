"""HTTP/1.x messages of every framing pass byte for byte, whole or cut into single bytes."""

from collections.abc import Callable

import pytest

from modelmonitor_sidecar.testing_traffic import Exchange, Peer, Script

Same = Callable[[Script, Script], Exchange]
Turn = tuple[bytes, bytes]
Carry = Callable[..., None]

GET = b"GET /v1/models/churn HTTP/1.1\r\nHost: model\r\n\r\n"
POST = b"POST /predict HTTP/1.1\r\nHost: model\r\nContent-Length: 7\r\n\r\n[[1,2]]"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n[1]"


@pytest.fixture(params=[1 << 30, 1], ids=["whole", "byte by byte"])
def carry(request: pytest.FixtureRequest, same: Same) -> Carry:
    """Carry turns of (client's bytes, server's bytes), then a half-close from each side."""
    piece_bytes: int = request.param

    def run(*turns: Turn) -> None:
        def client(peer: Peer) -> None:
            for asked, answered in turns:
                send(peer, asked, piece_bytes)
                assert peer.receive(len(answered)) == answered
            peer.finish()
            peer.receive_to_end()

        def server(peer: Peer) -> None:
            for asked, answered in turns:
                assert peer.receive(len(asked)) == asked
                send(peer, answered, piece_bytes)
            peer.receive_to_end()
            peer.finish()

        carried = same(client, server)
        assert [what for what, _ in carried.client[-2:]] == ["fin sent", "fin"]
        assert [what for what, _ in carried.server[-2:]] == ["fin", "fin sent"]

    return run


def send(peer: Peer, data: bytes, piece_bytes: int) -> None:
    for at in range(0, len(data), piece_bytes):
        peer.send(data[at : at + piece_bytes])


def test_content_length_bodies(carry: Carry) -> None:
    carry((POST, OK), (POST, OK))


def test_chunked_bodies(carry: Carry) -> None:
    head = b"POST /predict HTTP/1.1\r\nHost: model\r\nTransfer-Encoding: chunked\r\n\r\n"
    answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunks = b"5\r\nhello\r\n00a;name=value\r\n0123456789\r\n0\r\n\r\n"

    carry((head + chunks, answer + chunks), (POST, OK))


def test_trailers(carry: Carry) -> None:
    head = b"POST /predict HTTP/1.1\r\nTE: trailers\r\nTransfer-Encoding: chunked\r\n"
    chunks = b"Trailer: Digest, X-Sum\r\n\r\n3\r\nabc\r\n0\r\nDigest: sha-256=x\r\nX-Sum: 3\r\n\r\n"

    carry(
        (head + chunks, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n" + chunks), (POST, OK)
    )


def test_pipelining(carry: Carry) -> None:
    carry((POST + GET + POST, OK * 3), (GET * 5, OK * 5))


def test_pipelined_requests_are_passed_on_before_the_first_answer(same: Same) -> None:
    def client(peer: Peer) -> None:
        peer.send(POST)
        peer.signals.wait("first request seen")
        peer.send(GET)
        assert peer.receive(2 * len(OK)) == OK * 2
        peer.finish()
        peer.receive_to_end()

    def server(peer: Peer) -> None:
        peer.receive(len(POST))
        peer.signals.give("first request seen")
        peer.receive(len(GET))
        peer.send(OK)
        peer.send(OK)
        peer.receive_to_end()
        peer.finish()

    same(client, server)


def test_keep_alive_over_many_requests(carry: Carry) -> None:
    carry(*[(POST, OK)] * 25)


def test_http_1_0_with_keep_alive(carry: Carry) -> None:
    asked = b"POST /predict HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\n1"

    carry((asked, b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\n1"))


@pytest.mark.parametrize("length", [b"", b"Content-Length: 3\r\n"])
def test_connection_close_ends_with_the_servers_fin(same: Same, length: bytes) -> None:
    answer = b"HTTP/1.1 200 OK\r\nConnection: close\r\n" + length + b"\r\n[1]"

    def client(peer: Peer) -> None:
        peer.send(POST)
        assert peer.receive_to_end() == answer

    def server(peer: Peer) -> None:
        peer.receive(len(POST))
        peer.send(answer)
        peer.finish()
        peer.receive_to_end()

    assert same(client, server).client == [("sent", POST), ("received", answer), ("fin", b"")]


def test_head_with_a_length_and_no_body(carry: Carry) -> None:
    asked = b"HEAD /v1/models/churn HTTP/1.1\r\nHost: model\r\n\r\n"

    carry((asked, b"HTTP/1.1 200 OK\r\nContent-Length: 4711\r\n\r\n"), (POST, OK))


def test_expect_waits_for_100(carry: Carry) -> None:
    head = b"POST /p HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 7\r\n\r\n"

    carry((head, b"HTTP/1.1 100 Continue\r\n\r\n"), (b"[[1,2]]", OK), (POST, OK))


def test_expect_may_be_refused_without_the_body(carry: Carry) -> None:
    head = b"POST /p HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 7\r\n\r\n"

    carry((head, b"HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n"))


def test_informational_answers(carry: Carry) -> None:
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </m.css>; rel=preload\r\n\r\n"
    processing = b"HTTP/1.1 102 Processing\r\n\r\n"

    carry((POST, processing + hints + OK), (POST, OK))


def test_204_and_304_have_no_body_whatever_their_headers_say(carry: Carry) -> None:
    carry(
        (POST, b"HTTP/1.1 204 No Content\r\n\r\n"),
        (GET, b'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\nContent-Length: 4711\r\n\r\n'),
        (POST, OK),
    )


def test_upgrade_and_what_follows_it(carry: Carry) -> None:
    asked = b"GET /s HTTP/1.1\r\nHost: m\r\nConnection: Upgrade\r\nUpgrade: something\r\n\r\n"
    switch = (
        b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: something\r\n\r\n"
    )

    carry((asked, switch), (b"\x00\xffping", b"\x01pong"), (POST, b"not HTTP any more"))


def test_connect_and_what_follows_it(carry: Carry) -> None:
    carry(
        (b"CONNECT h:1 HTTP/1.1\r\nHost: h:1\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n"),
        (b"\x16", b"\x17"),
    )


def test_request_ids_and_trace_context(carry: Carry) -> None:
    asked = (
        b"POST /predict HTTP/1.1\r\nX-Request-ID: 7f\r\nContent-Length: 0\r\n"
        b"traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n\r\n"
    )

    carry((asked, b"HTTP/1.1 200 OK\r\nX-Request-ID: 7f\r\nContent-Length: 0\r\n\r\n"))


@pytest.mark.parametrize("shape", ["one header", "a thousand headers", "a long target"])
def test_heads_of_64_kib(carry: Carry, shape: str) -> None:
    lines = {
        "one header": b"X-Long: " + b"v" * (64 << 10) + b"\r\n",
        "a thousand headers": b"".join(b"X-%04d: %s\r\n" % (i, b"v" * 54) for i in range(1000)),
        "a long target": b"",
    }[shape]
    target = b"/predict?" + b"q" * (64 << 10) if shape == "a long target" else b"/predict"
    asked = b"POST " + target + b" HTTP/1.1\r\n" + lines + b"Content-Length: 1\r\n\r\n1"

    carry((asked, b"HTTP/1.1 200 OK\r\n" + lines + b"Content-Length: 1\r\n\r\n1"), (POST, OK))


@pytest.mark.parametrize(
    "asked",
    [
        b"post /predict http/1.1\nContent-Length: 1\n\n1",
        b"POST /p HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /predict HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n12",
        b"POST /p HTTP/1.1\r\nX-Folded: a\r\n b\r\nContent-Length : 1\r\n\r\n1",
        b"\r\n\r\nPOST /predict HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
        b"POST /caf\xc3\xa9\x80 HTTP/1.1\r\nX: \xff\x00\r\nContent-Length: 1\r\n\r\n1",
        b"POST /p HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nnot a chunk",
        b"POST /p HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n1",
    ],
    ids=range(8),
)
def test_odd_requests_are_the_servers_to_judge(carry: Carry, asked: bytes) -> None:
    carry((asked, b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"))
