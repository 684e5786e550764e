"""Labels from names that people and data choose: bounded, escaped, never the same twice."""

from hypothesis import example, given
from hypothesis import strategies as st

from modelmonitor_sidecar.expose.labels import (
    MAX_CHARACTERS,
    bin_labels,
    bounded,
    category_label,
    feature_label,
)
from modelmonitor_sidecar.exposition import escape

ANY_TEXT = st.text(st.characters(), max_size=300)


@given(ANY_TEXT)
@example("\ud800")
@example("a" * 10_000)
def test_a_label_is_short_and_can_be_encoded(text: str) -> None:
    assert len(bounded(text)) <= MAX_CHARACTERS + 9
    bounded(text).encode()


@given(ANY_TEXT, ANY_TEXT)
@example("\udc80", "\\udc80")
@example("a" * 200, "a" * 201)
@example("__other__", "=__other__")
def test_two_texts_never_become_one_label(one: str, other: str) -> None:
    assert (escape(bounded(one)) == escape(bounded(other))) is (one == other)
    assert (category_label(one) == category_label(other)) is (one == other)


PLAIN_NAMES = st.sampled_from(["score", "prediction", "age"])
STRANGE_NAMES = st.lists(st.sampled_from(["input", "score", "prediction", "age"]), min_size=1).map(
    ":".join
)


@given(st.frozensets(PLAIN_NAMES), st.frozensets(STRANGE_NAMES, max_size=20))
def test_features_that_the_baseline_lacks_never_share_a_label(
    taken: frozenset[str], columns: frozenset[str]
) -> None:
    labels = [feature_label(name, "input", taken) for name in columns]
    labels += [feature_label(name, name, taken) for name in ("prediction", "score")]
    assert len({*labels, *taken}) == len(labels) + len(taken)


def test_no_category_looks_reserved() -> None:
    assert category_label("__missing__") == "=__missing__"
    assert category_label("=__missing__") == "==__missing__"
    assert category_label("_plain_") == "_plain_"


def test_bins_name_the_bin_before_them_and_sort_as_text() -> None:
    assert bin_labels(3) == ['bin="00"', 'bin="01",prev="00"', 'bin="02",prev="01"']
    assert bin_labels(101)[1] == 'bin="001",prev="000"'
    assert bin_labels(0) == []
