"""Windows: aligned, exact, sliding by twelfths or row by row, bounded, judged and confirmed."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelmonitor_api.spec import VerdictPolicy
from modelmonitor_sidecar.stats.model_statistics import ModelStatistics, Settings
from modelmonitor_sidecar.stats.tally import Packed
from modelmonitor_sidecar.testing_baselines import baseline, categorical, numeric

CHANCE = np.random.default_rng(0)
BASELINE = baseline(
    [
        numeric("x", CHANCE.normal(size=10_000)),
        categorical("colour", {"red": 6000, "blue": 4000}),
        numeric("score", CHANCE.uniform(size=10_000), role="score"),
    ]
)
HOUR = 3600.0


def watching(*windows: str, rows: str | None = None, confirm: int = 1) -> ModelStatistics:
    policy = VerdictPolicy(confirm=confirm)
    return ModelStatistics(BASELINE, Settings(policy=policy, windows=windows, row_window=rows))


def feed(statistics: ModelStatistics, now: float, values: list[float]) -> None:
    statistics.add_rows(None, [[value, "red"] for value in values], scores=[0.5] * len(values))
    statistics.flush(now)


def rows_in(statistics: ModelStatistics, window: str, now: float) -> int:
    statistics.advance(now)
    view = statistics.window(window, now)
    assert {feature.rows for feature in view.features} == {view.rows}
    return view.rows


def test_a_window_of_time_holds_its_length_and_forgets_the_rest() -> None:
    statistics = watching("5m")
    for minute in range(10):
        feed(statistics, 60.0 * minute, [0.0] * (minute + 1))

    # at 10:00 exactly, buckets of 5:00 and later remain: minutes 5 to 9
    assert rows_in(statistics, "5m", 600.0) == 6 + 7 + 8 + 9 + 10
    assert rows_in(statistics, "5m", 625.0) == 7 + 8 + 9 + 10
    assert (
        rows_in(statistics, "5m", 601.0) == 7 + 8 + 9 + 10
    )  # the bucket of 5:00 is on its way out
    assert rows_in(statistics, "5m", 6000.0) == 0


def test_all_windows_are_fed_from_the_finest() -> None:
    statistics = watching("1m", "5m", "1h", "24h", "7d")
    times = np.arange(0, 2 * 3600, 10.0)
    for now in times:
        feed(statistics, float(now), [0.0])

    end = 2 * HOUR
    assert [rows_in(statistics, w, end) for w in ("1m", "5m", "1h", "24h", "7d")] == [
        6, 30, 360, 720, 720,
    ]  # fmt: skip


def test_spans_are_aligned_to_utc() -> None:
    statistics = watching("1h")
    for now in np.arange(1_000_000.0, 1_020_000.0, 100.0):
        feed(statistics, float(now), [0.0])

    view = statistics.window("1h", 1_019_990.0)

    assert view.span.start % 300 == 0
    assert 1_019_990 - 3600 <= view.span.start < 1_019_990 - 3300
    assert view.rows == (1_019_900 - view.span.start) // 100 + 1


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 5)), min_size=1, max_size=60))
def test_a_window_is_what_its_buckets_saw(steps: list[tuple[int, int]]) -> None:
    statistics, now, seen = watching("5m", "1h"), 0, []
    for wait, rows in steps:
        now += wait
        feed(statistics, float(now), [0.0] * rows)
        seen.append((now, rows))

    for window, length, step in (("5m", 300, 25), ("1h", 3600, 300)):
        oldest = -(-(now - length) // step) * step
        expected = sum(rows for at, rows in seen if at - at % step >= oldest)
        assert rows_in(statistics, window, float(now)) == expected


def test_a_clock_that_steps_back_loses_no_rows_of_the_totals_and_goes_on() -> None:
    statistics = watching("5m")
    feed(statistics, 10_000.0, [0.0])
    feed(statistics, 9_990.0, [0.0])
    feed(statistics, 1_000.0, [0.0] * 3)
    feed(statistics, 1_100.0, [0.0] * 4)

    assert statistics.totals.rows == 9
    assert rows_in(statistics, "5m", 1_100.0) >= 7


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 700), min_size=1, max_size=12), st.sampled_from(["100r", "250r"]))
def test_windows_of_rows_are_cut_exactly(batches: list[int], window: str) -> None:
    statistics, value = watching(rows=window), 0
    for batch in batches:
        feed(statistics, 0.0, [float(value + i) for i in range(batch)])
        value += batch
    length = int(window[:-1])

    assert len(statistics.full_windows) == min(50, value // length)
    for view in statistics.full_windows:
        summary = view.feature("x").summary
        assert summary is not None
        assert (view.rows, view.span.end - view.span.start) == (length, length)
        assert (summary.minimum, summary.maximum) == (view.span.start, view.span.end - 1)
        assert view.feature("score").rows == length
    present = statistics.row_window()
    assert present is not None
    assert present.rows == value % length
    assert present.span.start == value - value % length


def test_a_window_tells_all_about_a_feature() -> None:
    statistics = watching("5m")
    sample = CHANCE.normal(size=2000)
    statistics.add_rows(None, [[x, "red" if x > 0 else "mauve"] for x in sample.tolist()])
    statistics.add_rows(None, [[None, None], ["text", []]])
    statistics.flush(10.0)

    view = statistics.window("5m", 20.0)
    x, colour = view.feature("x"), view.feature("colour")

    assert (x.rows, x.missing, x.invalid) == (2002, 1, {"string": 1})
    assert sum(x.cells) == 2000
    assert x.summary is not None
    assert x.summary.mean == pytest.approx(sample.mean())
    assert x.quantiles[3] == pytest.approx(
        np.quantile(sample, 0.5, method="inverted_cdf"), rel=0.01
    )
    assert list(x.quantiles) == sorted(x.quantiles)
    assert [name for name, _ in colour.top] == ["red", "__unseen__"] or colour.top[0][1] >= 900
    assert (colour.unseen, colour.invalid) == (int((sample <= 0).sum()), {"type": 1})
    assert x.verdict is not None
    assert x.verdict.verdict == x.outcome == "ok"
    assert colour.outcome == "drift"
    with pytest.raises(KeyError):
        view.feature("y")


def test_a_field_gone_null_is_drift_although_no_value_is_left_to_judge() -> None:
    statistics = watching("5m")
    feed(statistics, 0.0, [])
    statistics.add_rows(None, [[None, "red"]] * 500)
    statistics.flush(1.0)

    x = statistics.window("5m", 2.0).feature("x")

    assert x.verdict is not None
    assert x.verdict.verdict == "insufficient"
    assert x.outcome == "drift"
    assert [share.kind for share in x.shares if share.verdict == "drift"] == ["missing"]


def test_an_alarm_waits_for_as_many_windows_as_asked_for() -> None:
    statistics = watching(rows="500r", confirm=2)
    feed(statistics, 0.0, CHANCE.normal(size=1000).tolist())
    for _ in range(2):
        feed(statistics, 0.0, CHANCE.normal(1.0, size=500).tolist())

    views = [view.feature("x") for view in statistics.full_windows]

    assert [view.outcome for view in views] == ["ok", "ok", "drift", "drift"]
    assert [view.confirmed for view in views] == [False, False, False, True]
    assert [view.index for view in statistics.full_windows] == [0, 1, 2, 3]


def test_a_window_of_time_is_confirmed_a_length_later() -> None:
    statistics, confirmed = watching("5m", confirm=2), []
    for now in np.arange(0.0, 1500.0, 5.0):
        feed(statistics, float(now), CHANCE.normal(0.0 if now < 300 else 1.5, size=30).tolist())
        confirmed.append((now, statistics.window("5m", float(now)).feature("x").confirmed))

    first = next(now for now, yes in confirmed if yes)
    assert 600 < first <= 850
    assert confirmed[-1][1]


def test_without_a_baseline_windows_have_moments_and_no_verdict() -> None:
    statistics = ModelStatistics(None)
    statistics.add_rows(("a",), [[1.0], [3.0], [None]], predictions=["yes", "no", None])
    statistics.flush(0.0)

    a = statistics.window("1h", 1.0).feature("a")

    assert a.verdict is None
    assert a.outcome == "insufficient"
    assert not a.cells
    assert not a.shares
    assert a.summary is not None
    assert (a.summary.mean, a.missing) == (2.0, 1)
    assert a.quantiles[3] == pytest.approx(1.0, rel=0.01)


def test_what_is_put_away_comes_back_to_the_bit() -> None:
    statistics = watching("5m")
    values: list[Any] = [*CHANCE.normal(size=3000).tolist(), 0.0, 1e300, -1e300]
    feed(statistics, 0.0, values)
    _, tally = statistics._sliding.total("5m", 1.0)

    again = tally.fresh()
    again.absorb(Packed.of(tally))

    assert (again.sketch.counts == tally.sketch.counts).all()
    assert all((left == 0).all() for left in again.counts.difference(tally.counts))


def test_a_lane_put_away_is_small() -> None:
    statistics = watching("5m")
    feed(statistics, 0.0, CHANCE.normal(size=50_000).tolist())

    packed = Packed.of(statistics._sliding.total("5m", 1.0)[1])

    assert len(packed.cells) < 4_000
