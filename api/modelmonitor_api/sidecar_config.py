"""`config.json`: what the operator (or `modelmonitor run`) tells the sidecars.

The document is the monitor's `spec` plus what only the operator knows, so that one parser serves
the resource and the sidecars:

    {"formatVersion": 1, "monitor": "churn", "namespace": "team-a", "spec": {...},
     "baselines": [{"model": "churn", "version": null, "digest8": "a1b2c3d4",
                    "file": "baseline-a1b2c3d4.json.gz"}],
     "maxPayloadBytes": 1048576, "captureBudgetBytes": 16777216, "seriesBudget": 20000}

A sidecar of version N reads documents of N-1, N and N+1: unknown keys are ignored, missing ones
have defaults.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from modelmonitor_api.errors import DocumentError, NewerFormatError, SpecError
from modelmonitor_api.names import CONFIG_FILE
from modelmonitor_api.spec import ModelMonitor
from modelmonitor_api.spec_reading import parse_monitor

FORMAT_VERSION: Final = 1
MAX_PAYLOAD_BYTES: Final = 1 << 20
CAPTURE_BUDGET_BYTES: Final = 16 << 20
SERIES_BUDGET: Final = 20_000


@dataclass(frozen=True, slots=True)
class BaselineReference:
    """Which baseline file is for which model and version (None: every version)."""

    model: str
    version: str | None
    digest8: str
    file: str


@dataclass(frozen=True, slots=True)
class SidecarConfig:
    """What both sidecars are told; the proxy reads only this, never a baseline."""

    monitor: ModelMonitor
    baselines: tuple[BaselineReference, ...] = ()
    max_payload_bytes: int = MAX_PAYLOAD_BYTES
    capture_budget_bytes: int = CAPTURE_BUDGET_BYTES
    series_budget: int = SERIES_BUDGET
    window_rows: int | None = None


def render_config(config: SidecarConfig, spec: Mapping[str, Any]) -> str:
    """The document as JSON text; `spec` is the resource's own, unparsed."""
    document: dict[str, Any] = {
        "formatVersion": FORMAT_VERSION,
        "monitor": config.monitor.name,
        "namespace": config.monitor.namespace,
        "spec": spec,
        "baselines": [
            {"model": b.model, "version": b.version, "digest8": b.digest8, "file": b.file}
            for b in config.baselines
        ],
        "maxPayloadBytes": config.max_payload_bytes,
        "captureBudgetBytes": config.capture_budget_bytes,
        "seriesBudget": config.series_budget,
    }
    if config.window_rows is not None:
        document["windowRows"] = config.window_rows
    return json.dumps(document, indent=1, sort_keys=True) + "\n"


def parse_config(text: str | bytes, where: str = CONFIG_FILE) -> SidecarConfig:
    """Read the document; DocumentError or SpecError says what is wrong with it."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DocumentError(where, f"no JSON ({error})") from None
    if not isinstance(document, dict):
        raise DocumentError(where, "no JSON object")
    _check_version(document.get("formatVersion"), where)
    return _config(document, where)


def _check_version(version: object, where: str) -> None:
    if not isinstance(version, int) or version < 1:
        raise DocumentError(where, "formatVersion is missing; it is a whole number from 1")
    if version > FORMAT_VERSION + 1:
        raise NewerFormatError(
            where,
            f"formatVersion {version} is newer than this sidecar reads, "
            f"which is {FORMAT_VERSION + 1}; upgrade the sidecar",
        )


def _config(document: Mapping[str, Any], where: str) -> SidecarConfig:
    metadata = {"name": document.get("monitor"), "namespace": document.get("namespace")}
    try:
        monitor = parse_monitor(
            {"metadata": metadata, "spec": document.get("spec", {})}, strict=False
        )
    except SpecError as error:
        raise DocumentError(where, str(error)) from None
    return SidecarConfig(
        monitor=monitor,
        baselines=_references(document.get("baselines", []), where),
        max_payload_bytes=_count(document, "maxPayloadBytes", MAX_PAYLOAD_BYTES, where),
        capture_budget_bytes=_count(document, "captureBudgetBytes", CAPTURE_BUDGET_BYTES, where),
        series_budget=_count(document, "seriesBudget", SERIES_BUDGET, where),
        window_rows=_count(document, "windowRows", 0, where) or None,
    )


def _references(entries: object, where: str) -> tuple[BaselineReference, ...]:
    if not isinstance(entries, list):
        raise DocumentError(where, f"baselines is {entries!r}; it must be a list")
    return tuple(_reference(entry, where) for entry in entries)


def _reference(entry: object, where: str) -> BaselineReference:
    if not isinstance(entry, dict):
        raise DocumentError(where, "baselines holds something that is no object")
    try:
        return BaselineReference(
            str(entry["model"]), entry.get("version"), str(entry["digest8"]), str(entry["file"])
        )
    except KeyError as error:
        raise DocumentError(where, f"an entry of baselines has no {error.args[0]}") from None


def _count(document: Mapping[str, Any], key: str, default: int, where: str) -> int:
    value = document.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise DocumentError(where, f"{key} is {value!r}; it must be a whole number, 0 or more")
    return value
