"""What decoding needs of a model's resource, compiled once."""

from dataclasses import dataclass

from modelmonitor_api.spec import Model, Output
from modelmonitor_sidecar.decode.paths import Path, compiled


@dataclass(frozen=True, slots=True)
class Plan:
    """One model's paths into payloads.

    `instances`: where plain JSON has its rows.  `features`: paths within a row, by feature.
    `answers`: paths into the answer, by the column that they become.  `version`: path into the
    answer.
    """

    protocol: str
    instances: Path | None
    features: tuple[tuple[str, Path], ...]
    answers: tuple[tuple[str, Path], ...]
    version: Path | None
    version_in_path: bool


def plan_for(model: Model) -> Plan:
    """The paths that the resource gives, compiled."""
    version = model.version
    return Plan(
        protocol=model.protocol,
        instances=compiled(model.instances) if model.instances else None,
        features=tuple((f.name, compiled(f.path)) for f in model.features if f.path),
        answers=tuple(
            (path, compiled(path)) for path in map(_path, (model.prediction, model.score)) if path
        ),
        version=compiled(version.path or "") if version.source == "ResponseField" else None,
        version_in_path=version.source == "Path",
    )


def _path(output: Output | None) -> str | None:
    return output.locator.path if output is not None else None
