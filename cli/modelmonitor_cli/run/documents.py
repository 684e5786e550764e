"""What the sidecars are told, as files: `config.json` and the baselines in use.

It writes the folder that the operator's ConfigMap would be; it starts nothing.
"""

import gzip
import json
from collections.abc import Sequence
from pathlib import Path

from modelmonitor_api.baseline import digest, to_document
from modelmonitor_api.errors import InputError
from modelmonitor_api.names import CONFIG_FILE, baseline_file
from modelmonitor_api.sidecar_config import BaselineReference, SidecarConfig, render_config
from modelmonitor_api.spec import ModelMonitor
from modelmonitor_cli.documents import MonitorDocument, NamedBaseline, model_of

DIGITS = 8


def write_folder(
    folder: Path,
    document: MonitorDocument,
    baselines: Sequence[NamedBaseline],
    window_rows: int | None,
) -> None:
    """Put `config.json` and the baselines in use into `folder`."""
    references = tuple(_reference(one, document.monitor) for one in baselines)
    _check_unique(references, baselines)
    for one, reference in zip(baselines, references, strict=True):
        text = json.dumps(to_document(one.baseline), allow_nan=False)
        (folder / reference.file).write_bytes(gzip.compress(text.encode()))
    config = SidecarConfig(document.monitor, references, window_rows=window_rows)
    (folder / CONFIG_FILE).write_text(render_config(config, document.spec), encoding="utf-8")


def _reference(one: NamedBaseline, monitor: ModelMonitor) -> BaselineReference:
    digest8 = digest(one.baseline)[:DIGITS]
    return BaselineReference(model_of(one, monitor), one.version, digest8, baseline_file(digest8))


def _check_unique(
    references: Sequence[BaselineReference], baselines: Sequence[NamedBaseline]
) -> None:
    seen: dict[tuple[str, str | None], Path] = {}
    for one, reference in zip(baselines, references, strict=True):
        key = (reference.model, reference.version)
        if key in seen:
            version = f" version {reference.version}" if reference.version else ""
            raise InputError(
                f"--baseline {one.file}",
                f"is for model {reference.model}{version}, as is {seen[key]}; "
                "write --baseline MODEL@VERSION=FILE to tell versions apart",
            )
        seen[key] = one.file
