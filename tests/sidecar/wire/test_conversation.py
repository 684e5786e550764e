"""Conversations: two byte streams become exchanges."""

import itertools
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmonitor_sidecar.testing import RecordingWitness, SteppingClock, Told
from modelmonitor_sidecar.wire.conversation import Conversation, Sight
from modelmonitor_sidecar.wire.exchange import REQUEST
from modelmonitor_sidecar.wire.readers import MAX_PENDING

ASK = b"POST /predict HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
DONE: Told = ("completed", b"/predict", 200, 3, b"abc", 2, b"ok")


def conversation(witness: RecordingWitness) -> Conversation:
    return Conversation(Sight(witness, SteppingClock()))


@dataclass(frozen=True)
class Sample:
    """A request, its answer, and what is to be told of them."""

    request: bytes
    response: bytes
    told: Told


def chunked(*chunks: bytes, trailers: bytes = b"") -> bytes:
    sizes = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
    return sizes + b"0\r\n" + trailers + b"\r\n"


REQUESTS = {
    "plain": (ASK, b"/predict", 3, b"abc"),
    "chunks": (
        b"POST /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
        + chunked(b"ab", b"c" * 40, trailers=b"T: 1\r\n"),
        b"/c",
        42,
        b"ab" + b"c" * 40,
    ),
    "get": (b"GET /g?a=b HTTP/1.1\r\nHost: a\r\n\r\n", b"/g", 0, b""),
    "empty": (b"POST /e HTTP/1.0\r\nContent-Length: 0\r\n\r\n", b"/e", 0, b""),
}
RESPONSES = {
    "plain": (ANSWER, 200, 2, b"ok"),
    "chunks": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(b"x", b"yz"),
        200,
        3,
        b"xyz",
    ),
    "interim": (
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 E\r\nLink: a\r\n\r\n" + ANSWER,
        200,
        2,
        b"ok",
    ),
    "nothing": (b"HTTP/1.1 204 No Content\r\n\r\n", 204, 0, b""),
    "unchanged": (b"HTTP/1.1 304 N\r\nContent-Length: 900\r\n\r\n", 304, 0, b""),
    "error": (b"HTTP/1.1 500 E\r\nContent-Length: 4\r\n\r\noops", 500, 4, b""),
}


def sample(asked: str, answered: str) -> Sample:
    request, path, length, body = REQUESTS[asked]
    response, status, answer_length, answer = RESPONSES[answered]
    captured = request.startswith(b"POST")
    told = ("completed", path, status, length, body, answer_length, answer if captured else b"")
    return Sample(request, response, told)


samples = st.lists(
    st.builds(sample, st.sampled_from(sorted(REQUESTS)), st.sampled_from(sorted(RESPONSES))),
    min_size=1,
    max_size=5,
)
cuts = st.lists(st.integers(1, 400), max_size=12)


def pieces(data: bytes, where: list[int]) -> list[bytes]:
    edges = [0, *sorted({cut for cut in where if cut < len(data)}), len(data)]
    return [data[start:end] for start, end in itertools.pairwise(edges)]


@given(samples, cuts, cuts)
def test_pipelined_exchanges_are_the_same_however_they_are_cut(
    exchanges: list[Sample], request_cuts: list[int], response_cuts: list[int]
) -> None:
    witness = RecordingWitness()
    talk = conversation(witness)
    for piece in pieces(b"".join(one.request for one in exchanges), request_cuts):
        talk.request_bytes(piece)
    for piece in pieces(b"".join(one.response for one in exchanges), response_cuts):
        talk.response_bytes(piece)
    talk.lost()
    assert witness.told == [one.told for one in exchanges]
    assert witness.held == 0


@given(samples, cuts, cuts)
def test_exchanges_in_turn_are_the_same_however_they_are_cut(
    exchanges: list[Sample], request_cuts: list[int], response_cuts: list[int]
) -> None:
    witness = RecordingWitness()
    talk = conversation(witness)
    for one in exchanges:
        assert talk.idle
        for piece in pieces(one.request, request_cuts):
            talk.request_bytes(piece)
        assert not talk.idle
        for piece in pieces(one.response, response_cuts):
            talk.response_bytes(piece)
    assert talk.idle
    assert witness.told == [one.told for one in exchanges]
    traffic = witness.protocols["http1"]
    assert traffic.connections == 1
    assert traffic.bytes == sum(len(one.request) + len(one.response) for one in exchanges)


@given(st.binary(max_size=300), st.binary(max_size=300), cuts, cuts)
def test_no_bytes_at_all_make_it_raise_or_keep(
    asked: bytes, answered: bytes, request_cuts: list[int], response_cuts: list[int]
) -> None:
    witness = RecordingWitness()
    talk = conversation(witness)
    talk.request_bytes(ASK)
    for piece in pieces(b"POST / HTTP/1.1\r\n" + asked, request_cuts):
        talk.request_bytes(piece)
    for piece in pieces(b"HTTP/1.1 200 OK\r\n" + answered, response_cuts):
        talk.response_bytes(piece)
    talk.response_end()
    talk.lost()
    assert witness.held == 0
    assert len(witness.told) == len(witness.asked)


