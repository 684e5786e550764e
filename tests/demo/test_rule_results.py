from datetime import UTC, datetime
from typing import Any

from demo.rule_results import Judgement, read_firing, read_judged

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def sample(name: str, value: str, **labels: str) -> dict[str, Any]:
    return {"metric": {"__name__": f"modelmonitor:{name}", **labels}, "value": [1.0, value]}


def alert(state: str) -> dict[str, Any]:
    return {
        "labels": {
            "alertname": "ModelMonitorFeatureDrift",
            "feature": "age",
            "severity": "warning",
        },
        "annotations": {"summary": "age of deadlift has drifted"},
        "state": state,
        "activeAt": "2026-03-01T12:30:15.123456789Z",
        "value": "1.35e+00",
    }


def test_the_series_of_a_feature_become_its_judgement() -> None:
    judged = read_judged(
        [
            sample("rows", "7612", feature="age"),
            sample("verdict", "1", feature="age"),
            sample("score", "0.91", feature="age"),
            sample("threshold", "0.1", feature="age"),
            sample("drifting_windows", "2", feature="age"),
        ],
        AT,
    )

    assert judged.features == (Judgement("age", 7612, 1, 0.91, 0.1, 2),)
    assert not judged.waiting


def test_a_feature_that_does_not_drift_has_no_drifting_windows() -> None:
    (one,) = read_judged([sample("verdict", "0", feature="age")], AT).features

    assert one.drifting_windows == 0


def test_a_threshold_alone_is_no_judgement() -> None:
    assert read_judged([sample("threshold", "0.1", feature="age")], AT).features == ()


def test_during_a_rollout_alarms_wait() -> None:
    judged = read_judged([sample("rollout", "8"), sample("verdict", "0", feature="age")], AT)

    assert judged.waiting
    assert [one.feature for one in judged.features] == ["age"]


def test_an_alert_that_fires_is_read_with_its_evidence() -> None:
    (one,) = read_firing([alert("firing")])

    assert (one.name, one.feature, one.value) == ("ModelMonitorFeatureDrift", "age", 1.35)
    assert one.labels == {"feature": "age", "severity": "warning"}
    assert one.annotations["summary"] == "age of deadlift has drifted"
    assert one.since == datetime(2026, 3, 1, 12, 30, 15, 123456, UTC)


def test_a_pending_alert_does_not_fire() -> None:
    assert list(read_firing([alert("pending")])) == []
