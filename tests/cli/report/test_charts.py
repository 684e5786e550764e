"""The pictures of reports: coordinates by hand, gaps, and names that would be tags."""

import re
from xml.etree import ElementTree

import pytest

from modelmonitor_cli.report.charts import HEIGHT, WIDTH, axis, histogram, timeline


def heights(picture: str) -> list[float]:
    return [float(found) for found in re.findall(r'<rect [^>]*height="([0-9.]+)"', picture)]


def test_bars_are_as_high_as_their_share_of_the_top() -> None:
    picture = histogram([0.5, 0.25, 0.0], ["a", "b", "c"], 0.5, "told")
    assert heights(picture) == [HEIGHT, HEIGHT / 2, 0]


def test_nothing_at_all_is_a_flat_picture() -> None:
    assert heights(histogram([0.0, 0.0], ["a", "b"], 0.0, "told")) == [0, 0]
    assert heights(histogram([], [], 0.0, "told")) == []


def test_marks_stand_at_their_own_height() -> None:
    picture = histogram([1.0], ["a"], 1.0, "told", marks=[0.25])
    assert f'y1="{HEIGHT * 0.75}"' in picture


def test_a_hostile_label_stays_text() -> None:
    picture = histogram([1.0], ["</title><script>"], 1.0, '"><script>')
    assert "<script>" not in picture
    root = ElementTree.fromstring(picture)  # noqa: S314
    assert root.attrib["aria-label"] == '"><script>'


def test_a_gap_ends_the_line_and_a_lone_value_is_a_dash() -> None:
    picture = timeline([1.0, 2.0, None, 4.0], [8.0] * 4, [False] * 4, "told")
    paths = re.findall(r'class="path" d="([^"]+)"', picture)
    step = WIDTH / 4
    assert paths == [
        f"M{step / 2:g},{HEIGHT * 7 / 8:g} L{step * 1.5:g},{HEIGHT * 3 / 4:g}".replace("e+", ""),
        f"M{step * 3.5:g},{HEIGHT / 2:g} h1",
    ]


def test_only_what_is_marked_gets_a_dot_and_a_gap_gets_none() -> None:
    picture = timeline([1.0, 3.0, None], [2.0] * 3, [True, False, True], "told")
    (dot,) = re.findall(r'class="over" d="M([0-9.]+),', picture)
    assert float(dot) == pytest.approx(WIDTH / 6, abs=0.01)


def test_negative_values_and_no_values_are_drawn() -> None:
    assert 'class="path"' in timeline([-1.0, -2.0], [0.5, 0.5], [False] * 2, "told")
    assert 'class="path"' not in timeline([None, None], [0.5, 0.5], [False] * 2, "told")
    assert timeline([], [], [], "told").startswith("<svg")


def test_words_at_the_ends_stay_inside() -> None:
    assert re.findall(r'text-anchor="(\w+)"', axis([(0.0, "a"), (0.5, "b"), (1.0, "c")])) == [
        "start",
        "middle",
        "end",
    ]