def test_an_answer_to_head_has_no_body() -> None:
    witness = RecordingWitness()
    talk = conversation(witness)
    for _ in range(2):
        talk.request_bytes(b"HEAD / HTTP/1.1\r\n\r\n")
        talk.response_bytes(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n")
    assert [told[2] for told in witness.told] == [200, 200]


def test_an_answer_without_a_length_ends_with_the_connection() -> None:
    witness = RecordingWitness()
    talk = conversation(witness)
    talk.request_bytes(ASK)
    talk.response_bytes(b"HTTP/1.0 200 OK\r\n\r\nab")
    talk.response_bytes(b"cd")
    assert witness.told == []
    talk.response_end()
    assert witness.told == [("completed", b"/predict", 200, 3, b"abc", 4, b"abcd")]


def test_an_answer_without_a_length_that_is_cut_off_is_aborted() -> None:
    witness = RecordingWitness()
    talk = conversation(witness)
    talk.request_bytes(ASK)
    talk.response_bytes(b"HTTP/1.0 200 OK\r\n\r\nab")
    talk.lost()
    assert [told[0] for told in witness.told] == ["aborted"]
    assert witness.held == 0


def test_a_request_whose_head_was_not_complete_is_not_counted() -> None:
    witness = RecordingWitness()
    talk = conversation(witness)
    talk.request_bytes(b"POST /predict HTTP/1.1\r\nHost:")
    talk.lost()
    assert witness.told == []
    assert witness.asked == []


def test_an_answer_before_the_request_ended_is_told_when_both_have() -> None:
    witness = RecordingWitness()
    talk = conversation(witness)
    talk.request_bytes(ASK[:-1])
    talk.response_bytes(ANSWER)
    assert witness.told == []
    talk.request_bytes(ASK[-1:])
    assert witness.told == [DONE]
    assert talk.idle


def test_an_early_answer_counts_even_if_the_request_never_ends() -> None:
    witness = RecordingWitness()
    talk = conversation(witness)
    talk.request_bytes(ASK[:-1])
    talk.response_bytes(ANSWER)
    talk.lost()
    assert [told[:4] for told in witness.told] == [("completed", b"/predict", 200, 2)]
    assert witness.exchanges[0].asked == 0.0


def test_times_are_taken_at_first_and_last_bytes() -> None:
    witness = RecordingWitness()
    talk = conversation(witness)
    talk.request_bytes(b"POST /p HTTP/1.1\r\nContent-Length: 3\r\n\r\na")  # 1: began
    talk.request_bytes(b"bc")  # 2: asked
    talk.response_bytes(b"HTTP/1.1 100 Continue\r\n\r\n")  # 3: looked at, an interim answer
    talk.response_bytes(ANSWER[:-1])  # 4: answered
    talk.response_bytes(ANSWER[-1:])  # 5: ended
    exchange = witness.exchanges[0]
    assert (exchange.began, exchange.asked, exchange.answered, exchange.ended) == (1, 2, 4, 5)


def test_a_switch_of_protocols_is_an_exchange_and_then_opaque() -> None:
    witness = RecordingWitness()
    talk = conversation(witness)
    talk.request_bytes(b"GET /ws HTTP/1.1\r\nUpgrade: websocket\r\n\r\n")
    talk.response_bytes(b"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\n\r\n\x81\x02hi")
    talk.request_bytes(b"\x81\x82....")
    talk.lost()
    assert witness.told == [("completed", b"/ws", 101, 0, b"", 0, b"")]
    assert talk.protocol == "upgrade"
    assert witness.protocols["upgrade"].bytes == 6


def test_a_refused_upgrade_stays_http() -> None:
    witness = RecordingWitness()
    talk = conversation(witness)
    talk.request_bytes(b"GET /ws HTTP/1.1\r\nUpgrade: h2c\r\n\r\n")
    talk.response_bytes(ANSWER)
    talk.request_bytes(ASK)
    talk.response_bytes(ANSWER)
    assert [told[1] for told in witness.told] == [b"/ws", b"/predict"]
    assert talk.protocol == "http1"


def test_a_tunnel_is_opaque() -> None:
    witness = RecordingWitness()
    talk = conversation(witness)
    talk.request_bytes(b"CONNECT a:1 HTTP/1.1\r\n\r\n")
    talk.response_bytes(b"HTTP/1.1 200 OK\r\n\r\n")
    assert talk.protocol == "connect"
    assert [told[0] for told in witness.told] == ["completed"]


def test_bytes_behind_an_upgrade_that_is_not_answered_are_not_guessed() -> None:
    witness = RecordingWitness()
    talk = conversation(witness)
    talk.request_bytes(b"GET /ws HTTP/1.1\r\nUpgrade: websocket\r\n\r\n")
    talk.request_bytes(b"POST / HTTP/1.1\r\n\r\n")
    assert talk.protocol == "ambiguous"
    assert [told[0] for told in witness.told] == ["aborted"]


@pytest.mark.parametrize(
    ("start", "protocol"),
    [
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0", "h2"),
        (b"\x16\x03\x01\x02\0\x01", "tls"),
        (b"\0\1\2\3", "unknown"),
        (b"hello\r\n", "unknown"),
        (b"\r\nGET / HTTP/1.1\r\n\r\n", "unknown"),
        (b"PRI", "unknown"),
    ],
)
@pytest.mark.parametrize("step", [1, 1000])
def test_what_is_not_http_1_is_counted_in_bytes(start: bytes, protocol: str, step: int) -> None:
    witness = RecordingWitness()
    talk = conversation(witness)
    for position in range(0, len(start), step):
        talk.request_bytes(start[position : position + step])
    talk.response_bytes(b"1234")
    talk.lost()
    assert talk.protocol == protocol
    assert {name: (one.connections, one.bytes) for name, one in witness.protocols.items()} == {
        protocol: (1, len(start) + 4)
    }


def test_a_connection_without_a_byte_is_silent() -> None:
    witness = RecordingWitness()
    conversation(witness).lost()
    assert witness.protocols["silent"].connections == 1


def test_a_server_that_speaks_first_is_opaque() -> None:
    witness = RecordingWitness()
    talk = conversation(witness)
    talk.response_bytes(b"220 smtp\r\n")
    talk.request_bytes(ASK)
    assert talk.protocol == "unknown"
    assert witness.told == []


@pytest.mark.parametrize(
    "answer", [b"garbage", b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok", ANSWER + b"more"]
)
def test_an_answer_that_cannot_be_followed_ends_the_counting_of_requests(answer: bytes) -> None:
    witness = RecordingWitness()
    talk = conversation(witness)
    talk.request_bytes(ASK)
    talk.response_bytes(answer + b"\r\n\r\n")
    talk.request_bytes(ASK)
    assert talk.protocol == "ambiguous"
    assert len(witness.told) == 1
    assert witness.held == 0


def test_a_body_over_the_limit_is_counted_and_not_kept() -> None:
    witness = RecordingWitness(limit=2)
    talk = conversation(witness)
    for request in (ASK, REQUESTS["chunks"][0]):
        talk.request_bytes(request)
        talk.response_bytes(ANSWER)
    assert [one.oversized for one in witness.exchanges] == [REQUEST, REQUEST]
    assert [(one.request_length, one.request_body) for one in witness.exchanges] == [
        (3, b""),
        (42, b""),
    ]
    assert witness.held == 0


@pytest.mark.parametrize("room", [0, 2])
@pytest.mark.parametrize("cut", [len(ASK), len(ASK) - 2])
def test_without_room_nothing_is_kept_and_it_is_said(room: int, cut: int) -> None:
    witness = RecordingWitness(room=room)
    talk = conversation(witness)
    for piece in pieces(ASK, [cut]):
        talk.request_bytes(piece)
    talk.response_bytes(ANSWER)
    assert witness.exchanges[0].unaffordable
    assert witness.told[0][0] == "completed"
    assert witness.held == 0


def test_an_unfinished_head_beyond_a_few_kilobytes_needs_room() -> None:
    long_head = b"GET / HTTP/1.1\r\nX: " + b"x" * 60_000
    generous, mean = RecordingWitness(), RecordingWitness(room=1000)
    for witness, protocol in ((generous, "http1"), (mean, "ambiguous")):
        talk = conversation(witness)
        talk.request_bytes(long_head)
        assert talk.protocol == protocol
        talk.request_bytes(b"\r\n\r\n")
        talk.response_bytes(ANSWER)
        talk.lost()
        assert witness.held == 0
    assert len(generous.told) == 1


def test_more_waiting_requests_than_are_followed_make_it_opaque() -> None:
    witness = RecordingWitness()
    talk = conversation(witness)
    for _ in range(MAX_PENDING + 2):
        talk.request_bytes(ASK)
    assert talk.protocol == "ambiguous"
    assert len(witness.told) == len(witness.asked)
    assert witness.held == 0


def test_a_failed_observer_lets_go_of_everything() -> None:
    witness = RecordingWitness()
    talk = conversation(witness)
    talk.request_bytes(ASK + ASK[:-1])
    talk.fail()
    talk.request_bytes(ASK)
    assert [told[0] for told in witness.told] == ["aborted", "aborted"]
    assert witness.protocols["unobserved"].bytes == len(ASK)
    assert witness.held == 0
