"""JSON as servers accept it, not only as the standard has it; and never without a bound."""

import contextlib
import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmonitor_sidecar.decode.documents import MAX_CONTAINERS, parsed
from modelmonitor_sidecar.decode.rows import Reason, Undecodable

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def reason_of(body: bytes) -> Reason:
    with pytest.raises(Undecodable) as caught:
        parsed(body)
    return caught.value.reason


def test_nan_and_infinity_are_numbers() -> None:
    nan, infinite, negative, whole = parsed(b"[NaN, Infinity, -Infinity, 1]")
    assert math.isnan(nan)
    assert (infinite, negative, whole) == (math.inf, -math.inf, 1)


@pytest.mark.parametrize("number", [-(2**63) - 1, -(2**63), 2**63, 2**64 - 1, 2**64])
def test_the_tolerant_reader_takes_integers_as_the_strict_one_does(number: int) -> None:
    strict, tolerant = parsed(b"[%d]" % number)[0], parsed(b"[%d, NaN]" % number)[0]
    assert (strict, type(strict)) == (tolerant, type(tolerant))


def test_a_number_beyond_a_double_is_infinite() -> None:
    assert parsed(b"[1e400, -1e400, 1e308]") == [math.inf, -math.inf, 1e308]


def test_integers_beyond_2_to_the_53_keep_their_digits_while_64_bits_hold_them() -> None:
    assert parsed(b"[9007199254740993, 18446744073709551615]") == [2**53 + 1, 2**64 - 1]


@pytest.mark.parametrize("beside", [b"1", b"NaN"])
def test_longer_integers_are_doubles_whoever_reads_them(beside: bytes) -> None:
    long, longer, _ = parsed(
        b"[123456789012345678901234567890, 1" + b"0" * 400 + b"," + beside + b"]"
    )
    assert (long, type(long)) == (1.2345678901234568e29, float)
    assert longer == math.inf


def test_an_integer_of_ten_thousand_digits_costs_nothing() -> None:
    assert parsed(b"[NaN, " + b"1" * 10_000 + b"]")[1] == math.inf


def test_a_byte_order_mark_is_no_content() -> None:
    assert parsed(b"\xef\xbb\xbf[1]") == [1]


def test_of_equal_keys_the_last_one_counts() -> None:
    assert parsed(b'{"a": 1, "a": 2}') == {"a": 2}
    assert parsed(b'{"a": NaN, "a": 2}') == {"a": 2}


def test_bytes_that_are_no_utf_8_become_the_replacement_character() -> None:
    assert parsed(b'{"city": "K\xf6ln"}') == {"city": "K�ln"}


def test_lone_surrogates_become_the_replacement_character() -> None:
    value = parsed(rb'{"\ud800": ["a\udfff", "\ud83d\ude00"]}')
    assert value == {"�": ["a�", "\N{GRINNING FACE}"]}
    json.dumps(value, ensure_ascii=False).encode("utf-8")


@pytest.mark.parametrize("body", [b"", b"  \n", b"\xef\xbb\xbf"])
def test_an_empty_body_is_named_as_the_reason(body: bytes) -> None:
    assert reason_of(body) is Reason.EMPTY_BODY


@pytest.mark.parametrize("body", [b"{", b"[1,]", b"a,b\n1,2", b"\x00\x01", b"[1] [2]", b"\x80"])
def test_what_is_no_json_is_named_as_the_reason(body: bytes) -> None:
    assert reason_of(body) is Reason.NOT_JSON


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 2_000 + b"]" * 2_000,
        b'{"a":' * 2_000 + b"1" + b"}" * 2_000,
        b"[NaN," + b"[" * 100_000 + b"]" * 100_000 + b"]",
        b"[" * 200_000,
    ],
)
def test_deep_nesting_is_refused(body: bytes) -> None:
    assert reason_of(body) in (Reason.TOO_DEEP, Reason.NOT_JSON)


def test_a_body_of_countless_empty_lists_is_refused_before_it_is_built() -> None:
    assert reason_of(b"[" + b"[]," * MAX_CONTAINERS + b"[]]") is Reason.TOO_LARGE


def exact_within_64_bits(digits: str) -> int | float:
    number = int(digits)
    return number if -(2**63) <= number < 2**64 else float(digits)


@given(values)
def test_what_python_writes_is_read_back(value: object) -> None:
    text = json.dumps(value)
    read = parsed(text.encode())
    expected = json.loads(text, parse_int=exact_within_64_bits)
    if "\\ud" not in text:
        assert json.dumps(read) == json.dumps(expected)


@given(st.binary(max_size=60))
def test_arbitrary_bytes_are_json_or_undecodable(body: bytes) -> None:
    with contextlib.suppress(Undecodable):
        parsed(body)
