"""The page on false alarms computes what the code computes."""

from pathlib import Path

import pytest

from modelmonitor_sidecar.stats.budget import (
    KINDS_OF_TEST,
    LOOKS_PER_WINDOW,
    ROWS_PER_MONTH,
    Budget,
)
from modelmonitor_sidecar.stats.change import BATCH_ROWS, BATCH_SECONDS, REPLAY_MARGIN, z_as_rare

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "false-alarms.md").read_text()
EXAMPLE = Budget(0.1, models=2, features=40, windows=3)
TWICE = Budget(0.1, models=2, features=80, windows=3)
MINUTES = 30 * 86_400 / BATCH_SECONDS


@pytest.mark.parametrize("window", ["5m", "1h", "24h"])
def test_each_window_of_the_example_has_its_threshold(window: str) -> None:
    looks, alpha, z = (of(window) for of in (EXAMPLE.looks, EXAMPLE.alpha, EXAMPLE.z_threshold))

    assert f"| window of {window} | {looks:,.0f} | {alpha:.1e} | z = {z:.2f} |" in PAGE


def test_the_change_detector_of_the_example_has_its_threshold() -> None:
    threshold = EXAMPLE.change_threshold(MINUTES)
    share = EXAMPLE.false_alarms_per_month / (2 * 40 * len(KINDS_OF_TEST) * MINUTES)

    row = f"| change detector | {MINUTES:,.0f} | {share:.1e} | log evidence = {threshold:.2f} |"
    assert row in PAGE
    assert f"({z_as_rare(threshold):.2f} in the example)" in PAGE


def test_the_worked_line_and_twice_the_features_are_right() -> None:
    assert f"0.1 / (3 * 2 * 40 * 6 * 17,280) = {0.1 / (3 * 2 * 40 * 6 * 17_280):.1e}" in PAGE
    assert f"threshold is {TWICE.z_threshold('1h'):.2f}" in PAGE
    assert f"change detector's {TWICE.change_threshold(MINUTES):.2f}" in PAGE


def test_the_page_names_every_kind_and_constant() -> None:
    assert f"Six kinds of test: {', '.join(KINDS_OF_TEST)}." in PAGE
    assert len(KINDS_OF_TEST) == 6
    for said in (
        f"{LOOKS_PER_WINDOW} times a length",
        f"{ROWS_PER_MONTH:,} rows",
        f"after each {BATCH_ROWS} rows",
        f"at least {REPLAY_MARGIN} times",
    ):
        assert said in PAGE
