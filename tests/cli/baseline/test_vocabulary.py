"""Words are counted by the texts that have them, exactly or within a known error."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmonitor_cli.baseline.vocabulary import LEAST_TEXTS, WordCounts
from modelmonitor_sidecar.stats.words import LONGEST_WORD

texts = st.lists(st.text("abcdefgh ", max_size=30), max_size=60)


def test_the_most_frequent_words_come_first_and_equals_by_their_spelling() -> None:
    counts = WordCounts()
    counts.add(["Sun and moon.", "moon and sun"] * 10)
    counts.add(["the moon", None, ""] * 5)

    assert counts.frequent(9) == ("moon", "and", "sun")
    assert counts.frequent(2) == ("moon", "and")


def test_a_text_that_repeats_a_word_counts_it_once() -> None:
    counts = WordCounts()
    counts.add(["buy buy BUY!"] * (LEAST_TEXTS - 1))
    assert counts.frequent(9) == ()
    counts.add(["buy"])
    assert counts.frequent(9) == ("buy",)


def test_words_that_few_texts_have_and_endless_words_are_left_out() -> None:
    counts = WordCounts()
    counts.add([f"always rare{i} {'x' * (LONGEST_WORD + 1)}" for i in range(100)])
    assert counts.frequent(5_000) == ("always",)


@given(texts, st.integers(0, 60))
def test_counts_depend_on_no_block(column: list[str], cut: int) -> None:
    whole, parts = WordCounts(most=4), WordCounts(most=4)
    whole.add(column * LEAST_TEXTS)
    for part in (column[:cut], column[cut:]) * LEAST_TEXTS:
        parts.add(part)
    assert parts.frequent(9) == whole.frequent(9)


@given(texts, st.integers(1, 12))
def test_what_is_frequent_enough_is_never_forgotten(column: list[str], most: int) -> None:
    column = column * LEAST_TEXTS
    exact = Counter(word for text in column for word in set(text.split()))
    error = 2 * exact.total() / most
    counts = WordCounts(most)
    counts.add(column)

    found = counts.frequent(len(exact))

    assert {word for word, count in exact.items() if count >= LEAST_TEXTS + error} <= set(found)
    assert set(found) <= {word for word, count in exact.items() if count >= LEAST_TEXTS}


@pytest.mark.parametrize("most", [10, 1_000])
def test_memory_is_bounded_and_frequent_words_survive_endless_rare_ones(most: int) -> None:
    counts = WordCounts(most)
    counts.add(f"the {'and ' * (i % 2)} rare{i} once{i}" for i in range(20_000))
    assert counts.frequent(5) == ("the", "and")
    assert len(counts._counts) <= most
