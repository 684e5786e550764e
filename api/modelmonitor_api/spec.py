"""A ModelMonitor as frozen dataclasses: what the team wrote, with every default filled in.

It refuses to know YAML, Kubernetes clients and what the values are used for.  Raw mappings stop at
`parse_monitor`; whoever needs a part receives that part.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from modelmonitor_api import reading
from modelmonitor_api.names import API_VERSION, KIND
from modelmonitor_api.protocols import AUTO, NAMES
from modelmonitor_api.reading import Fields

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


def parse_monitor(resource: Mapping[str, Any], *, strict: bool = True) -> ModelMonitor:
    """The resource with defaults; SpecError names the field that is wrong and how to mend it.

    `strict` refuses unknown fields, as the API server does; sidecars read documents of a newer
    operator with `strict=False`.
    """
    top = Fields(resource, "", strict=strict)
    top.constant("apiVersion", API_VERSION)
    top.constant("kind", KIND)
    metadata = top.child("metadata").lenient()
    name = metadata.name("name", MAX_NAME)
    namespace = metadata.text("namespace", "default")
    top.ignore("status")
    spec = top.child("spec")
    monitor = _monitor(spec, name, namespace)
    spec.finish()
    top.finish()
    return monitor


def _monitor(spec: Fields, name: str, namespace: str) -> ModelMonitor:
    models = tuple(_model(entry) for entry in spec.entries("models", unique="name"))
    selector = spec.child("selector")
    prometheus, grafana, sidecar = (
        spec.child("prometheus"),
        spec.child("grafana"),
        spec.child("sidecar"),
    )
    return reading.finished(
        ModelMonitor(
            name=name,
            namespace=namespace,
            selector=selector.labels("matchLabels"),
            ports=spec.texts("ports"),
            models=models or (Model(name=name),),
            windows=spec.choices("windows", WINDOWS, DEFAULT_WINDOWS),
            verdict=_verdict(spec.child("verdict")),
            objectives=_objectives(spec.child("objectives")),
            prometheus_labels=prometheus.labels("labels"),
            grafana_folder=grafana.optional_text("folder"),
            sidecar_size=sidecar.choice("size", ("Small", "Medium", "Large"), "Small"),
            routing=spec.choice("routing", ("NamedPort", "MonitoredService"), "NamedPort"),
            suspend=spec.flag("suspend"),
        ),
        selector,
        prometheus,
        grafana,
        sidecar,
    )


def _model(fields: Fields) -> Model:
    match, instances = fields.child("match"), fields.child("instances")
    return reading.finished(
        Model(
            name=fields.name("name", MAX_NAME),
            paths=match.paths("paths"),
            protocol=fields.choice("protocol", NAMES, AUTO),
            version=_version(fields.child("version")),
            baselines=tuple(_baseline(entry) for entry in fields.entries("baselines")),
            features=tuple(_feature(entry) for entry in fields.entries("features", unique="name")),
            prediction=_output(fields.child("prediction")),
            score=_output(fields.child("score")),
            instances=instances.optional_text("path"),
            maximum_age_seconds=fields.duration_seconds("maximumAge", "180d", "1d", "3650d"),
        ),
        match,
        instances,
        fields,
    )


def _version(fields: Fields) -> Version:
    source: VersionSource = fields.choice(
        "from", ("PodLabel", "Path", "ResponseField", "Fixed"), "PodLabel"
    )
    version = Version(
        source,
        label=fields.text("label", VERSION_LABEL),
        path=fields.optional_text("path"),
        value=fields.optional_text("value"),
    )
    if source == "ResponseField" and not version.path:
        fields.refuse("path", "is needed with from: ResponseField; write e.g. path: model_version")
    if source == "Fixed" and not version.value:
        fields.refuse("value", 'is needed with from: Fixed; write e.g. value: "3"')
    return reading.finished(version, fields)


def _baseline(fields: Fields) -> BaselineSource:
    source = BaselineSource(fields.name("configMap", 253), fields.optional_text("version"))
    return reading.finished(source, fields)


def _feature(fields: Fields) -> Feature:
    allowed = fields.texts("allowedValues")
    value_range = fields.child("range")
    return reading.finished(
        Feature(
            name=fields.text("name"),
            kind=fields.optional_choice("kind", KINDS),
            path=fields.optional_text("path"),
            importance=fields.optional_decimal("importance", 0.0, 1.0),
            severity=fields.choice("severity", ("Ticket", "Page"), "Ticket"),
            minimum_effect=fields.optional_decimal("minimumEffect", 0.001, 10.0),
            allowed_values=allowed or None,
            minimum=value_range.optional_decimal("minimum"),
            maximum=value_range.optional_decimal("maximum"),
            ignore=fields.flag("ignore"),
        ),
        value_range,
        fields,
    )


def _output(fields: Fields) -> Output | None:
    if fields.absent:
        return None
    locator = Locator(
        path=fields.optional_text("path"),
        output=fields.optional_text("output"),
        index=fields.optional_count("index"),
    )
    given = [value for value in (locator.path, locator.output, locator.index) if value is not None]
    if len(given) != 1:
        fields.refuse("", "needs exactly one of path, output and index")
    severity: Severity = fields.choice("severity", ("Ticket", "Page"), "Ticket")
    return reading.finished(Output(locator, severity), fields)


def _verdict(fields: Fields) -> VerdictPolicy:
    policy = VerdictPolicy(
        false_alarms_per_month=fields.decimal("falseAlarmsPerMonth", "0.1", 0.000001, 1_000.0),
        minimum_effect=fields.decimal("minimumEffect", "0.1", 0.001, 10.0),
        confirm=fields.count("confirm", 2, 1, 10),
    )
    return reading.finished(policy, fields)


def _objectives(fields: Fields) -> Objectives:
    latency = fields.child("latency")
    objectives = Objectives(
        availability_percent=fields.optional_decimal("availability", 0.0, 99.9999),
        latency_milliseconds=latency.optional_count("milliseconds"),
        latency_percentile=latency.decimal("percentile", "99", 1.0, 99.99),
    )
    return reading.finished(objectives, latency, fields)
