"""Bodies: where they end, and the payload in them."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmonitor_sidecar.wire.bodies import ChunkedBody, EndlessBody, SizedBody, body
from modelmonitor_sidecar.wire.heads import CHUNKED, UNTIL_CLOSE, Ambiguous


def read(chunks: bytes, cuts: list[int]) -> tuple[bytes, int]:
    """The payload, and how many bytes lie behind the body."""
    kept: list[bytes] = []
    reading = ChunkedBody()
    edges = [0, *sorted({cut for cut in cuts if 0 < cut < len(chunks)}), len(chunks)]
    for start, end in itertools.pairwise(edges):
        position = reading.take(chunks[start:end], 0, kept.append)
        if position >= 0:
            return b"".join(kept), len(chunks) - start - position
    raise AssertionError("the body has no end")


EXAMPLE = b"4\r\nWiki\r\n6;a=b\r\npedia \r\nE\r\nin \r\n\r\nchunks.\r\n0\r\nSum: 1\r\n\r\n"


@given(st.lists(st.integers(1, len(EXAMPLE) + 5), max_size=8))
def test_chunks_are_read_however_they_are_cut(cuts: list[int]) -> None:
    assert read(EXAMPLE + b"next!", cuts) == (b"Wikipedia in \r\n\r\nchunks.", 5)


@pytest.mark.parametrize(
    "chunks",
    [
        b"\r\n", b"g\r\n", b"-1\r\n", b"0x1\r\n", b"1\r\nab\r\n", b"1\r\na\n", b"1\na\r\n",
        b"1" * 16 + b"\r\n", b"0\r\nno field\r\n", b"1;" + b"x" * 20_000, b"1\r;\r\n", b"1\r\naX",
        b"0\r\n" + b"a: b\r\n" * 60_000,
    ],
)  # fmt: skip
def test_malformed_chunks_are_refused(chunks: bytes) -> None:
    reading = ChunkedBody()
    with pytest.raises(Ambiguous):
        reading.take(chunks + b"\r\n", 0, lambda _: None)


def test_a_sized_body_ends_where_its_size_says() -> None:
    kept: list[bytes] = []
    reading = SizedBody(5)
    assert reading.take(b"..ab", 2, kept.append) == -1
    assert reading.take(b"cde..", 0, kept.append) == 3
    assert b"".join(kept) == b"abcde"


def test_an_endless_body_takes_everything() -> None:
    kept: list[bytes] = []
    assert EndlessBody().take(b"..ab", 2, kept.append) == -1
    assert kept == [b"ab"]


def test_a_head_announces_its_kind_of_body() -> None:
    assert body(0) is None
    kinds = [type(body(length)) for length in (7, CHUNKED, UNTIL_CLOSE)]
    assert kinds == [SizedBody, ChunkedBody, EndlessBody]
