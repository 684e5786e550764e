"""The line of activity: differences of totals, step by step."""

from modelmonitor_sidecar.collect.activity import STEP_SECONDS, STEPS, Activity


def test_totals_become_differences_in_their_step() -> None:
    activity = Activity()
    activity.note(1000.0, 10, 20)
    activity.note(1001.0, 13, 26)
    activity.note(1000.0 + STEP_SECONDS, 14, 28)
    flow = activity.flow()
    assert flow.payloads[-2:] == (13, 1)
    assert flow.rows[-2:] == (26, 2)


def test_a_pause_is_seen_and_the_line_keeps_its_length() -> None:
    activity = Activity()
    activity.note(0.0, 1, 1)
    activity.note(3.0 * STEP_SECONDS, 2, 2)
    assert activity.flow().rows[-4:] == (1, 0, 0, 1)
    activity.note(1e9, 3, 3)
    assert activity.flow().rows == (*[0] * (STEPS - 1), 1)


def test_totals_that_fall_are_no_negative_activity() -> None:
    activity = Activity()
    activity.note(0.0, 5, 5)
    activity.note(1.0, 2, 2)
    activity.note(2.0, 4, 4)
    assert activity.flow().rows[-1] == 7
