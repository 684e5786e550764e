"""The findings fit a terminal, and names of columns do nothing there but stand."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from modelmonitor_cli.backtest.report import report_page
from modelmonitor_cli.backtest.results import Backtest
from modelmonitor_cli.backtest.showing import MOST_BARS, show, sparkline
from modelmonitor_cli.testing_backtest import known, replayed, rows
from modelmonitor_sidecar.testing_baselines import baseline, categorical, numeric

Found = Callable[..., Backtest]
HOSTILE = "<script>alert('x')</script>[bold]\x1b[31m\n&\"{{x}}"


def broken(count: int = 8_000) -> dict[str, Any]:
    live = rows(count)
    live["age"][count // 2 :] += 10
    return live


@pytest.fixture
def hostile(found: Found) -> Backtest:
    """A number, a category and a left-out column, all with names that nobody should have."""
    chance = np.random.default_rng(5)
    features = [
        numeric(HOSTILE, chance.normal(size=5_000)),
        categorical("colour", {HOSTILE: 3_000, "b": 2_000}),
    ]
    live = {
        HOSTILE: chance.normal(3, 1, 2_000),
        "colour": ["x" + HOSTILE] * 2_000,
        "out" + HOSTILE: np.ones(2_000),
    }
    return found(live, window="500r", baseline=baseline([replayed(one) for one in features]))


def test_it_fits_in_eighty_columns(
    found: Found, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    show(found(broken(), window="250r"))
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    assert (
        lines[0]
        == "model against baseline " + lines[0].split()[3] + " 8,000 rows in 32 windows of 250 rows"
    )
    assert lines[-1].startswith("2 alarms in 8,000 rows; expected by chance: ")
    assert any(line.startswith("age ") and "change, drift" in line for line in lines)


def test_what_alarmed_comes_first_then_what_moved(
    found: Found, capsys: pytest.CaptureFixture[str]
) -> None:
    live = broken()
    live["prediction"][:] += 0.07
    show(found(live, window="1000r"))
    first = [line.split()[0] for line in capsys.readouterr().out.splitlines()[2:5]]
    assert first[0] == "age"


def test_a_sparkline_has_a_bar_a_window_and_never_too_many(found: Found) -> None:
    replay = found(broken(), window="1000r")
    bars = sparkline(replay.series(0)).plain
    assert len(bars) == 8
    assert max(bars[:4]) < min(bars[4:])
    assert len(sparkline(found(broken(), window="250r").series(0))) == MOST_BARS


def test_windows_without_a_verdict_are_dots(found: Found) -> None:
    assert sparkline(found(rows(1_100), window="500r").series(0)).plain.endswith("·")


def test_hostile_names_do_nothing_in_a_terminal(
    hostile: Backtest, capsys: pytest.CaptureFixture[str]
) -> None:
    show(hostile)
    shown = capsys.readouterr().out
    assert "\x1b" not in shown
    assert "[bold]" in shown


def test_hostile_names_do_nothing_on_the_page(hostile: Backtest) -> None:
    page = report_page(hostile)
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "\x1b" not in page


def test_the_page_stands_alone(found: Found) -> None:
    page = report_page(found(broken(), window="500r"))
    for loads in ("<script", "http://", "https://", "src=", "url(", "@import"):
        assert loads not in page.replace("http://www.w3.org/2000/svg", ""), loads
    assert "2 alarms in 8,000 rows" in page
    assert "change, drift" in page


def test_the_page_draws_what_drifted_and_lists_the_rest(found: Found) -> None:
    page = report_page(found(broken(), window="500r"))
    assert page.count('class="card drift"') == 1
    assert page.count('class="timeline"') == 2 + len(known().features)


def test_a_page_of_healthy_rows_says_so(found: Found) -> None:
    page = report_page(found(rows(4_000), window="500r"))
    assert "<h1>0 alarms in 4,000 rows</h1>" in page
    assert 'class="tone-ok"' in page
    assert "What moved" not in page


def test_an_effect_without_evidence_has_no_red_dot(found: Found) -> None:
    age, *others = known().features
    uneven = baseline([replace(age, rho={"500r": 0.9}), *others])
    page = report_page(found(broken(), window="500r", baseline=uneven))
    row = page[page.index('<th scope="row">age</th>') :].partition("</tr>")[0]
    assert 'class="timeline"' in row
    assert "1.0" in row or "0.9" in row, "the effect of a shift by a standard deviation"
    assert 'class="over"' not in row


def test_windows_that_drift_have_a_red_dot_each(found: Found) -> None:
    page = report_page(found(broken(), window="500r"))
    rows_of_features = page[page.index("All features") :]
    assert rows_of_features.count('class="over"') == 8


def test_pages_and_tickets_are_told_apart(
    found: Found, monitor: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    live = broken()
    live["colour"][4_000:] = "red"
    loud = monitor({"features": [{"name": "age", "severity": "Page"}]})
    replay = found(live, window="1000r", monitor=loud)

    show(replay)

    shown = [line.split() for line in capsys.readouterr().out.splitlines()]
    told = {(words[4], words[3]) for words in shown if words[:1] == ["row"]}
    assert told == {("age", "page"), ("colour", "ticket")}
    page = report_page(replay)
    assert page.count('<span class="badge drift">page</span>') == 2
    assert page.count('<span class="badge quiet">ticket</span>') == 2


def test_a_feature_of_the_monitor_that_no_baseline_has_is_named(
    found: Found, monitor: Callable[..., Path]
) -> None:
    named = [{"name": "aeg"}, {"name": "plan", "ignore": True}, {"name": "colour"}]
    notes = found(rows(2_000), window="500r", monitor=monitor({"features": named})).notes
    (note,) = [one for one in notes if "monitor names" in one]
    assert note.startswith("the monitor names 'aeg', which the baseline does not have")
