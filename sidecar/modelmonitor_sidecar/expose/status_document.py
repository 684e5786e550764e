"""`/api/status`: the status as a JSON document (`docs/status-api.md`).

Numbers that JSON cannot hold (NaN, infinities) become null.  Times are RFC 3339 in UTC.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from math import isfinite
from typing import Any, Final

from modelmonitor_sidecar.expose.status import (
    Cell,
    FeatureStatus,
    Flow,
    Judgement,
    ModelStatus,
    Moments,
    PayloadStatus,
    Share,
    Status,
    WindowStatus,
)

FORMAT_VERSION: Final = 1


def status_document(status: Status) -> dict[str, Any]:
    """The whole document."""
    return {
        "formatVersion": FORMAT_VERSION,
        "monitor": status.monitor,
        "namespace": status.namespace,
        "release": status.release,
        "now": moment(status.now),
        "started": moment(status.started),
        "restarts": status.restarts,
        "proxies": status.proxies,
        "configuration": {"state": status.configuration, "problems": list(status.problems)},
        "series": {
            "exposed": status.series,
            "budget": status.series_budget,
            "dropped": status.series_dropped,
        },
        "windows": list(status.windows),
        "flow": _flow(status.flow),
        "payloads": [_payloads(one) for one in status.payloads],
        "models": [_model(one) for one in status.models],
    }


def moment(seconds: float | None) -> str | None:
    """Seconds since the epoch as RFC 3339 in UTC, whole seconds.

    >>> moment(0.0)
    '1970-01-01T00:00:00Z'
    """
    if seconds is None:
        return None
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _flow(flow: Flow) -> dict[str, Any]:
    return {
        "stepSeconds": flow.step_seconds,
        "payloads": list(flow.payloads),
        "rows": list(flow.rows),
    }


def _payloads(one: PayloadStatus) -> dict[str, Any]:
    return {
        "model": one.model,
        "decoded": one.decoded,
        "undecodable": dict(one.undecodable),
        "skipped": dict(one.skipped),
    }


def _model(one: ModelStatus) -> dict[str, Any]:
    return {
        "model": one.model,
        "version": one.version,
        "baseline": one.baseline,
        "baselineRows": one.baseline_rows,
        "rows": one.rows,
        "rowsInvalid": dict(one.rows_invalid),
        "rowsWithoutPrediction": one.rows_without_prediction,
        "lastRow": moment(one.last_row),
        "featuresDropped": one.features_dropped,
        "windows": [_window(window) for window in one.windows],
    }


def _window(window: WindowStatus) -> dict[str, Any]:
    return {
        "window": window.window,
        "rows": window.rows,
        **_reach("start", window.start, window),
        **_reach("end", window.end, window),
        "verdict": window.verdict,
        "features": [_feature(feature, window) for feature in window.features],
    }


def _reach(key: str, at: float | None, window: WindowStatus) -> dict[str, Any]:
    """A place in a window: a time, or for windows of rows a row, as `startRow`."""
    if window.by_rows:
        return {f"{key}Row": None if at is None else int(at)}
    return {key: moment(at)}


def _feature(feature: FeatureStatus, window: WindowStatus) -> dict[str, Any]:
    judged = feature.judgement
    return {
        "feature": feature.feature,
        "role": feature.role,
        "kind": feature.kind,
        "rows": feature.rows,
        "values": feature.values,
        "judgement": None if judged is None else _judgement(judged, window),
        "shares": {share.name: _share(share) for share in feature.shares},
        "cells": [_cell(cell) for cell in feature.cells],
        "moments": _moments(feature.moments),
        "baselineMoments": _moments(feature.baseline_moments),
        "quantiles": _finite(feature.quantiles),
    }


def _judgement(one: Judgement, window: WindowStatus) -> dict[str, Any]:
    return {
        "verdict": one.verdict,
        "effect": _number(one.effect),
        "effectMeasure": one.effect_measure,
        "effectThreshold": one.effect_threshold,
        "z": _number(one.z),
        "zThreshold": one.z_threshold,
        "neededRows": one.needed_rows,
        "provisional": one.provisional,
        "confirmed": one.confirmed,
        **_reach("since", one.since, window),
        **_finite(one.distances),
    }


def _share(share: Share) -> dict[str, Any]:
    return {
        "rows": share.rows,
        "share": share.share,
        "baselineShare": share.baseline_share,
        "verdict": share.verdict,
    }


def _cell(cell: Cell) -> dict[str, Any]:
    document: dict[str, Any] = {
        "label": cell.label,
        "rows": cell.live_rows,
        "baselineRows": cell.baseline_rows,
    }
    if cell.upper is not None:
        document["upper"] = cell.upper
    return document


def _moments(moments: Moments | None) -> dict[str, Any] | None:
    if moments is None:
        return None
    return {
        "mean": _number(moments.mean),
        "standardDeviation": _number(moments.standard_deviation),
        "minimum": _number(moments.minimum),
        "maximum": _number(moments.maximum),
    }


def _finite(values: Mapping[str, float | int | None]) -> dict[str, float | int | None]:
    return {name: _number(value) for name, value in values.items()}


def _number(value: float | None) -> float | None:
    return value if value is not None and isfinite(value) else None
