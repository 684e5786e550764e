"""An alarm repeats: the last N windows that do not overlap all drift."""

from modelmonitor_sidecar.stats.confirm import Look, confirmed, windows_needed
from modelmonitor_sidecar.stats.verdict import Outcome


def looks(*outcomes: tuple[float, Outcome]) -> list[Look]:
    return [Look(end, outcome) for end, outcome in outcomes]


def test_two_windows_in_a_row_confirm() -> None:
    assert confirmed(looks((500, "drift"), (1000, "drift")), "500r", 2)


def test_one_window_confirms_where_one_is_asked_for() -> None:
    assert confirmed(looks((500, "ok"), (1000, "drift")), "500r", 1)
    assert not confirmed(looks((500, "drift"), (1000, "ok")), "500r", 1)


def test_a_healthy_or_thin_window_between_breaks_the_chain() -> None:
    assert not confirmed(looks((500, "drift"), (1000, "ok"), (1500, "drift")), "500r", 2)
    assert not confirmed(looks((500, "drift"), (1000, "insufficient"), (1500, "drift")), "500r", 2)


def test_windows_that_overlap_count_once() -> None:
    sliding = looks(*((300 + 25 * i, "drift") for i in range(12)))

    assert not confirmed(sliding, "5m", 2)
    assert confirmed([*sliding, Look(600, "drift")], "5m", 2)


def test_a_window_that_nobody_judged_breaks_the_chain() -> None:
    assert not confirmed(looks((300, "drift"), (900, "drift")), "5m", 2)


def test_nothing_seen_confirms_nothing() -> None:
    assert not confirmed([], "5m", 1)


def test_windows_longer_than_an_hour_need_one() -> None:
    assert [windows_needed(w, 3) for w in ("5m", "1h", "24h", "7d", "500r")] == [3, 3, 1, 1, 3]
    assert confirmed(looks((86_400, "drift")), "24h", 2)


def test_a_clock_that_stepped_back_does_not_confirm_by_the_future() -> None:
    assert not confirmed(looks((900, "drift"), (300, "drift")), "5m", 2)
