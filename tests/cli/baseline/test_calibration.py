"""How often the model was right, by predicted class and score."""

from collections.abc import Callable
from typing import Any

import pytest

from modelmonitor_api.baseline import CalibrationBin

Call = Callable[..., Any]


def test_hits_by_class_and_score_by_hand(build: Call, csv: Call) -> None:
    lines = ["yes,0.90,yes", "yes,0.90,no", "yes,0.88,yes", "no,0.05,no", "no,0.06,yes"] * 30
    path = csv("answer,score,truth,x", *(f"{line},{i % 3}" for i, line in enumerate(lines)))

    built = build(path, "--prediction", "answer", "--score", "score", "--label", "truth")

    assert built.baseline.calibration == (
        CalibrationBin("no", 0.05, 30, 30),  # right-closed: 0.05 is the first bin's
        CalibrationBin("no", 0.1, 30, 0),
        CalibrationBin("yes", 0.9, 90, 60),
    )


def test_one_and_one_point_zero_are_one_class(build: Call, csv: Call) -> None:
    lines = [f"{i % 2},{i % 2}.0,0.{i % 10},{i % 3}" for i in range(200)]
    path = csv("answer,truth,score,x", *lines)

    built = build(path, "--prediction", "answer", "--score", "score", "--label", "truth")

    assert {one.predicted for one in built.baseline.calibration} == {"0", "1"}
    assert all(one.correct == one.rows for one in built.baseline.calibration)


def test_rows_without_a_label_tell_nothing(build: Call, csv: Call) -> None:
    lines = [f"a,{'a' if i % 4 else ''},0.5,{i % 3}" for i in range(200)]
    path = csv("answer,truth,score,x", *lines)

    built = build(path, "--prediction", "answer", "--score", "score", "--label", "truth")

    assert sum(one.rows for one in built.baseline.calibration) == 150


def test_scores_beyond_0_and_1_get_bins_of_equal_mass(build: Call, csv: Call) -> None:
    lines = [f"a,a,{i / 10 - 50},{i % 3}" for i in range(2_000)]
    path = csv("answer,truth,score,x", *lines)

    table = build(path, "--prediction", "answer", "--score", "score", "--label", "truth").baseline

    assert [one.rows for one in table.calibration] == [100] * 20
    assert table.calibration[-1].edge == pytest.approx(149.9)


def test_a_label_without_classes_is_said_to_be_unused(build: Call, csv: Call) -> None:
    lines = [f"{i / 7},{i / 7},{i % 3}" for i in range(200)]
    path = csv("answer,truth,x", *lines)

    built = build(path, "--prediction", "answer", "--label", "truth")

    assert built.baseline.calibration == ()
    assert "the label 'truth' is not used" in built.err


def test_too_many_classes_have_no_table(build: Call, csv: Call) -> None:
    lines = [f"c{i % 40},c{i % 40},0.5,{i % 3}" for i in range(4_000)]
    path = csv("answer,truth,score,x", *lines)

    built = build(path, "--prediction", "answer", "--score", "score", "--label", "truth")

    assert built.baseline.calibration == ()
    assert "at most 25 classes" in built.err
