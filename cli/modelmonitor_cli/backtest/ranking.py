"""Which features to look at first."""

from modelmonitor_cli.backtest.results import Backtest


def ranked(found: Backtest) -> list[int]:
    """Places of the features: those that alarmed in the order of their onsets, then by effect."""
    place = {id(feature): at for at, feature in enumerate(found.features)}
    onsets: dict[int, int] = {}
    for alarm in found.alarms:
        at = place[id(alarm.feature)]
        onsets[at] = min(alarm.onset_row, onsets.get(at, alarm.onset_row))
    return sorted(
        range(len(found.features)),
        key=lambda at: (onsets.get(at, found.rows), -_effect(found, at)),
    )


def _effect(found: Backtest, at: int) -> float:
    moved = found.moved.get(at)
    return 0.0 if moved is None else moved.result.largest_effect
