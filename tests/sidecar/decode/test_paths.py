"""The small JSON path: `a.b[0].c`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmonitor_sidecar.decode.paths import ABSENT, compiled, located, required
from modelmonitor_sidecar.decode.rows import Reason, Undecodable

DOCUMENT = {
    "a": {"b": [{"c": 1}, {"c": 2}, {}]},
    "a.b": 3,
    "rows": [[1, 2], [3, 4]],
    "null": None,
}


@pytest.mark.parametrize(
    ("path", "steps"),
    [
        ("a", ("a",)),
        ("a.b[0].c", ("a", "b", 0, "c")),
        ("$.a[12]", ("a", 12)),
        ("[0].x", (0, "x")),
        ("rows[].label", ("rows", None, "label")),
        ("rows[*].label", ("rows", None, "label")),
        ('["a.b"].c', ("a.b", "c")),
        ("two words.x-y_z", ("two words", "x-y_z")),
        ("", ()),
        ("$", ()),
    ],
)
def test_a_path_is_names_places_and_each(path: str, steps: tuple[object, ...]) -> None:
    assert compiled(path) == steps


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("a.b[1].c", 2),
        ("a.b.c", [1, 2, None]),
        ("a.b[].c", [1, 2, None]),
        ('["a.b"]', 3),
        ("rows[1]", [3, 4]),
        ("rows[][1]", [2, 4]),
        ("null", None),
        ("$", DOCUMENT),
    ],
)
def test_a_path_leads_to_its_value(path: str, value: object) -> None:
    assert located(DOCUMENT, compiled(path)) == value


@pytest.mark.parametrize("path", ["b", "a.x", "a[0]", "rows[2]", "null.x", "a.b[9].c", "a[]"])
def test_a_path_that_leads_nowhere_is_absent(path: str) -> None:
    assert located(DOCUMENT, compiled(path)) is ABSENT
    with pytest.raises(Undecodable) as caught:
        required(DOCUMENT, compiled(path))
    assert caught.value.reason is Reason.PATH_ABSENT


def test_a_name_is_looked_up_in_the_objects_of_a_list_and_no_deeper() -> None:
    deep: object = {"a": 1}
    for _ in range(900):
        deep = [deep]
    assert located(deep, compiled("a")) == [None]
    assert located([{"a": 1}, [{"a": 2}], 3], compiled("a")) == [1, None, None]


@given(st.text(alphabet='ab.[]*0"$ ', max_size=12))
def test_every_text_is_a_path(text: str) -> None:
    located(DOCUMENT, compiled(text))
