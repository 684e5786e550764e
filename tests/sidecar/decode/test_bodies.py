"""Content encodings are undone within a bound, whatever they claim to hold."""

import gzip
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmonitor_sidecar.decode.bodies import MAX_MEMBERS, plain_body
from modelmonitor_sidecar.decode.rows import MAX_BODY_BYTES, Reason, Undecodable


def raw_deflate(body: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return compressor.compress(body) + compressor.flush()


def reason_of(body: bytes, encoding: str) -> Reason:
    with pytest.raises(Undecodable) as caught:
        plain_body(body, encoding)
    return caught.value.reason


@given(st.binary(max_size=200))
def test_every_encoding_gives_back_what_was_encoded(body: bytes) -> None:
    assert plain_body(body, "") == body
    assert plain_body(body, "identity") == body
    assert plain_body(gzip.compress(body), "gzip") == body
    assert plain_body(gzip.compress(body), "X-GZip") == body
    assert plain_body(zlib.compress(body), "deflate") == body
    assert plain_body(raw_deflate(body), "deflate") == body


def test_a_raw_stream_that_looks_like_zlib_is_still_read() -> None:
    # a stored block may begin with any padding, so also with zlib's two bytes 78 01
    stored = b"\x78" + b"\x01\x00" + b"\xfe\xff" + b"x"
    final_empty_block = b"\x03\x00"
    assert plain_body(stored + final_empty_block, "deflate") == b"x"


def test_gzip_of_several_members_is_one_body() -> None:
    assert plain_body(gzip.compress(b"one ") + gzip.compress(b"two"), "gzip") == b"one two"


def test_zeros_after_gzip_are_padding() -> None:
    assert plain_body(gzip.compress(b"one") + b"\0" * 512, "gzip") == b"one"


def test_encodings_are_undone_in_the_order_opposite_to_their_list() -> None:
    assert plain_body(gzip.compress(zlib.compress(b"twice")), "deflate, gzip") == b"twice"


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, br", "gzip, gzip, gzip, gzip", "?"])
def test_an_unknown_encoding_is_named_as_the_reason(encoding: str) -> None:
    assert reason_of(b"anything", encoding) is Reason.ENCODING_UNKNOWN


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (b"no gzip at all", "gzip"),
        (gzip.compress(b"x" * 999)[:-9], "gzip"),
        (gzip.compress(b"one") + b"garbage", "gzip"),
        (zlib.compress(b"x" * 999)[:-1], "deflate"),
        (b"\xff\xff\xff", "deflate"),
        (b"x", "deflate"),
    ],
)
def test_a_broken_stream_is_named_as_the_reason(body: bytes, encoding: str) -> None:
    assert reason_of(body, encoding) is Reason.ENCODING_BROKEN


def test_a_body_at_the_limit_is_read_and_one_byte_more_is_not() -> None:
    full = bytes(MAX_BODY_BYTES)
    assert len(plain_body(gzip.compress(full), "gzip")) == MAX_BODY_BYTES
    assert len(plain_body(zlib.compress(full), "deflate")) == MAX_BODY_BYTES
    assert len(plain_body(full, "")) == MAX_BODY_BYTES
    assert reason_of(full + b"x", "") is Reason.TOO_LARGE
    assert reason_of(gzip.compress(full + b"x"), "gzip") is Reason.TOO_LARGE
    assert reason_of(zlib.compress(full + b"x"), "deflate") is Reason.TOO_LARGE
    assert reason_of(gzip.compress(full) + gzip.compress(b"x"), "gzip") is Reason.TOO_LARGE


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "gzip, gzip"])
def test_a_zip_bomb_costs_little_more_memory_than_the_limit(encoding: str) -> None:
    bomb = (
        gzip.compress(bytes(256 << 20))
        if encoding != "deflate"
        else zlib.compress(bytes(256 << 20))
    )
    if encoding == "gzip, gzip":
        bomb = gzip.compress(bomb)
    tracemalloc.start()
    try:
        assert reason_of(bomb, encoding) is Reason.TOO_LARGE
        assert tracemalloc.get_traced_memory()[1] < 4 * MAX_BODY_BYTES
    finally:
        tracemalloc.stop()


def test_countless_members_are_refused() -> None:
    assert reason_of(gzip.compress(b"") * (MAX_MEMBERS + 1), "gzip") is Reason.TOO_LARGE
