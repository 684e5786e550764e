"""What a user should know of a replay besides its findings, a sentence each."""

from collections.abc import Iterator

from modelmonitor_api.baseline import DEFAULT_RHO
from modelmonitor_cli.backtest.options import DEFAULT_WINDOW, BacktestOptions
from modelmonitor_cli.backtest.replay import Replay
from modelmonitor_cli.backtest.subject import Subject
from modelmonitor_cli.baseline.tables import listed
from modelmonitor_sidecar.expose.figures import window_name
from modelmonitor_sidecar.stats.change import change_is_provisional


def notes_of(options: BacktestOptions, subject: Subject, replay: Replay) -> tuple[str, ...]:
    """All that there is to say."""
    return (*_window(options), *_unknown(subject), *_too_few(replay), *_provisional(replay))


def _window(options: BacktestOptions) -> Iterator[str]:
    if options.window is None:
        yield f"windows are of {window_name(DEFAULT_WINDOW)}, since no --window said otherwise"


def _unknown(subject: Subject) -> Iterator[str]:
    """Features that the monitor speaks of and the baseline does not know."""
    known = {feature.name for feature in subject.baseline.inputs}
    names = [one.name for one in subject.model.features if not one.ignore and one.name not in known]
    if names:
        yield (
            f"the monitor names {listed(names)}, which the baseline does not have, so nothing is "
            "judged there; mend the name, or build the baseline with that column"
        )


def _too_few(replay: Replay) -> Iterator[str]:
    """Features that no window had enough rows for."""
    count = len(replay.features)
    names = [
        feature.name
        for at, feature in enumerate(replay.features)
        if all(one.verdict.verdict == "insufficient" for one in replay.results[at::count])
    ]
    if names:
        yield (
            f"no window has enough values for a verdict on {listed(names)}; "
            "take longer windows or more rows"
        )


def _provisional(replay: Replay) -> Iterator[str]:
    names = [one.name for one in replay.features if one.reference.feature.provisional]
    if names:
        yield (
            f"verdicts on {listed(names)} are provisional and would page nobody: the baseline "
            f"knows no order of time, so rho = {DEFAULT_RHO} is assumed"
        )
    others = [
        one.name
        for one in replay.features
        if change_is_provisional(one.reference.feature) and not one.reference.feature.provisional
    ]
    if others:
        yield (
            f"changes of {listed(others)} are provisional: the baseline was not replayed in order "
            "of time; build it again with --time or --time-ordered"
        )
