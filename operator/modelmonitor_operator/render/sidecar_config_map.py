"""What the sidecars of one monitor are told: their configuration and the baselines in use."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from modelmonitor_api.baseline import Baseline, digest, to_gzip
from modelmonitor_api.names import CONFIG_FILE, baseline_file
from modelmonitor_api.sidecar_config import BaselineReference, SidecarConfig, render_config
from modelmonitor_api.spec import ModelMonitor
from modelmonitor_operator.render.manifest import Manifest, manifest, object_name
from modelmonitor_operator.render.settings import RenderSettings

MAX_BYTES: Final = 900 << 10
"""A ConfigMap holds one MiB."""
_DIGITS: Final = 8


@dataclass(frozen=True, slots=True)
class UsedBaseline:
    """A baseline, and the model and version (None: every one) that it is for."""

    model: str
    version: str | None
    baseline: Baseline


@dataclass(frozen=True, slots=True)
class SidecarConfigMap:
    """The manifest, and the baselines for which there was no room."""

    manifest: Manifest
    left_out: tuple[UsedBaseline, ...] = ()


def sidecar_config_map(
    monitor: ModelMonitor,
    spec: Mapping[str, Any],
    baselines: Sequence[UsedBaseline],
    settings: RenderSettings,
) -> SidecarConfigMap:
    """The newest baselines that fit stay; `spec` is the resource's own, as it was written."""
    kept, left_out = _fitting(baselines)
    config = SidecarConfig(
        monitor,
        tuple(_reference(one) for one in kept),
        series_budget=settings.series_budget,
    )
    packed = {_file(one): base64.b64encode(to_gzip(one.baseline)).decode("ascii") for one in kept}
    return SidecarConfigMap(
        {
            **manifest("v1", "ConfigMap", object_name(monitor), monitor, {}),
            "data": {CONFIG_FILE: render_config(config, spec)},
            **({"binaryData": packed} if packed else {}),
        },
        tuple(left_out),
    )


def without_room(baselines: Sequence[UsedBaseline]) -> tuple[UsedBaseline, ...]:
    """Those that would be left out; it takes as long as to pack them all."""
    return tuple(_fitting(baselines)[1])


def _fitting(
    baselines: Sequence[UsedBaseline],
) -> tuple[list[UsedBaseline], list[UsedBaseline]]:
    """The newest first, those without a time last."""
    room, kept, left_out = MAX_BYTES, [], []
    for one in sorted(baselines, key=lambda one: one.baseline.created_at or "", reverse=True):
        size_bytes = len(to_gzip(one.baseline)) * 4 // 3
        if size_bytes <= room:
            room -= size_bytes
            kept.append(one)
        else:
            left_out.append(one)
    return kept, left_out


def _file(one: UsedBaseline) -> str:
    return baseline_file(digest(one.baseline)[:_DIGITS])


def _reference(one: UsedBaseline) -> BaselineReference:
    digest8 = digest(one.baseline)[:_DIGITS]
    return BaselineReference(one.model, one.version, digest8, _file(one))
