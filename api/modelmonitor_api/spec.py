"""A ModelMonitor as frozen dataclasses: what the team wrote, with every default filled in.

It refuses to know YAML, Kubernetes clients, how a resource is read (`spec_reading`) and what the
values are used for.  Whoever needs a part receives that part.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from modelmonitor_api.protocols import AUTO

Kind = Literal["numeric", "discrete", "categorical", "boolean", "text"]
Severity = Literal["Ticket", "Page"]
VersionSource = Literal["PodLabel", "Path", "ResponseField", "Fixed"]
SidecarSize = Literal["Small", "Medium", "Large"]

KINDS: Final[tuple[Kind, ...]] = ("numeric", "discrete", "categorical", "boolean", "text")
WINDOWS: Final = ("1m", "5m", "1h", "24h", "7d")
DEFAULT_WINDOWS: Final = ("5m", "1h", "24h")
MAX_NAME: Final = 50
VERSION_LABEL: Final = "app.kubernetes.io/version"


@dataclass(frozen=True, slots=True)
class Locator:
    """Where a value stands in a payload: by path, by output name, or by position (one of them)."""

    path: str | None = None
    output: str | None = None
    index: int | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """Where the model's version comes from."""

    source: VersionSource = "PodLabel"
    label: str = VERSION_LABEL
    path: str | None = None
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature's overrides; None means: as the baseline says."""

    name: str
    kind: Kind | None = None
    path: str | None = None
    importance: float | None = None
    severity: Severity = "Ticket"
    minimum_effect: float | None = None
    allowed_values: tuple[str, ...] | None = None
    minimum: float | None = None
    maximum: float | None = None
    ignore: bool = False


@dataclass(frozen=True, slots=True)
class Output:
    """The prediction or the score: where it is, and how loud its drift is."""

    locator: Locator
    severity: Severity = "Ticket"


@dataclass(frozen=True, slots=True)
class BaselineSource:
    """One baseline ConfigMap in the resource's namespace, for one version or (None) for all."""

    config_map: str
    version: str | None = None


@dataclass(frozen=True, slots=True)
class Model:
    """One model behind the selected server."""

    name: str
    paths: tuple[str, ...] = ()
    protocol: str = AUTO
    version: Version = Version()
    baselines: tuple[BaselineSource, ...] = ()
    features: tuple[Feature, ...] = ()
    prediction: Output | None = None
    score: Output | None = None
    instances: str | None = None
    """Path of the rows in plain JSON, e.g. ``data.rows``; None: the body is the row or rows."""
    maximum_age_seconds: int = 15_552_000
    """A baseline older than this, half a year, no longer speaks for the model."""


@dataclass(frozen=True, slots=True)
class VerdictPolicy:
    """How many false alarms a month are accepted, which effect matters, how often it repeats."""

    false_alarms_per_month: float = 0.1
    minimum_effect: float = 0.1
    confirm: int = 2


@dataclass(frozen=True, slots=True)
class Objectives:
    """What users of the model were promised; None: nothing was."""

    availability_percent: float | None = None
    latency_milliseconds: int | None = None
    latency_percentile: float = 99.0


@dataclass(frozen=True, slots=True)
class ModelMonitor:
    """The whole resource."""

    name: str
    namespace: str
    selector: Mapping[str, str] = field(default_factory=dict)
    ports: tuple[str, ...] = ()
    models: tuple[Model, ...] = ()
    windows: tuple[str, ...] = DEFAULT_WINDOWS
    verdict: VerdictPolicy = VerdictPolicy()
    objectives: Objectives = Objectives()
    prometheus_labels: Mapping[str, str] = field(default_factory=dict)
    grafana_folder: str | None = None
    sidecar_size: SidecarSize = "Small"
    routing: Literal["NamedPort", "MonitoredService"] = "NamedPort"
    suspend: bool = False
