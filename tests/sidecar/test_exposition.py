"""The text format, held against values written by hand, a reader of its own, and promtool."""

import math
import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmonitor_sidecar import exposition


def test_a_counter_family_is_help_type_and_samples() -> None:
    text = exposition.counter("a_total", "What it counts.", [('x="1"', 2), ("", 3.5)])

    assert text == (
        '# HELP a_total What it counts.\n# TYPE a_total counter\na_total{x="1"} 2\na_total 3.5\n'
    )


def test_a_family_without_samples_is_left_out() -> None:
    assert exposition.counter("a_total", "What it counts.", []) == ""
    assert exposition.histogram("a_seconds", "What it counts.", [1.0], []) == ""


def test_a_histogram_is_cumulative_and_ends_with_its_count() -> None:
    text = exposition.histogram("a_seconds", "Time.", [0.5, 1.0], [('x="1"', [2, 0, 3], 4.25)])

    assert text == (
        "# HELP a_seconds Time.\n# TYPE a_seconds histogram\n"
        'a_seconds_bucket{x="1",le="0.5"} 2\n'
        'a_seconds_bucket{x="1",le="1"} 2\n'
        'a_seconds_bucket{x="1",le="+Inf"} 5\n'
        'a_seconds_sum{x="1"} 4.25\n'
        'a_seconds_count{x="1"} 5\n'
    )


def test_a_histogram_refuses_counts_that_do_not_fit_its_edges() -> None:
    with pytest.raises(ValueError, match="a_seconds: 1 edges make 2 buckets, not 3"):
        exposition.histogram("a_seconds", "Time.", [1.0], [("", [1, 2, 3], 1.0)])


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (-0.0, "0"),
        (7.0, "7"),
        (True, "1"),
        (0.1, "0.1"),
        (1e15, "1000000000000000.0"),
        (1e300, "1e+300"),
        (math.nan, "NaN"),
        (math.inf, "+Inf"),
        (-math.inf, "-Inf"),
        (2**70, "1180591620717411303424"),
    ],
)
def test_numbers_are_short_and_exact(value: float, text: str) -> None:
    assert exposition.number(value) == text


@given(st.floats(allow_nan=False))
def test_a_number_reads_back_as_itself(value: float) -> None:
    assert float(exposition.number(value)) == value


_UNESCAPES = {r"\\": "\\", r"\"": '"', r"\n": "\n"}


@given(st.text())
def test_an_escaped_label_stays_on_its_line_and_reads_back(value: str) -> None:
    text = exposition.label_text({"x": value})

    assert "\n" not in text
    (escaped,) = re.findall(r'^x="((?:[^"\\]|\\["\\n])*)"$', text, re.DOTALL)
    assert re.sub(r'\\["\\n]', lambda match: _UNESCAPES[match[0]], escaped) == value


def test_bytes_that_are_no_text_become_question_marks() -> None:
    path = b"/caf\xe9".decode("utf-8", "surrogateescape")

    assert exposition.label_text({"route": path}) == 'route="/caf?"'


def test_help_keeps_to_one_line() -> None:
    assert exposition.header("a", "gauge", "one\\two\nthree").startswith(
        "# HELP a one\\\\two\\nthree\n"
    )


def test_joining_leaves_no_comma_behind() -> None:
    assert exposition.joined("", 'a="1"', "", 'b="2"') == 'a="1",b="2"'


@pytest.mark.promtool
def test_promtool_finds_nothing_in_the_three_kinds(
    promtool_check_metrics: Callable[[str], str],
) -> None:
    hostile = exposition.label_text({"path": 'a"b\\c\nd', "emoji": "é☃"})
    page = "".join(
        (
            exposition.counter("shop_orders_total", "Orders \\ with\nbreaks.", [(hostile, 3)]),
            exposition.gauge("shop_open", "Whether it is open.", [("", math.nan), (hostile, 1)]),
            exposition.histogram("shop_wait_seconds", "Wait.", [0.1, 2.5], [("", [1, 2, 3], 9.5)]),
        )
    )

    assert promtool_check_metrics(page) == ""
