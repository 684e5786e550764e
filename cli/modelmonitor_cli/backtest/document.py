"""The findings as JSON (`docs/backtest.md`, `docs/schema/backtest.schema.json`)."""

import json
from typing import Any, Final

from modelmonitor_api.recorded import CRITICAL, WARNING
from modelmonitor_cli.backtest.order import instant
from modelmonitor_cli.backtest.results import Alarm, Backtest, Result, Window
from modelmonitor_cli.backtest.summary import summary_of
from modelmonitor_sidecar.stats.shares import ShareVerdict
from modelmonitor_sidecar.stats.verdict import Verdict

FORMAT_VERSION: Final = 1


def to_json(found: Backtest) -> str:
    """The document as text, the same for the same findings; one entry of a list a line."""
    parts = [f"{_compact(key)}: {_lines(value)}" for key, value in to_document(found).items()]
    return "{\n " + ",\n ".join(parts) + "\n}\n"


def to_document(found: Backtest) -> dict[str, Any]:
    """The document."""
    summary = summary_of(found)
    return {
        "formatVersion": FORMAT_VERSION,
        "model": found.model,
        "version": found.version,
        "baseline": found.digest8,
        "rows": found.rows,
        "summary": {
            "alarms": len(found.alarms),
            "expectedByChance": summary.expected,
            "days": summary.days,
            "falseAlarmsPerMonth": found.false_alarms_per_month,
            "rowsPerMonth": found.rows_per_month,
            "sentence": summary.sentence,
        },
        "notes": list(found.notes),
        "leftOut": [{"column": one.column, "why": one.why} for one in found.left_out],
        "alarms": [_alarm(alarm) for alarm in found.alarms],
        "windows": [_window(window) for window in found.windows],
        "results": [_result(result, found) for result in found.results],
    }


def _window(window: Window) -> dict[str, Any]:
    return {
        "index": window.index,
        "length": window.length,
        "startRow": window.start_row,
        "endRow": window.end_row,
        "start": _instant(window.start),
        "end": _instant(window.end),
        "rows": window.rows,
    }


def _result(result: Result, found: Backtest) -> dict[str, Any]:
    verdict, feature = result.verdict, result.feature
    return {
        "window": result.window,
        "length": found.length,
        "model": found.model,
        "feature": feature.name,
        "role": feature.role,
        **_evidence(verdict),
        "psi": verdict.psi,
        "psiExpected": verdict.psi_expected,
        "ks": verdict.ks,
        "js": verdict.js,
        "hellinger": verdict.hellinger,
        "wasserstein": verdict.wasserstein,
        "chi2": verdict.chi2,
        "df": verdict.df,
        "phi": verdict.phi,
        "adjustedP": result.adjusted_p,
        "provisional": verdict.provisional,
        "shares": [_share(share, result) for share in result.shares if _is_told(share)],
        "weekAgo": None if result.week_ago is None else _evidence(result.week_ago),
    }


def _evidence(verdict: Verdict) -> dict[str, Any]:
    return {
        "verdict": verdict.verdict,
        "effect": verdict.effect,
        "effectMeasure": verdict.effect_measure,
        "effectThreshold": verdict.effect_threshold,
        "z": verdict.z,
        "zThreshold": verdict.z_threshold,
        "n": verdict.n,
    }


def _is_told(share: ShareVerdict) -> bool:
    """Nothing is said of what is not there and never was."""
    return bool(share.share or share.baseline_share)


def _share(share: ShareVerdict, result: Result) -> dict[str, Any]:
    return {
        "kind": share.kind,
        "verdict": share.verdict,
        "rows": result.share_rows(share.kind),
        "share": share.share,
        "baselineShare": share.baseline_share,
        "effect": share.effect,
        "z": share.z,
    }


def _alarm(alarm: Alarm) -> dict[str, Any]:
    return {
        "kind": alarm.kind,
        "feature": alarm.feature.name,
        "role": alarm.feature.role,
        "window": alarm.window,
        "row": alarm.row,
        "onsetRow": alarm.onset_row,
        "time": _instant(alarm.time),
        "onset": _instant(alarm.onset_time),
        "score": alarm.score,
        "threshold": alarm.threshold,
        "effect": alarm.effect,
        "effectMeasure": alarm.effect_measure,
        "severity": CRITICAL if alarm.pages else WARNING,
        "provisional": alarm.provisional,
    }


def _instant(microseconds: int | None) -> str | None:
    return None if microseconds is None else instant(microseconds)


def _lines(value: object) -> str:
    if not isinstance(value, list) or not value:
        return _compact(value)
    return "[\n  " + ",\n  ".join(map(_compact, value)) + "\n ]"


def _compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
