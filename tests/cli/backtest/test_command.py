"""`backtest` as a user calls it: status, words, files; every refusal is one sentence."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from modelmonitor_cli.__main__ import main
from modelmonitor_cli.testing_backtest import known, rows, times

Call = Callable[..., Any]


def refused(answer: Any, *words: str) -> None:
    assert answer.status == 1
    assert answer.err.startswith("modelmonitor: ")
    assert answer.err.count("\n") == 1, answer.err
    for word in words:
        assert word in answer.err


def broken(count: int = 6_000) -> dict[str, Any]:
    live = rows(count)
    live["age"][count // 2 :] += 20
    return live


def test_without_a_window_there_are_5000_rows_and_it_says_so(command: Call) -> None:
    answer = command(rows(6_000))
    assert answer.status == 0
    assert "in 2 windows of 5,000 rows" in answer.out
    assert "windows are of 5,000 rows, since no --window said otherwise" in answer.out


@pytest.mark.parametrize("window", ["1000", "1000r"])
def test_rows_may_be_written_with_or_without_their_letter(command: Call, window: str) -> None:
    assert "in 6 windows of 1,000 rows" in command(rows(6_000), "--window", window).out


def test_the_label_and_unknown_columns_are_left_out_and_named(command: Call) -> None:
    live = rows(1_000) | {"outcome": np.ones(1_000), "note": np.array(["x"] * 1_000)}
    shown = command(live, "--window", "500").out
    assert "left out (not in the baseline): outcome, note" in shown
    document = json.loads(command(live, "--window", "500", "--json").out)
    assert document["leftOut"] == [
        {"column": "outcome", "why": "not in the baseline"},
        {"column": "note", "why": "not in the baseline"},
    ]
    assert {result["feature"] for result in document["results"]} == {"age", "colour", "prediction"}


def test_an_alarm_fails_the_run_only_where_that_was_asked(command: Call) -> None:
    assert command(broken(), "--window", "1000").status == 0
    assert command(broken(), "--window", "1000", "--fail-on-alarm").status == 1
    assert command(rows(6_000), "--window", "1000", "--fail-on-alarm").status == 0


def test_files_and_standard_output_hold_the_same_document(command: Call, tmp_path: Path) -> None:
    file = tmp_path / "out.json"
    printed = command(broken(), "--window", "1000", "--json").out
    assert "drift" in command(broken(), "--window", "1000", "--output", file).out
    assert file.read_text() == printed


def test_a_column_that_the_data_lack_is_named(command: Call) -> None:
    live = rows(1_000)
    del live["age"]
    refused(command(live), "live.csv: has no column 'age'", "ignore: true")


def test_a_prediction_that_the_data_lack_is_named(command: Call) -> None:
    live = rows(1_000)
    del live["prediction"]
    refused(command(live), "has no column 'prediction'", "--inputs-only")
    assert command(live, "--inputs-only", "--window", "500").status == 0


def test_a_feature_that_the_monitor_ignores_need_not_be_there(command: Call, monitor: Call) -> None:
    live = rows(1_000)
    del live["age"]
    file = monitor({"features": [{"name": "age", "ignore": True}]})
    answer = command(live, "--window", "500", "--monitor", file, "--json")
    assert answer.status == 0, answer.err
    assert {one["feature"] for one in json.loads(answer.out)["results"]} == {"colour", "prediction"}


def test_a_feature_that_is_ignored_and_there_is_left_out(command: Call, monitor: Call) -> None:
    file = monitor({"features": [{"name": "age", "ignore": True}]})
    shown = command(rows(1_000), "--window", "500", "--monitor", file).out
    assert "left out (ignored in the monitor): age" in shown


def test_a_column_that_the_baseline_ignores_is_left_out_with_its_why(
    call: Call, saved: Call, file: Call
) -> None:
    one = known()
    ignored = replace(one.columns[0], name="id", ignored=True, why="numbers the rows")
    baseline = saved(replace(one, columns=(*one.columns, ignored)))
    data = file(rows(600) | {"id": np.arange(600)})
    shown = call("backtest", "--baseline", baseline, "--data", data, "--window", "300").out
    assert "left out (ignored in the baseline: numbers the rows): id" in shown


def test_the_monitor_says_what_matters_what_is_allowed_and_how_loud(
    command: Call, monitor: Call
) -> None:
    live = rows(6_000)
    live["age"][3_000:] += 3
    file = monitor(
        {
            "features": [
                {"name": "age", "minimumEffect": "0.6", "range": {"maximum": "50"}},
                {"name": "colour", "allowedValues": ["red", "green"], "severity": "Page"},
            ]
        }
    )
    document = json.loads(command(live, "--window", "1000", "--monitor", file, "--json").out)
    assert {(one["kind"], one["feature"], one["severity"]) for one in document["alarms"]} == {
        ("range", "colour", "critical")
    }
    ages = [one for one in document["results"] if one["feature"] == "age"]
    assert {one["effectThreshold"] for one in ages} == {0.6}
    assert {share["kind"] for share in ages[0]["shares"]} == {"range"}


def test_rows_in_no_order_of_time_are_refused_by_row(command: Call) -> None:
    at = times(1_000, "2026-01-01", 60)
    at[400] = np.datetime64("2025-12-31")
    answer = command(rows(1_000) | {"at": at}, "--window", "1h", "--time", "at")
    refused(answer, "live.csv: column 'at': row 401 (2025-12-31T00:00:00Z) is earlier", "sort")


def test_two_files_in_the_wrong_order_are_refused(call: Call, saved: Call, file: Call) -> None:
    later = file(rows(300) | {"at": times(300, "2026-02-01", 60)}, "later.csv")
    sooner = file(rows(300) | {"at": times(300, "2026-01-01", 60)}, "sooner.csv")
    answer = call(
        "backtest", "--baseline", saved(), "--data", later, sooner, "--window", "1h", "--time", "at"
    )
    refused(answer, "sooner.csv: column 'at': row 1 (2026-01-01T00:00:00Z) is earlier")


def test_a_timestamp_that_cannot_be_read_is_named(command: Call) -> None:
    at = [str(one) for one in times(1_000, "2026-01-01", 60)]
    at[7] = "yesterday"
    answer = command(rows(1_000) | {"at": at}, "--window", "1h", "--time", "at")
    refused(answer, "column 'at': row 8 has 'yesterday', which is no time")


def test_a_time_that_no_calendar_has_is_named(command: Call) -> None:
    at = np.arange(1_000).astype("timedelta64[s]") + np.datetime64("2026-01-01", "s")
    at[-1] = np.datetime64("20260-01-01", "s")
    answer = command(
        rows(1_000) | {"at": at}, "--window", "1h", "--time", "at", name="live.parquet"
    )
    refused(answer, "column 'at': row 1000 has a time outside the years 1 to 9999")


def test_a_time_column_that_is_not_there_is_named(command: Call) -> None:
    refused(command(rows(1_000), "--time", "seen_at"), "--time seen_at: ", "has no such column")


def test_a_table_without_rows_is_refused(call: Call, saved: Call, csv: Call) -> None:
    data = csv("age,colour,prediction", name="empty.csv")
    refused(call("backtest", "--baseline", saved(), "--data", data), "empty.csv: has no rows")


def test_a_file_that_cannot_be_written_is_named(command: Call, tmp_path: Path) -> None:
    folder = tmp_path / "no" / "such"
    refused(command(rows(600), "--output", folder / "o.json"), "o.json: cannot be written")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--data", "a.csv"], "--baseline"),
        (["--baseline", "b.json"], "--data"),
        (["--baseline", "b.json", "--data", "a.csv", "--window", "24h"], "--time"),
        (["--baseline", "b.json", "--data", "a.csv", "--window", "soon"], "e.g. 5000r"),
        (["--baseline", "b.json", "--data", "a.csv", "--window", "0r"], "e.g. 5000r"),
        (["--baseline", "b.json", "--data", "a.csv", "--rows-per-month", "-3"], "rows"),
    ],
)
def test_wrong_usage_ends_with_2_and_one_line(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        main(["backtest", *arguments])
    assert end.value.code == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert words in said


def test_windows_that_are_too_short_for_a_verdict_are_told(command: Call) -> None:
    shown = command(rows(1_000), "--window", "100").out
    assert "no window has enough values for a verdict on 'age', 'colour', 'prediction'" in shown


def test_a_baseline_without_order_gives_provisional_alarms(
    call: Call, saved: Call, file: Call
) -> None:
    one = known()
    guess = replace(one, features=tuple(replace(f, rho={}) for f in one.features))
    arguments = ("--baseline", saved(guess), "--data", file(broken()), "--window", "1000")
    shown = call("backtest", *arguments).out
    assert "are provisional and would page nobody" in shown
    document = json.loads(call("backtest", *arguments, "--json").out)
    assert document["alarms"]
    assert all(one["provisional"] for one in document["alarms"])


def test_class_scores_make_the_score_that_the_baseline_has(
    call: Call, saved: Call, file: Call
) -> None:
    one = known()
    score = replace(one.features[2], name="score", role="score")
    baseline = saved(replace(one, features=(*one.features[:2], score)))
    live = rows(1_000)
    live = live | {"no": -live["prediction"], "yes": live["prediction"]}
    arguments = ("backtest", "--baseline", baseline, "--data", file(live), "--window", "500")
    refused(call(*arguments), "has no column 'score', the baseline's score", "--score")
    answer = call(*arguments, "--score", "no", "--score", "yes", "--json")
    scores = [one for one in json.loads(answer.out)["results"] if one["feature"] == "score"]
    assert {one["verdict"] for one in scores} == {"ok"}


def test_what_is_measured_of_texts_is_replayed(call: Call, build: Call, file: Call) -> None:
    reviews = [f"the {'very ' * (at % 9)}good soup number {at % 50} of all" for at in range(2_000)]
    baseline = build(
        file({"review": reviews}, "train.parquet"), "--time-ordered", "--kind", "review=text"
    ).file
    live = [*reviews[:1_000], *[one.replace("soup", "zuppa") for one in reviews]]
    answer = call(
        "backtest", "--baseline", baseline, "--data", file({"review": live}), "--window", "500",
        "--json",
    )  # fmt: skip
    document = json.loads(answer.out)
    assert {one["feature"] for one in document["results"]} == {
        "review", "review.words", "review.unknown",
    }  # fmt: skip
    kinds = {one["feature"]: one["kind"] for one in document["alarms"]}
    assert kinds["review.unknown"] == "range"  # no word of the training texts was unknown
    assert "review.words" not in kinds


def test_the_page_lists_every_flag(capsys: pytest.CaptureFixture[str]) -> None:
    page = Path(__file__).resolve().parents[3] / "docs" / "backtest.md"
    with pytest.raises(SystemExit):
        main(["backtest", "--help"])
    flags = set(re.findall(r"--[a-z-]+", capsys.readouterr().out)) - {"--help"}
    assert len(flags) > 10
    assert {flag for flag in flags if f"`{flag}" not in page.read_text()} == set()
