"""Heads: what is read, what is refused."""

import pytest

from modelmonitor_sidecar.wire.heads import (
    CHUNKED,
    UNTIL_CLOSE,
    Ambiguous,
    HeadCache,
    RequestHead,
    ResponseHead,
    plausible_request,
    plausible_response,
)


def request(*fields: str, line: str = "POST /predict HTTP/1.1") -> RequestHead:
    return RequestHead("\r\n".join((line, "Host: a", *fields, "", "")).encode("latin-1"))


def response(*fields: str, line: str = "HTTP/1.1 200 OK") -> ResponseHead:
    return ResponseHead("\r\n".join((line, *fields, "", "")).encode("latin-1"))


def test_a_request_is_read_with_what_the_collector_needs() -> None:
    head = request(
        "content-LENGTH: 10",
        "Content-Type: application/json",
        "Content-Encoding: gzip",
        "Inference-Header-Content-Length:  7 ",
        "Authorization: Bearer secret",
    )
    assert (head.method, head.path, head.length) == (b"POST", b"/predict", 10)
    assert head.whole == len(head.raw) + 10
    assert head.texts == ("/predict", "application/json", "gzip")
    assert head.headers_length == 7
    assert head.simple
    assert head.candidate


def test_credentials_are_in_no_part_that_leaves_the_head() -> None:
    head = request("Authorization: Bearer secret", "Cookie: secret", "X-Api-Key: secret")
    assert "secret" not in repr((head.texts, head.headers_length, head.path, head.method))


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("/a/b?c=d", b"/a/b"),
        ("http://host:80/a?b", b"/a"),
        ("http://host", b"/"),
        ("http://host?b", b"?b"[:0]),
        ("*", b"*"),
        ("host:443", b"host:443"),
    ],
)
def test_the_path_is_found_in_every_form_of_target(target: str, path: bytes) -> None:
    assert request(line=f"GET {target} HTTP/1.1").path == path


def test_a_probe_of_the_kubelet_is_no_candidate() -> None:
    assert not request("User-Agent: kube-probe/1.37").candidate
    assert not request(line="GET /predict HTTP/1.1").candidate


@pytest.mark.parametrize("method", ["HEAD", "CONNECT"])
def test_answers_to_some_methods_are_framed_by_the_request_too(method: str) -> None:
    assert not request(line=f"{method} a:1 HTTP/1.1").simple


def test_an_upgrade_leaves_open_what_follows() -> None:
    head = request("Upgrade: websocket", "Connection: Upgrade")
    assert head.switches
    assert head.whole == -1


@pytest.mark.parametrize(
    ("fields", "length"),
    [
        ((), 0),
        (("Content-Length: 0",), 0),
        (("Content-Length: 5", "Content-Length: 5"), 5),
        (("Transfer-Encoding: Chunked",), CHUNKED),
    ],
)
def test_a_requests_body_is_framed_by_its_head(fields: tuple[str, ...], length: int) -> None:
    assert request(*fields).length == length


@pytest.mark.parametrize(
    "fields",
    [
        ("Content-Length: 5", "Content-Length: 6"),
        ("Content-Length: 5, 5",),
        ("Content-Length: +5",),
        ("Content-Length: 0x5",),
        ("Content-Length:",),
        ("Content-Length: 9999999999999999999",),
        ("Content-Length: \xb2",),
        ("Content-Length: 5", "Transfer-Encoding: chunked"),
        ("Transfer-Encoding: gzip, chunked",),
        ("Transfer-Encoding: identity",),
        ("Transfer-Encoding: chunked", "Transfer-Encoding: identity"),
        ("Transfer-Encoding : chunked",),
        (" folded",),
        ("no field",),
        (": no name",),
        ("a\0: b",),
        ("a: b\0",),
        ("a: b\nc: d",),
        ("a: b\rc: d",),
    ],
)
def test_a_head_that_two_readers_may_read_differently_is_refused(fields: tuple[str, ...]) -> None:
    with pytest.raises(Ambiguous):
        request(*fields)


@pytest.mark.parametrize(
    "line",
    [
        "GET / HTTP/2.0", "GET / HTTP/1.2", "GET  / HTTP/1.1", "GET /a b HTTP/1.1", "GET /",
        "G\x01T / HTTP/1.1", "GET / http/1.1", "", " GET / HTTP/1.1", "GET / HTTP/1.1 ",
    ],
)  # fmt: skip
def test_what_is_no_request_line_is_refused(line: str) -> None:
    with pytest.raises(Ambiguous):
        request(line=line)


def test_chunks_in_http_1_0_are_refused() -> None:
    with pytest.raises(Ambiguous):
        request("Transfer-Encoding: chunked", line="POST / HTTP/1.0")


@pytest.mark.parametrize(
    ("status", "fields", "length", "final"),
    [
        (200, ("Content-Length: 7",), 7, True),
        (200, (), UNTIL_CLOSE, True),
        (200, ("Transfer-Encoding: chunked",), CHUNKED, True),
        (204, (), 0, True),
        (304, ("Content-Length: 7",), 0, True),
        (100, (), 0, False),
        (103, ("Content-Length: 7",), 0, False),
    ],
)
def test_an_answers_body_is_framed_by_status_and_head(
    status: int, fields: tuple[str, ...], length: int, final: bool
) -> None:
    head = response(*fields, line=f"HTTP/1.1 {status} Any reason")
    assert head.length == length
    assert head.whole == (len(head.raw) + length if final and length >= 0 else -1)


@pytest.mark.parametrize("line", ["HTTP/1.1 200", "HTTP/1.0 200 ", "HTTP/1.1 999 \xe9"])
def test_lenient_reasons_are_read(line: str) -> None:
    assert response(line=line).status in (200, 999)


@pytest.mark.parametrize(
    "line", ["HTTP/1.1 20 OK", "HTTP/1.1 2000 OK", "HTTP/2 200", "HTTP/1.1  200", "ICY 200 OK"]
)
def test_what_is_no_status_line_is_refused(line: str) -> None:
    with pytest.raises(Ambiguous):
        response(line=line)


def test_every_beginning_of_a_head_is_plausible() -> None:
    question = b"POST /v1/models/churn:predict HTTP/1.1\r\nHost: a\r\n"
    answer = b"HTTP/1.1 200 OK\r\nDate: now\r\n"
    assert all(plausible_request(question[:end]) for end in range(1, len(question)))
    assert all(plausible_response(answer[:end]) for end in range(1, len(answer)))


@pytest.mark.parametrize("start", [b"hello\r\n", b"a\nb", b"GET / HTTP/9", b"x" * 200_000, b"\x80"])
def test_garbage_is_not_plausible(start: bytes) -> None:
    assert not plausible_request(start)


def test_a_head_seen_before_is_the_same_object_and_the_cache_is_bounded() -> None:
    cache = HeadCache(ResponseHead, entries=2)
    raws = [b"HTTP/1.1 %d OK\r\n\r\n" % status for status in (200, 201, 202)]
    first = cache.read(raws[0])
    assert cache.read(raws[0]) is first
    for raw in raws:
        cache.read(raw)
    assert len(cache) <= 2
    cache.read(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 4000 + b"\r\n\r\n")
    assert len(cache) <= 2
