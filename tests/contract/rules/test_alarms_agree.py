"""From verdicts in a row to alarms, as loud as the resource has them."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from modelmonitor_api import recorded
from modelmonitor_api.baseline import Baseline
from modelmonitor_cli.testing_fleet import NAMESPACE, Pod, fleet, small, source, write_monitor
from modelmonitor_operator.render.rules.baseline_group import baseline_group
from modelmonitor_operator.render.rules.scope import Scope
from modelmonitor_operator.render.rules.window_group import window_group
from modelmonitor_operator.render.rules.windows import needed_windows
from modelmonitor_operator.testing_rules import Samples, value_of, values_of

SCOPE: Final = Scope(NAMESPACE, "churn")
CHAIN: Final = (baseline_group(SCOPE), window_group(SCOPE, needed_windows(("1m", "5m"))))
MODEL: Final = {
    "name": "churn",
    "features": [
        {"name": "age", "severity": "Page"},
        {"name": "colour", "severity": "Page", "minimumEffect": "0.3"},
    ],
}

Evaluated = Callable[..., Iterator[dict[int, Samples]]]


def of_colour_unordered() -> Baseline:
    """`colour` without an order of time."""
    age, colour = small().features
    return replace(small(), features=(age, replace(colour, rho={})))


@pytest.mark.promtool
def test_an_alarm_comes_with_the_last_of_the_windows_asked_for(
    tmp_path: Path, evaluated: Evaluated
) -> None:
    """Three windows; `colour` may not page, as its verdicts are provisional."""
    folder = write_monitor(
        tmp_path / "churn",
        of_colour_unordered(),
        models=[MODEL],
        windows=["5m"],
        verdict={"confirm": 3},
    )
    recording = fleet(folder, [Pod("a"), Pod("b", first=11)], 960, source(1, 1.0))
    loud = {"age": recorded.CRITICAL, "colour": recorded.WARNING}

    for samples in evaluated(CHAIN, recording, [690, 960]):
        assert values_of(samples[690], recorded.ALARM) == []
        for feature, severity in loud.items():
            one = {"feature": feature, "window": "5m", "test": recorded.DRIFT}
            assert value_of(samples[690], recorded.DRIFTING_WINDOWS, **one) == 2
            assert value_of(samples[960], recorded.DRIFTING_WINDOWS, **one) >= 3
            alarm = value_of(samples[960], recorded.ALARM, severity=severity, **one)
            assert alarm == value_of(samples[960], recorded.SCORE, **one)
            assert len(values_of(samples[960], recorded.ALARM, **one)) == 1
