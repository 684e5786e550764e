"""Relay pairs over scripted sockets: order of bytes, ends, resets and backpressure."""

import errno
import select
from typing import cast

import pytest

from modelmonitor_sidecar.proxy.poller import READ, WRITE, Poller
from modelmonitor_sidecar.proxy.relay import LARGE_READ_BYTES, SMALL_READ_BYTES, Pair, Relay
from modelmonitor_sidecar.testing import RESET, ScriptedPoller, ScriptedSocket

RESET_EVENT = READ | select.POLLERR | select.POLLHUP
BOTH_ENDED = select.POLLHUP


class WatchingTap:
    """Writes down what it sees; raises on the word `raise_on`."""

    def __init__(self, raise_on: bytes = b"never") -> None:
        self.seen: list[tuple[str, bytes]] = []
        self.idle = True
        self._raise_on = raise_on

    def request_bytes(self, data: bytes) -> None:
        self._see("request", data)

    def response_bytes(self, data: bytes) -> None:
        self._see("response", data)

    def response_end(self) -> None:
        self._see("response end", b"")

    def lost(self) -> None:
        self._see("lost", b"")

    def fail(self) -> None:
        self.seen.append(("fail", b""))

    def _see(self, what: str, data: bytes) -> None:
        self.seen.append((what, data))
        if data == self._raise_on:
            raise RuntimeError("a broken tap")


class Scene:
    """A joined pair, and who was told of its end."""

    def __init__(self, client: ScriptedSocket, server: ScriptedSocket, tap: WatchingTap) -> None:
        self.poller = ScriptedPoller()
        self.client_socket, self.server_socket, self.tap = client, server, tap
        self.closed: list[Pair] = []
        self.pair = Pair(
            cast(Poller, self.poller),
            client,  # type: ignore[arg-type]
            server,  # type: ignore[arg-type]
            tap,
            self.closed.append,
        )
        self.client: Relay = self.pair.client
        self.server: Relay = self.pair.server
        self.pair.start()

    def asked(self, relay: Relay) -> int | None:
        return self.poller.watched.get(relay.descriptor)


def scene(
    client: ScriptedSocket | None = None,
    server: ScriptedSocket | None = None,
    tap: WatchingTap | None = None,
) -> Scene:
    return Scene(client or ScriptedSocket(), server or ScriptedSocket(), tap or WatchingTap())


def test_bytes_are_forwarded_before_they_are_shown() -> None:
    class Order(WatchingTap):
        def request_bytes(self, data: bytes) -> None:
            assert play.server_socket.written == data
            super().request_bytes(data)

    play = scene(ScriptedSocket(b"hello"), tap=Order())
    play.client.ready(READ)
    assert play.tap.seen == [("request", b"hello")]


def test_both_directions_keep_their_order() -> None:
    play = scene(ScriptedSocket(b"a", b"b"), ScriptedSocket(b"x", b"y"))
    for relay in (play.client, play.server, play.server, play.client):
        relay.ready(READ)
    assert play.server_socket.written == b"ab"
    assert play.client_socket.written == b"xy"


def test_a_full_server_stops_the_client_from_being_read_until_it_drains() -> None:
    play = scene(ScriptedSocket(b"abcdef"), ScriptedSocket(room=4))
    play.client.ready(READ)
    assert play.server_socket.written == b"abcd"
    assert play.asked(play.client) == 0
    assert play.asked(play.server) == READ | WRITE
    play.server.ready(WRITE)
    assert play.asked(play.server) == READ | WRITE
    play.server_socket.room = 9
    play.server.ready(WRITE)
    assert play.server_socket.written == b"abcdef"
    assert play.asked(play.client) == READ
    assert play.asked(play.server) == READ


def test_bytes_in_bulk_are_read_in_large_pieces_and_small_ones_in_small() -> None:
    play = scene(ScriptedSocket(b"x" * SMALL_READ_BYTES + b"y" * LARGE_READ_BYTES, b"z"))
    for _ in range(3):
        play.client.ready(READ)
    sizes = [len(data) for _, data in play.tap.seen]
    assert sizes == [SMALL_READ_BYTES, LARGE_READ_BYTES, 1]


def test_fin_is_passed_on_behind_the_bytes_and_the_other_direction_stays_open() -> None:
    play = scene(ScriptedSocket(b"abc", b""), ScriptedSocket(b"late", room=2))
    play.client.ready(READ)
    play.client.ready(READ)
    assert play.server_socket.calls == []  # the end was read, but "c" still waits
    play.server_socket.room = 9
    play.server.ready(WRITE)
    assert play.server_socket.written == b"abc"
    assert play.server_socket.calls == ["fin"]
    play.server.ready(READ)
    assert play.client_socket.written == b"late"


def test_fin_arrives_as_fin() -> None:
    play = scene(ScriptedSocket(b""), ScriptedSocket(b"answer", b""))
    play.client.ready(READ)
    assert play.server_socket.calls == ["fin"]
    assert play.asked(play.client) == 0
    play.server.ready(READ)
    assert play.client_socket.written == b"answer"
    assert play.closed == []
    play.server.ready(READ)
    assert play.closed == [play.pair]
    play.poller.end_round()
    assert play.client_socket.calls == ["fin", "close"]
    assert play.server_socket.calls == ["fin", "close"]
    assert [what for what, _ in play.tap.seen] == ["response", "response end", "lost"]


