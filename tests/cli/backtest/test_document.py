"""The document has its published form, and its numbers are those of the verdicts."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from modelmonitor_cli.backtest.document import to_document, to_json
from modelmonitor_cli.backtest.results import Backtest
from modelmonitor_cli.testing_backtest import rows, times
from modelmonitor_sidecar.stats.discoveries import adjusted, p_value

Found = Callable[..., Backtest]
ROOT = Path(__file__).resolve().parents[3]
SCHEMA = json.loads((ROOT / "docs" / "schema" / "backtest.schema.json").read_text())
RESULT_KEYS = {
    "window", "length", "model", "feature", "role", "verdict", "effect", "effectMeasure",
    "effectThreshold", "z", "zThreshold", "n", "psi", "psiExpected", "ks", "js", "hellinger",
    "wasserstein", "chi2", "df", "phi",
}  # fmt: skip
ALARM_KEYS = {"kind", "feature", "window", "row", "onsetRow", "score", "threshold"}
WINDOW_KEYS = {"index", "length", "startRow", "endRow", "start", "end", "rows"}


def everything(count: int) -> dict[str, Any]:
    live = rows(count) | {"at": times(count, "2026-01-01", 60), "<extra>": np.arange(count)}
    live["age"][count // 2 :] += 10
    live["age"][::9] = np.nan
    live["colour"][count // 2 :: 3] = "mauve"
    return live


@pytest.fixture(params=["500r", "24h", "100r"])
def replay(found: Found, request: pytest.FixtureRequest) -> Backtest:
    return found(everything(17_000), window=request.param, time="at")


def test_it_has_its_published_form(replay: Backtest) -> None:
    validator = Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER)
    document = json.loads(to_json(replay))
    assert document == to_document(replay)
    assert [error.message for error in validator.iter_errors(document)] == []


def test_the_form_refuses_what_is_not_in_it(replay: Backtest) -> None:
    document = to_document(replay)
    document["results"][0]["sure"] = True
    assert not Draft202012Validator(SCHEMA).is_valid(document)


def test_windows_results_and_alarms_have_the_agreed_keys(replay: Backtest) -> None:
    document = to_document(replay)
    assert document["windows"][0].keys() == WINDOW_KEYS
    assert document["results"][0].keys() >= RESULT_KEYS
    assert document["alarms"]
    assert document["alarms"][0].keys() >= ALARM_KEYS


def test_every_feature_has_a_result_in_every_window(replay: Backtest) -> None:
    document = to_document(replay)
    pairs = [(one["window"], one["feature"]) for one in document["results"]]
    assert pairs == [
        (window["index"], name)
        for window in document["windows"]
        for name in ("age", "colour", "prediction")
    ]


def test_what_does_not_apply_is_null(found: Found) -> None:
    live = rows(1_000)
    live["age"][:] = np.nan
    age, colour, _ = to_document(found(live, window="1000r"))["results"]
    assert age["verdict"] == "insufficient"
    assert {age[key] for key in ("effect", "z", "psi", "ks", "chi2", "df", "phi")} == {None}
    assert colour["ks"] is None
    assert colour["wasserstein"] is None
    assert colour["weekAgo"] is None


def test_p_values_are_adjusted_over_the_features_of_a_window(found: Found) -> None:
    results = to_document(found(rows(3_000), window="3000r"))["results"]
    expected = adjusted([p_value(one["z"]) for one in results]).tolist()
    assert [one["adjustedP"] for one in results] == expected


def test_a_day_is_also_held_against_the_day_a_week_before(found: Found) -> None:
    count = 9 * 300
    live = rows(count) | {"at": times(count, "2026-01-01", 288)}
    live["age"][300:] += 10  # from the second day on: healthy beside last week, not the baseline
    days = [
        one
        for one in to_document(found(live, window="24h", time="at"))["results"]
        if one["feature"] == "age"
    ]
    assert [one["weekAgo"] is None for one in days] == [True] * 7 + [False] * 2
    assert [one["verdict"] for one in days[7:]] == ["drift", "drift"]
    assert [one["weekAgo"]["verdict"] for one in days[7:]] == ["drift", "ok"]


def test_the_page_explains_every_field() -> None:
    page = (ROOT / "docs" / "backtest.md").read_text()
    parts = (SCHEMA, *(SCHEMA["$defs"][one] for one in ("summary", "alarm", "window", "result")))
    names = {name for part in parts for name in part["properties"]} | RESULT_KEYS
    assert {name for name in names if f"`{name}" not in page} == set()
