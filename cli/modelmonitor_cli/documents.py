"""What users hand to commands: the monitor, and the baselines of its models.

It refuses to know what a command does with them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from modelmonitor_api.baseline import Baseline
from modelmonitor_api.baseline_reading import read_baseline
from modelmonitor_api.errors import InputError
from modelmonitor_api.names import API_VERSION, KIND
from modelmonitor_api.spec import ModelMonitor
from modelmonitor_api.spec_reading import parse_monitor


@dataclass(frozen=True, slots=True)
class MonitorDocument:
    """The resource as it was written and as it was understood."""

    spec: Mapping[str, Any]
    monitor: ModelMonitor


@dataclass(frozen=True, slots=True)
class NamedBaseline:
    """One `--baseline`: the model and version that were written (None: not), and the document."""

    model: str | None
    version: str | None
    file: Path
    baseline: Baseline


def read_monitor(file: Path) -> MonitorDocument:
    """The one ModelMonitor in a YAML file; InputError names the file, the field and the mend."""
    try:
        documents = [one for one in yaml.safe_load_all(read_file(file)) if one is not None]
    except yaml.YAMLError as error:
        raise InputError(str(file), f"is no YAML ({yaml_fault(error)}); mend that line") from None
    monitors = [one for one in documents if isinstance(one, dict) and one.get("kind") == KIND]
    if len(monitors) != 1:
        raise InputError(
            str(file),
            f"holds {len(monitors)} resources of kind {KIND}; it must hold exactly one "
            f"(apiVersion: {API_VERSION}, kind: {KIND})",
        )
    try:
        monitor = parse_monitor(monitors[0])
    except InputError as error:
        raise InputError(f"{file}: {error.where}", error.problem) from None
    return MonitorDocument(monitors[0].get("spec") or {}, monitor)


def implied_monitor(baselines: Sequence[NamedBaseline]) -> MonitorDocument:
    """The smallest monitor: one model, named as the baselines name it, on all inference paths."""
    names = {one.model or one.baseline.model for one in baselines}
    if len(names) > 1:
        raise InputError(
            "--baseline",
            f"the files are for {len(names)} models ({', '.join(sorted(names))}); "
            "pass --monitor FILE, which tells the models apart by their paths",
        )
    name = names.pop() if names else "model"
    try:
        monitor = parse_monitor({"metadata": {"name": name}})
    except InputError as error:
        raise InputError(
            "--baseline", f"the model's name {name!r} does not fit: {error.problem}"
        ) from None
    return MonitorDocument({}, monitor)


def read_named_baseline(text: str) -> NamedBaseline:
    """The baseline of one `--baseline [MODEL[@VERSION]=]FILE`; InputError names file and field."""
    name, separator, file = text.partition("=")
    if not separator or Path(text).exists():
        name, file = "", text
    model, _, version = name.partition("@")
    path = Path(file)
    return NamedBaseline(
        model or None, version or None, path, read_baseline(read_file(path), where=file)
    )


def model_of(one: NamedBaseline, monitor: ModelMonitor) -> str:
    """The model of the monitor that a baseline is for, or InputError.

    The written name must be one of the monitor's; else the document's, else the only one.
    """
    known = [model.name for model in monitor.models]
    if one.model in known:
        return one.model
    if one.model is None and one.baseline.model in known:
        return one.baseline.model
    if one.model is None and len(known) == 1:
        return known[0]
    raise InputError(
        f"--baseline {one.file}",
        f"is for model {one.model or one.baseline.model!r}, but the monitor's models are "
        f"{', '.join(known)}; write --baseline MODEL={one.file}",
    )


def read_file(file: Path) -> bytes:
    """The bytes of a file; InputError names it."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise InputError(
            str(file), f"cannot be read ({error.strerror}); check the name and its rights"
        ) from None


def yaml_fault(error: yaml.YAMLError) -> str:
    """What is wrong and where, without the excerpt that spans lines."""
    if isinstance(error, yaml.MarkedYAMLError) and error.problem and error.problem_mark:
        mark = error.problem_mark
        return f"line {mark.line + 1}, column {mark.column + 1}: {error.problem}"
    return " ".join(str(error).split())
