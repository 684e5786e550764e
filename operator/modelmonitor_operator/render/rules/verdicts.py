"""From effect, evidence and rows to a verdict, and from verdicts in a row to an alarm.

Series of one test bear equal labels throughout, so that they are compared as they are.  Thresholds,
confirmations and severities are series that the sidecars expose; none stands in a rule.
"""

from typing import Final

from modelmonitor_api import names, recorded
from modelmonitor_operator.render.promql import (
    Differs,
    Expression,
    Like,
    call,
    count_by,
    each,
    each_but,
    either,
)
from modelmonitor_operator.render.rules.baseline_series import model_setting, setting, severity
from modelmonitor_operator.render.rules.scope import MODEL, OF_SHARES, Scope
from modelmonitor_operator.render.rules.windows import ALL_WINDOWS, Window

SHARE_NEEDED_ROWS: Final = 200
"""Of the tests of shares; those of drift need what the feature's number of bins asks for."""
_REFERRED: Final = Like(f"{recorded.DRIFT}|{recorded.WEEK}")
LOUDNESS: Final = (recorded.L_TEST, names.L_WINDOW, recorded.L_SEVERITY, names.L_SETTING)
"""Labels that a feature's severity and its alarms do not share."""
_TESTS: Final = Differs(recorded.WEEK)
_SHORT: Final = Like("|".join(window.name for window in ALL_WINDOWS if window.confirmed))
_LONG: Final = Like("|".join(window.name for window in ALL_WINDOWS if not window.confirmed))


def verdicts(scope: Scope) -> Expression:
    """1 drift, 0 ok, -1 not enough rows, or no threshold to hold them against."""
    drift_effect = scope.select(recorded.THRESHOLD, test=recorded.DRIFT)
    least_effect = each_but(drift_effect, [recorded.L_TEST])
    least_evidence = scope.select(recorded.EVIDENCE_THRESHOLD)
    of_baseline = [names.L_FEATURE, recorded.L_TEST]
    enough = _enough(scope).also_but(least_evidence, of_baseline)
    effect = scope.select(recorded.SCORE) > least_effect
    evidence = scope.select(recorded.EVIDENCE) > each_but(least_evidence, of_baseline)
    drift = effect.also(evidence).also(enough)
    return either(drift * 0 + 1, enough * 0, scope.select(recorded.ROWS) * 0 - 1)


def drifting_windows(scope: Scope, windows: tuple[Window, ...]) -> Expression:
    """One more than a window's length ago; this series reads its own past."""
    drift = scope.select(recorded.VERDICT).equals(1)
    before = (
        scope.select(recorded.DRIFTING_WINDOWS, window=window.name).offset(window.name)
        for window in windows
    )
    return drift + either(*before, drift * 0)


def rollouts(scope: Scope, windows: tuple[Window, ...]) -> Expression:
    """By model and window: how many of its features, versions and baselines are younger than it."""
    return either(*(_rollout(scope, window) for window in windows))


def _rollout(scope: Scope, window: Window) -> Expression:
    rows = scope.select(recorded.ROWS, window=window.name, test=recorded.DRIFT)
    before = call("last_over_time", rows.over(window.look, offset=window.name))
    return count_by((*MODEL, names.L_WINDOW), rows.without(before))


def alarms(scope: Scope) -> Expression:
    """The score of what has drifted for long enough; `severity` as the resource has it."""
    several = scope.select(recorded.DRIFTING_WINDOWS, window=_SHORT, test=_TESTS)
    once = scope.select(recorded.DRIFTING_WINDOWS, window=_LONG, test=_TESTS)
    enough = either(several >= each(model_setting(scope, "confirm"), MODEL), once)
    alarm = scope.select(recorded.SCORE).also(enough)
    waiting = alarm.without(scope.select(recorded.ROLLOUT), on=(*MODEL, names.L_WINDOW))
    return waiting * each_but(severity(scope, "page"), LOUDNESS, [recorded.L_SEVERITY])


def _enough(scope: Scope) -> Expression:
    distributions = scope.select(recorded.ROWS, test=_REFERRED)
    shares = scope.select(recorded.ROWS, test=OF_SHARES)
    needed = each_but(
        setting(scope, "minimum_rows"), [recorded.L_TEST, names.L_WINDOW, names.L_SETTING]
    )
    return either(distributions >= needed, shares >= SHARE_NEEDED_ROWS)
