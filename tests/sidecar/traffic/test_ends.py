"""How connections begin and end: FIN stays FIN, a reset stays a reset, and order is kept."""

import socket
from collections.abc import Callable

import pytest

from modelmonitor_sidecar.testing_processes import ProxyProcess, free_port
from modelmonitor_sidecar.testing_traffic import Exchange, Peer, Script

Same = Callable[[Script, Script], Exchange]

HEAD = b"POST /predict HTTP/1.1\r\nHost: model\r\nContent-Length: 100\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n[1]"


def test_the_server_may_speak_first(same: Same) -> None:
    def client(peer: Peer) -> None:
        peer.receive(8)
        peer.send(b"thanks")
        peer.finish()
        peer.receive_to_end()

    def server(peer: Peer) -> None:
        peer.send(b"welcome\n")
        peer.receive_to_end()

    assert same(client, server).client[0] == ("received", b"welcome\n")


def test_a_client_that_half_closes_still_gets_its_answer(same: Same) -> None:
    def client(peer: Peer) -> None:
        peer.send(b"GET / HTTP/1.0\r\n\r\n")
        peer.finish()
        peer.signals.give("finished")
        assert peer.receive_to_end() == OK

    def server(peer: Peer) -> None:
        peer.receive_to_end()
        peer.signals.wait("finished")
        peer.send(OK)
        peer.finish()

    assert [what for what, _ in same(client, server).server] == [
        "received",
        "fin",
        "sent",
        "fin sent",
    ]


def test_a_server_that_half_closes_still_gets_the_request(same: Same) -> None:
    def client(peer: Peer) -> None:
        peer.receive_to_end()
        peer.send(HEAD + b"x" * 100)
        peer.finish()

    def server(peer: Peer) -> None:
        peer.send(OK)
        peer.finish()
        peer.receive_to_end()

    assert same(client, server).server[2] == ("received", HEAD + b"x" * 100)


def test_a_half_close_in_the_middle_of_a_body_is_the_servers_to_judge(same: Same) -> None:
    def client(peer: Peer) -> None:
        peer.send(HEAD + b"x" * 10)
        peer.finish()
        peer.receive_to_end()

    def server(peer: Peer) -> None:
        peer.receive_to_end()
        peer.send(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        peer.finish()

    same(client, server)


def test_a_client_that_says_nothing_and_goes(same: Same) -> None:
    def client(peer: Peer) -> None:
        peer.finish()
        peer.receive_to_end()

    def server(peer: Peer) -> None:
        peer.receive_to_end()
        peer.finish()

    assert same(client, server).server == [("fin", b""), ("fin sent", b"")]


def test_a_server_that_says_nothing_and_goes(same: Same) -> None:
    def client(peer: Peer) -> None:
        peer.receive_to_end()
        peer.finish()

    def server(peer: Peer) -> None:
        peer.finish()
        peer.receive_to_end()

    assert same(client, server).client == [("fin", b""), ("fin sent", b"")]


@pytest.mark.parametrize("begun", [b"", HEAD, HEAD + b"x" * 10], ids=["idle", "head", "body"])
def test_a_reset_of_the_client_is_a_reset_for_the_server(same: Same, begun: bytes) -> None:
    def client(peer: Peer) -> None:
        peer.send(begun)
        peer.signals.wait("seen")
        peer.reset()

    def server(peer: Peer) -> None:
        peer.receive(len(begun))
        peer.signals.give("seen")
        peer.receive_to_end()

    assert same(client, server).server[-1] == ("reset", b"")


@pytest.mark.parametrize("begun", [b"", OK[:20], OK[:-1]], ids=["idle", "head", "body"])
def test_a_reset_of_the_server_is_a_reset_for_the_client(same: Same, begun: bytes) -> None:
    def client(peer: Peer) -> None:
        peer.send(HEAD)
        peer.receive(len(begun))
        peer.signals.give("seen")
        peer.receive_to_end()

    def server(peer: Peer) -> None:
        peer.receive(len(HEAD))
        peer.send(begun)
        peer.signals.wait("seen")
        peer.reset()

    assert same(client, server).client[-1] == ("reset", b"")


def test_a_client_that_closes_over_an_unread_answer_resets(same: Same) -> None:
    def client(peer: Peer) -> None:
        peer.send(HEAD)
        peer.connection.recv(1, socket.MSG_PEEK)  # the answer is there, and stays unread
        peer.connection.close()

    def server(peer: Peer) -> None:
        peer.receive(len(HEAD))
        peer.send(OK)
        peer.receive_to_end()

    assert same(client, server).server[-1] == ("reset", b"")


def test_a_reset_after_a_half_close_is_passed_on(same: Same) -> None:
    def client(peer: Peer) -> None:
        peer.send(HEAD)
        peer.finish()
        peer.signals.wait("half-close seen")
        peer.reset()

    def server(peer: Peer) -> None:
        peer.receive_to_end()
        peer.signals.give("half-close seen")
        # Nothing can be read after the half-close, so the reset shows when answers are written.
        for _ in range(10_000):
            peer.connection.sendall(b"x" * 1024)

    def watched(peer: Peer) -> None:
        try:
            server(peer)
        except (ConnectionResetError, BrokenPipeError):
            peer.record.append(("reset", b""))

    assert same(client, watched).server[-1] == ("reset", b"")


def test_a_server_that_answers_before_the_request_ends(same: Same) -> None:
    refusal = b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n"

    def client(peer: Peer) -> None:
        peer.send(HEAD + b"x" * 10)
        assert peer.receive(len(refusal)) == refusal
        peer.send(b"x" * 90)
        peer.send(HEAD + b"y" * 100)
        assert peer.receive(len(OK)) == OK
        peer.finish()
        peer.receive_to_end()

    def server(peer: Peer) -> None:
        peer.receive_until(b"\r\n\r\n")
        peer.send(refusal)
        peer.receive(100)
        peer.receive(len(HEAD) + 100)
        peer.send(OK)
        peer.receive_to_end()
        peer.finish()

    same(client, server)


def test_a_server_that_answers_early_and_closes(same: Same) -> None:
    refusal = b"HTTP/1.1 413 Content Too Large\r\nConnection: close\r\n\r\n"

    def client(peer: Peer) -> None:
        peer.send(HEAD)
        assert peer.receive_to_end() == refusal
        peer.send(b"x" * 50)
        peer.finish()

    def server(peer: Peer) -> None:
        peer.receive(len(HEAD))
        peer.send(refusal)
        peer.finish()
        peer.receive_to_end()

    same(client, server)


def assert_reset(proxy: ProxyProcess) -> None:
    """The reset may arrive while we are still connecting, which is as good."""
    with (
        pytest.raises(ConnectionResetError),
        socket.create_connection(("127.0.0.1", proxy.port), 30) as connection,
    ):
        connection.recv(1)


def test_a_refused_upstream_is_a_reset_and_no_byte(start: Callable[..., ProxyProcess]) -> None:
    proxy = start(f"127.0.0.1:{free_port()}")

    for _ in range(3):
        assert_reset(proxy)


def test_an_upstream_that_comes_back_is_used_at_once(start: Callable[..., ProxyProcess]) -> None:
    port = free_port()
    proxy = start(f"127.0.0.1:{port}")
    assert_reset(proxy)

    with (
        socket.create_server(("127.0.0.1", port)) as model,
        socket.create_connection(("127.0.0.1", proxy.port), 30) as connection,
    ):
        model.settimeout(30)
        served, _ = model.accept()
        with served:
            served.sendall(b"here again")
            assert connection.recv(64) == b"here again"
