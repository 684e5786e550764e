"""A text column gives three features, and each row ends in one place in each of them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmonitor_api.baseline import BaselineFeature, Column, Derived, category_hash
from modelmonitor_api.spec import Feature
from modelmonitor_sidecar.stats.model_statistics import ModelStatistics, Settings
from modelmonitor_sidecar.stats.words import (
    LONGEST_WORD,
    MOST_LOOKED_UP,
    Vocabulary,
    word_count,
    words_of,
)
from modelmonitor_sidecar.testing_baselines import baseline, numeric

KNOWN = ("the", "soup", "was", "hot")
VOCABULARY = tuple(sorted(map(category_hash, KNOWN)))


def derived(name: str, sample: Sequence[float], how: Derived | None) -> BaselineFeature:
    return replace(numeric(name, sample), derived=how)


NOTE = numeric("note", range(100), kind="text")
WORDS = derived("note.words", list(range(100)), Derived("note", "words"))
UNKNOWN = derived(
    "note.unknown", [i / 99 for i in range(100)], Derived("note", "unknownShare", VOCABULARY)
)
AGE = numeric("age", range(100))
BASELINE = replace(baseline([NOTE, WORDS, UNKNOWN, AGE]), columns=(Column("note"), Column("age")))
NAMES = ("note", "note.words", "note.unknown")

any_text = st.text(st.characters() | st.sampled_from(" \t\n.,'-\u3000\xa0"))
surrogates = st.text(st.characters(categories=["Cs"]) | st.sampled_from("ab "))
long_texts = st.integers(1, 60).map(lambda size: ("word" * size + " ") * (10_000 // (4 * size)))
texts = any_text | surrogates | long_texts
values = texts | st.none() | st.floats() | st.integers() | st.lists(st.none(), max_size=1)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        (" \n\t\u3000", []),
        ("... - !? \u2014", []),
        ("Hello, world!", ["hello", "world"]),
        ("hello,world", ["hello,world"]),
        ("don't \u201cQUOTE\u201d 'me'", ["don't", "quote", "me"]),
        ("5 kg (12,50 \u20ac)", ["5", "kg", "12,50", "\u20ac"]),
        (
            "\u0939\u093f\u0928\u094d\u0926\u0940 \u0964",
            ["\u0939\u093f\u0928\u094d\u0926\u0940"],
        ),
        ("\ud800 x", ["\ud800", "x"]),
    ],
)
def test_words_stand_between_blanks_without_punctuation(text: str, words: list[str]) -> None:
    assert words_of(text) == words
    assert word_count(text) == len(words)


def test_the_share_is_that_of_words_the_vocabulary_lacks() -> None:
    share = Vocabulary(VOCABULARY).unknown_share

    assert share("The soup was HOT!") == 0
    assert share("The soup, the cold soup.") == 1 / 5
    assert share("la sopa") == 1
    assert share("?!") is None


def test_a_word_is_judged_the_same_however_often_and_after_whatever_it_comes() -> None:
    vocabulary = Vocabulary(VOCABULARY)
    for start in range(0, 40_000, 500):  # more than are remembered
        assert vocabulary.unknown_share(" ".join(f"w{i}" for i in range(start, start + 500))) == 1
    assert vocabulary.unknown_share("soup w0") == 0.5


def test_words_too_long_and_words_far_behind_cost_nothing() -> None:
    hashes = [category_hash("x" * size) for size in (LONGEST_WORD, LONGEST_WORD + 1)]
    vocabulary = Vocabulary(hashes)
    assert vocabulary.unknown_share("x" * LONGEST_WORD) == 0
    assert vocabulary.unknown_share("x" * (LONGEST_WORD + 1)) == 1

    text = "soup " * MOST_LOOKED_UP + "sopa " * 9_000
    assert word_count(text) == MOST_LOOKED_UP + 9_000
    assert Vocabulary(VOCABULARY).unknown_share(text) == 0


@given(texts)
def test_blanks_around_a_text_and_capitals_change_nothing(text: str) -> None:
    assert words_of(f"  {text}\n") == words_of(text)
    assert words_of(text.lower()) == words_of(text)


@given(texts, texts)
def test_words_of_two_texts_add_up(one: str, other: str) -> None:
    assert words_of(f"{one} {other}") == words_of(one) + words_of(other)


@given(texts, st.sets(any_text.flatmap(lambda text: st.sampled_from([text, *words_of(text)]))))
def test_the_share_is_that_of_a_plain_set(text: str, known: set[str]) -> None:
    words = words_of(text)[:MOST_LOOKED_UP]
    known = {word for word in known if len(word) <= LONGEST_WORD} | set(words[::3])
    known = {word for word in known if len(word) <= LONGEST_WORD}
    expected = sum(word not in known for word in words) / len(words) if words else None
    assert Vocabulary(map(category_hash, known)).unknown_share(text) == expected


def statistics(rows: list[Any], **options: Any) -> ModelStatistics:
    found = ModelStatistics(BASELINE, Settings(**options))
    found.add_records(rows)
    found.flush(0.0)
    return found


def fate(found: ModelStatistics, name: str) -> tuple[int, int, int]:
    """Rows in cells, missing, invalid."""
    place = next(i for i, watched in found.watched() if watched.name == name)
    totals = found.totals
    cells = int(totals.cells[found.layout.cells_of(place)].sum())
    return cells, int(totals.missing[place]), int(totals.invalid[:, place].sum())


@given(st.lists(values, min_size=1, max_size=8))
def test_in_each_of_the_three_every_row_is_counted_missing_or_invalid(column: list[Any]) -> None:
    found = statistics([{"note": value, "age": 1} for value in column])

    length, words, unknown = (fate(found, name) for name in NAMES)

    assert sum(length) == sum(words) == sum(unknown) == len(column)
    assert words == length
    wordless = sum(isinstance(value, str) and not words_of(value) for value in column)
    assert unknown == (length[0] - wordless, length[1] + wordless, length[2])


def test_a_column_that_does_not_come_is_missing_in_all_three_and_absent_once() -> None:
    found = statistics([{"age": 1}, {"age": 2}])
    assert {fate(found, name) for name in NAMES} == {(0, 2, 0)}
    assert found.totals.absent.sum() == found.totals.absent[found.layout.columns["note"]] == 2


def test_numbers_in_an_array_are_no_texts() -> None:
    found = ModelStatistics(BASELINE)
    found.add_rows(None, np.array([[1.0, 2.0], [np.nan, 3.0]]))
    found.flush(0.0)
    assert {fate(found, name) for name in NAMES} == {(0, 1, 1)}


def test_a_column_with_the_name_of_a_derived_feature_is_extra_and_not_counted() -> None:
    found = statistics([{"note": "hot soup", "age": 1, "note.words": 77}])
    assert [watched.name for _, watched in found.watched()] == [*NAMES, "age"]
    assert found.counting.extra.rows == {"note.words": 1}
    view = found.window("5m", 1.0).feature("note.words")
    assert view.summary is not None
    assert view.summary.mean == 2


@pytest.mark.parametrize(
    ("override", "watched"),
    [
        (Feature("note", ignore=True), ["age"]),
        (Feature("note.words", ignore=True), ["note", "note.unknown", "age"]),
        (Feature("note.words", kind="categorical"), [*NAMES, "age"]),
        (Feature("note", kind="categorical"), ["note.words", "note.unknown", "age", "note"]),
    ],
)
def test_the_resource_ignores_or_overrides_a_column_or_what_is_derived(
    override: Feature, watched: list[str]
) -> None:
    found = statistics([{"note": "hot soup", "age": 1}], features=(override,))
    assert [one.name for _, one in found.watched()] == watched
    for name in set(watched) & {"note.words", "note.unknown"}:
        assert fate(found, name) == (1, 0, 0)


def test_another_language_is_drift_of_the_unknown_words_alone() -> None:
    rows = [f"the soup was hot {'x ' * (i % 9)}" for i in range(900)]
    share = Vocabulary(VOCABULARY).unknown_share
    base = baseline(
        [
            numeric("note", list(map(len, rows)), kind="text"),
            derived("note.words", list(map(word_count, rows)), WORDS.derived),
            derived("note.unknown", [share(row) or 0.0 for row in rows], UNKNOWN.derived),
        ]
    )
    found = ModelStatistics(replace(base, columns=BASELINE.columns), Settings(row_window="900r"))

    for soup in ("soup", "sopa"):
        found.add_records([{"note": row.replace("soup", soup)} for row in rows])
        found.flush(0.0)

    same, other = found.full_windows
    assert {one.outcome for one in same.features} == {"ok"}
    drifted = [one.name for one in other.features if one.outcome == "drift"]
    assert drifted == ["note.unknown"]