def test_a_fin_that_is_reported_as_a_hang_up_is_a_fin() -> None:
    """As BSD kernels report it: with the bytes before it, and while there are some."""
    play = scene(ScriptedSocket(b"ask", b""), ScriptedSocket(b"answer", b""))
    for _ in range(2):
        play.client.ready(READ | select.POLLHUP)
    assert play.server_socket.written == b"ask"
    assert play.server_socket.calls == ["fin"]
    for _ in range(2):
        play.server.ready(READ | select.POLLHUP)
    play.poller.end_round()
    assert play.client_socket.written == b"answer"
    assert play.client_socket.calls == ["fin", "close"]


def test_fin_waits_for_what_the_other_side_has_not_taken() -> None:
    play = scene(ScriptedSocket(b"abc"), ScriptedSocket(room=1))
    play.client.ready(READ)
    play.client_socket.incoming.append(b"")
    play.server_socket.room = 10
    play.server.ready(WRITE)
    play.client.ready(READ)
    assert play.server_socket.written == b"abc"
    assert play.server_socket.calls == ["fin"]


@pytest.mark.parametrize("side", ["client", "server"])
def test_a_reset_becomes_a_reset_for_the_other(side: str) -> None:
    play = scene(ScriptedSocket(RESET), ScriptedSocket(RESET))
    getattr(play, side).ready(RESET_EVENT)
    play.poller.end_round()
    assert play.client_socket.calls == ["linger", "reset"]
    assert play.server_socket.calls == ["linger", "reset"]
    assert play.poller.watched == {}


def test_a_reset_after_a_half_close_is_seen() -> None:
    play = scene(ScriptedSocket(b""))
    play.client.ready(READ)
    play.client.ready(select.POLLERR | select.POLLHUP)
    play.poller.end_round()
    assert play.server_socket.calls == ["fin", "linger", "reset"]


def test_a_reset_while_the_other_side_is_full_is_not_held_back() -> None:
    play = scene(ScriptedSocket(b"abc", RESET), ScriptedSocket(room=1))
    play.client.ready(READ)
    play.client.ready(RESET_EVENT)
    play.poller.end_round()
    assert play.server_socket.calls == ["linger", "reset"]


def test_an_early_answer_is_passed_on_though_writing_fails() -> None:
    client, server = ScriptedSocket(b"body"), ScriptedSocket(b"413", b"")
    server.send_error = ConnectionResetError(errno.ECONNRESET, "reset")
    play = scene(client, server)
    play.client.ready(READ)
    assert play.closed == []
    assert play.asked(play.client) == 0
    play.server.ready(READ | select.POLLHUP)
    assert client.written == b"413"
    play.server.ready(READ | select.POLLHUP)  # the kernel says "end": its error was told before
    play.poller.end_round()
    assert client.calls == ["linger", "reset"]


def test_writing_to_who_has_finished_and_gone_is_a_reset() -> None:
    client, server = ScriptedSocket(b"more"), ScriptedSocket(b"")
    play = scene(client, server)
    play.server.ready(READ)
    server.send_error = BrokenPipeError(errno.EPIPE, "pipe")
    play.client.ready(READ)
    play.poller.end_round()
    assert client.calls == ["fin", "linger", "reset"]


def test_both_ended_is_watched_no_longer_while_the_other_side_is_full() -> None:
    client, server = ScriptedSocket(b""), ScriptedSocket(b"abcdef", b"")
    play = scene(client, server)
    client.room = 2
    play.client.ready(READ)  # the client's FIN went to the server
    play.server.ready(READ)
    assert play.asked(play.server) == 0
    play.server.ready(BOTH_ENDED)  # the server's FIN is behind bytes the client does not take
    assert play.asked(play.server) is None
    client.room = 100
    play.client.ready(WRITE)
    assert play.asked(play.server) == READ
    play.server.ready(READ | BOTH_ENDED)
    assert play.closed == [play.pair]
    assert client.written == b"abcdef"


def test_a_spurious_event_does_nothing() -> None:
    play = scene()
    play.client.ready(READ)
    play.client.ready(WRITE)
    assert play.tap.seen == []
    assert play.asked(play.client) == READ


@pytest.mark.parametrize("word", [b"one", b""])
def test_a_broken_tap_never_reaches_the_traffic(word: bytes) -> None:
    play = scene(ScriptedSocket(b"one", b"two", b"one"), ScriptedSocket(b""), WatchingTap(word))
    play.client.ready(READ)
    play.server.ready(READ)
    play.client.ready(READ)
    assert ("fail", b"") in play.tap.seen
    assert play.tap.seen[-1] == ("request", b"two")  # for its bytes
    play.client.ready(READ)
    assert play.server_socket.written == b"onetwoone"
    assert play.client_socket.calls == ["fin"]


def test_a_tap_that_goes_on_failing_is_asked_no_more() -> None:
    class Hopeless(WatchingTap):
        def fail(self) -> None:
            raise RuntimeError("even this")

    play = scene(ScriptedSocket(b"one", b"two"), tap=Hopeless(b"one"))
    play.client.ready(READ)
    play.client.ready(READ)
    assert play.tap.seen == [("request", b"one")]
    assert play.server_socket.written == b"onetwo"
    play.pair.end()
    assert play.closed == [play.pair]


def test_a_pair_is_told_to_be_over_once() -> None:
    play = scene()
    play.pair.end()
    play.pair.reset()
    play.pair.end()
    assert play.closed == [play.pair]
    assert play.tap.seen == [("lost", b"")]
