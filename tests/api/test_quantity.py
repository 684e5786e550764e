"""Durations, sizes and decimals as people write them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmonitor_api.errors import InputError
from modelmonitor_api.quantity import decimal, duration_seconds, size_bytes, window_rows


@pytest.mark.parametrize(
    ("text", "seconds"), [("30s", 30), ("5m", 300), ("1h", 3_600), ("24h", 86_400), ("7d", 604_800)]
)
def test_a_duration_is_a_whole_number_and_one_unit(text: str, seconds: int) -> None:
    assert duration_seconds(text, "here") == seconds


@pytest.mark.parametrize("text", ["", "5", "m", "0m", "-5m", "5 m", "1h30m", "5M", "\u0665m"])
def test_any_other_duration_is_refused_by_name(text: str) -> None:
    with pytest.raises(InputError, match=r"^spec\.windows\[0\]: .*e\.g\. 5m"):
        duration_seconds(text, "spec.windows[0]")


@pytest.mark.parametrize(
    ("text", "size"),
    [("0", 0), ("65536", 65_536), ("64Ki", 65_536), ("16Mi", 1 << 24), ("2k", 2_000)],
)
def test_a_size_is_a_whole_number_and_a_binary_or_decimal_unit(text: str, size: int) -> None:
    assert size_bytes(text, "here") == size


@pytest.mark.parametrize("text", ["", "Ki", "1.5Ki", "-1", "1kb", "1 Ki"])
def test_any_other_size_is_refused_by_name(text: str) -> None:
    with pytest.raises(InputError, match=r"^limit: "):
        size_bytes(text, "limit")


@given(st.integers(1, 10**12 - 1))
def test_rows_may_bear_their_unit(rows: int) -> None:
    assert window_rows(f"{rows}r", "w") == window_rows(str(rows), "w") == rows


@pytest.mark.parametrize(
    ("text", "value"), [("0", 0.0), ("-1.50", -1.5), ("1e-3", 0.001), ("2E+5", 200_000.0)]
)
def test_a_decimal_has_digits_before_and_after_its_point(text: str, value: float) -> None:
    assert decimal(text, "here") == value


@given(st.from_regex(r"-?[0-9]{1,14}(\.[0-9]{1,12})?([eE][-+]?[0-9]{1,2})?", fullmatch=True))
def test_every_decimal_is_finite(text: str) -> None:
    assert math.isfinite(decimal(text, "here"))


@pytest.mark.parametrize(
    "text",
    ["", "x", "NaN", "Infinity", "-Infinity", "1,5", ".5", "5.", "+1", " 1", "1_0", "1\n", "1e100"],
)
def test_any_other_decimal_is_refused_by_name(text: str) -> None:
    with pytest.raises(InputError, match=r"^spec\.a: "):
        decimal(text, "spec.a")


@pytest.mark.parametrize("text", ["0." + "1" * 31, "\u0661"])
def test_a_decimal_is_short_and_of_ascii_digits(text: str) -> None:
    with pytest.raises(InputError, match=r"^spec\.a: "):
        decimal(text, "spec.a")
