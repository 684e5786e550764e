"""No row is lost or counted twice, whatever comes, in whatever batches and replicas."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelmonitor_sidecar.stats.model_statistics import ModelStatistics
from modelmonitor_sidecar.testing_rows import (
    BASELINE,
    COLUMNS,
    absent,
    assert_every_row_is_accounted_for,
    counted,
)

hostile = (
    st.none()
    | st.booleans()
    | st.floats()
    | st.integers()
    | st.sampled_from([10**400, -(10**400), 2**53 + 1, 1e308, -0.0, "red", "x" * 10_000, "", "1.5"])
    | st.lists(st.none(), max_size=2)
)


@settings(max_examples=200)
@given(st.lists(st.lists(hostile, max_size=5), max_size=12))
def test_no_list_of_rows_escapes_the_account(rows: list[list[Any]]) -> None:
    statistics = counted((None, rows), (COLUMNS, rows))

    assert statistics.totals.rows == 2 * len(rows)
    assert_every_row_is_accounted_for(statistics)


@settings(max_examples=200)
@given(
    st.lists(
        st.dictionaries(st.sampled_from([*COLUMNS, "new", "other"]), hostile),
        min_size=1,
        max_size=12,
    ),
    st.booleans(),
)
def test_no_list_of_records_escapes_the_account(records: list[dict[str, Any]], known: bool) -> None:
    statistics = ModelStatistics(BASELINE if known else None)
    statistics.add_records(records, [record.get("age") for record in records])
    statistics.flush(0.0)
    statistics.add_records(records)
    statistics.flush(0.0)

    assert statistics.totals.rows == 2 * len(records)
    assert_every_row_is_accounted_for(statistics)
    lacking = {name: 2 * sum(name not in one for one in records) for name in COLUMNS[:3]}
    assert absent(statistics) == {name: n for name, n in lacking.items() if n and known}
    strange = 2 * sum(not {"new", "other"}.isdisjoint(one) for one in records)
    assert statistics.totals.rows_unexpected_column == strange * known


@pytest.mark.parametrize("batch", [1, 7, 100])
def test_batches_do_not_change_the_counts(batch: int) -> None:
    chance = np.random.default_rng(3)
    ages, colours = (
        chance.normal(50, 20, 200).tolist(),
        chance.choice(["red", "mauve"], 200).tolist(),
    )
    rows = [[age, colour] for age, colour in zip(ages, colours, strict=True)]
    whole, parts = counted((("age", "colour"), rows)), ModelStatistics(BASELINE)
    for start in range(0, len(rows), batch):
        parts.add_rows(("age", "colour"), rows[start : start + batch])
        parts.flush(0.0)

    assert all((difference == 0).all() for difference in whole.totals.difference(parts.totals))


@pytest.mark.parametrize("replicas", [2, 10])
def test_replicas_add_up_to_the_bit_in_any_order(replicas: int) -> None:
    chance = np.random.default_rng(4)
    rows = [[age, "red", "note", 0] for age in chance.normal(50, 20, 500).tolist()]
    whole = counted((None, rows)).totals
    parts = [counted((None, rows[i::replicas])).totals for i in range(replicas)]
    forwards, backwards = counted().totals, counted().totals

    for part, other in zip(parts, reversed(parts), strict=True):
        forwards.add(part)
        backwards.add(other)

    for total in (forwards, backwards):
        assert all((difference == 0).all() for difference in whole.difference(total))
        assert total.rows == whole.rows
