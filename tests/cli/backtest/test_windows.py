"""Where windows begin and end, and which of them are whole."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmonitor_cli.backtest.order import instant
from modelmonitor_cli.backtest.results import Backtest
from modelmonitor_cli.backtest.stretches import Cutter
from modelmonitor_cli.testing_backtest import rows, times
from modelmonitor_sidecar.stats.change import BATCH_ROWS
from modelmonitor_sidecar.stats.shares import Part, judge_share

Found = Callable[..., Backtest]
DAY = 86_400


def bounds(found: Backtest) -> list[tuple[int, int]]:
    return [(window.start_row, window.end_row) for window in found.windows]


def verdicts(found: Backtest) -> list[str]:
    return [result.verdict.verdict for result in found.series(0)]


def test_windows_of_rows_begin_at_the_first_row_and_run_on_through_files(found: Found) -> None:
    replay = found(rows(700), rows(800), window="500r")
    assert bounds(replay) == [(0, 500), (500, 1_000), (1_000, 1_500)]
    assert [window.index for window in replay.windows] == [0, 1, 2]


def test_a_last_window_that_is_not_full_has_no_verdict(found: Found) -> None:
    replay = found(rows(1_499), window="500r")
    assert bounds(replay)[-1] == (1_000, 1_499)
    assert verdicts(replay) == ["ok", "ok", "insufficient"]
    assert {share.verdict for share in replay.results[-1].shares} == {"insufficient"}


def test_windows_of_time_are_aligned_to_utc(found: Found) -> None:
    live = rows(3 * 288) | {"at": times(3 * 288, "2026-01-01T00:00:00", 300)}
    replay = found(live, window="24h", time="at")
    assert bounds(replay) == [(0, 288), (288, 576), (576, 864)]
    assert instant(replay.windows[1].start or 0) == "2026-01-02T00:00:00Z"
    assert instant(replay.windows[1].end or 0) == "2026-01-03T00:00:00Z"
    assert verdicts(replay) == ["ok", "ok", "ok"]


def test_days_that_the_rows_do_not_fill_at_either_end_have_no_verdict(found: Found) -> None:
    live = rows(4 * 300) | {"at": times(4 * 300, "2026-01-01T10:00:00", DAY / 400)}
    replay = found(live, window="24h", time="at")
    assert verdicts(replay) == ["insufficient", "ok", "ok", "insufficient"]


def test_a_day_without_rows_is_no_window_but_a_gap(found: Found) -> None:
    first, second = (times(300, day, DAY / 300) for day in ("2026-01-01", "2026-01-03"))
    replay = found(rows(600) | {"at": np.concatenate([first, second])}, window="24h", time="at")
    assert [window.index for window in replay.windows] == [0, 1]
    assert not replay.windows[1].follows(replay.windows[0])


def test_windows_of_rows_tell_the_times_of_their_rows(found: Found) -> None:
    live = rows(1_000) | {"at": times(1_000, "2026-01-01", 60)}
    window = found(live, window="500r", time="at").windows[1]
    assert instant(window.start or 0) == "2026-01-01T08:20:00Z"
    assert instant(window.end or 0) == "2026-01-01T16:39:00Z"


@given(
    st.lists(st.integers(1, 400), min_size=1, max_size=8),
    st.sampled_from(["60r", "500r", "7s", "1m"]),
    st.integers(0, 10**6),
)
def test_stretches_lie_in_one_window_and_one_batch_and_miss_no_row(
    blocks: list[int], window: str, seed: int
) -> None:
    chance = np.random.default_rng(seed)
    at = np.cumsum(chance.integers(0, 400_000, sum(blocks)))
    cutter, first = Cutter(window), 0
    windows: list[int] = []
    batches: list[int] = []
    for count in blocks:
        cut = cutter.cut(first, count, at[first : first + count])
        assert cut.rows.sum() == count
        windows += np.repeat(cut.windows, cut.rows).tolist()
        ends = cut.ends_batch.astype(np.int64)
        ended = np.cumsum(ends) - ends + first // BATCH_ROWS
        batches += np.repeat(ended, cut.rows).tolist()
        first += count
    length = cutter.bounds(1)[0]
    places = np.arange(first) if window.endswith("r") else at
    assert windows == (places // length).tolist()
    assert batches == (np.arange(first) // BATCH_ROWS).tolist()


@pytest.mark.parametrize("sizes", [(1_200,), (1, 49, 50, 1_100), (599, 601)])
def test_how_rows_come_in_files_changes_nothing(found: Found, sizes: tuple[int, ...]) -> None:
    whole: dict[str, Any] = rows(1_200)
    whole["age"][700:] += 30
    cuts = np.cumsum((0, *sizes))
    parts = [
        {name: values[low:high] for name, values in whole.items()} for low, high in pairwise(cuts)
    ]
    replay, expected = found(*parts, window="300r"), found(whole, window="300r")
    assert [one.verdict for one in replay.results] == [one.verdict for one in expected.results]
    assert [(a.kind, a.row, a.onset_row) for a in replay.alarms] == [
        (a.kind, a.row, a.onset_row) for a in expected.alarms
    ]


def test_shares_of_nothing_are_those_of_as_many_rows_as_the_window_has(found: Found) -> None:
    """Their verdicts are kept from window to window: 600 rows, twice 300, and 600 once more."""
    gaps = np.concatenate([np.full(600, 1.0), np.full(600, 2.0), np.full(600, 1.0)])
    at = np.datetime64("2026-01-01", "us") + (gaps.cumsum() * 1e6).astype("timedelta64[us]")
    replay = found(rows(1_800) | {"at": at}, window="10m", time="at")

    sizes = [window.rows for window in replay.windows]
    assert len(set(sizes)) > 1
    for result in replay.results:
        window = replay.windows[result.window]
        baseline, bar = result.feature.reference.feature, result.feature.bar
        for share in result.shares:
            part = Part(result.share_rows(share.kind), window.rows)
            fresh = judge_share(share.kind, part, baseline, "10m", bar)
            assert share == (fresh if window.whole else replace(fresh, verdict="insufficient"))
