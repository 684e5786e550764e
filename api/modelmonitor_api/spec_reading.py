"""The resource as somebody wrote it becomes a ModelMonitor, or a sentence that names the field.

Raw mappings stop here.  `crds/modelmonitors.modelmonitor.io.yaml` refuses the same for the API
server.  It refuses to know YAML, files and what the values are used for.
"""

from collections.abc import Mapping
from typing import Any, Final

from modelmonitor_api import reading
from modelmonitor_api.grammar import (
    MAX_DNS_NAME,
    MAX_FOLDER,
    is_folder,
    is_label_key,
    is_port_name,
)
from modelmonitor_api.names import (
    API_VERSION,
    GROUP,
    KIND,
    PORT_NAME_APP,
    PORT_NAME_COLLECTOR,
    PORT_NAME_PROXY,
)
from modelmonitor_api.protocols import AUTO, NAMES
from modelmonitor_api.reading import Fields
from modelmonitor_api.spec import (
    DEFAULT_WINDOWS,
    KINDS,
    MAX_NAME,
    VERSION_LABEL,
    WINDOWS,
    BaselineSource,
    Feature,
    Locator,
    Model,
    ModelMonitor,
    Objectives,
    Output,
    Severity,
    VerdictPolicy,
    Version,
    VersionSource,
)

MAX_PORTS: Final = 1
MAX_MODELS: Final = 32
MAX_BASELINES: Final = 32
MAX_FEATURES: Final = 500
MAX_PATHS: Final = 64
MAX_LATENCY_MILLISECONDS: Final = 3_600_000
OWN_PORTS: Final = (PORT_NAME_PROXY, PORT_NAME_COLLECTOR, PORT_NAME_APP)


def parse_monitor(resource: Mapping[str, Any], *, strict: bool = True) -> ModelMonitor:
    """The resource with defaults; SpecError names the field that is wrong and how to mend it.

    `strict` refuses unknown fields and lists that are too long, as the API server does; sidecars
    read documents of a newer operator with `strict=False`.
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
    models = tuple(
        _model(entry) for entry in spec.entries("models", unique="name", most=MAX_MODELS)
    )
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
            selector=_labels(selector, "matchLabels"),
            ports=_ports(spec),
            models=models or (Model(name=name),),
            windows=spec.choices("windows", WINDOWS, DEFAULT_WINDOWS),
            verdict=_verdict(spec.child("verdict")),
            objectives=_objectives(spec.child("objectives")),
            prometheus_labels=_labels(prometheus, "labels"),
            grafana_folder=grafana.spelled(
                "folder",
                is_folder,
                f"the name of one folder: at most {MAX_FOLDER} characters, "
                "without '/', '\\' and '..'",
            ),
            sidecar_size=sidecar.choice("size", ("Small", "Medium", "Large"), "Small"),
            routing=spec.choice("routing", ("NamedPort", "MonitoredService"), "NamedPort"),
            suspend=spec.flag("suspend"),
        ),
        selector,
        prometheus,
        grafana,
        sidecar,
    )


def _labels(fields: Fields, key: str) -> Mapping[str, str]:
    labels = fields.labels(key)
    if any(name.startswith(f"{GROUP}/") for name in labels):
        fields.refuse(key, f"has a key {GROUP}/...; those are the operator's own, take another")
    return labels


def _ports(spec: Fields) -> tuple[str, ...]:
    ports = spec.texts("ports", least=1, most=MAX_PORTS)
    for index, port in enumerate(ports):
        if not is_port_name(port) or port in OWN_PORTS:
            spec.refuse(
                f"ports[{index}]",
                f"is {port!r}; it must be the name of a container port of the model server, "
                "such as http, not its number",
            )
    return ports


def _model(fields: Fields) -> Model:
    match, instances = fields.child("match"), fields.child("instances")
    return reading.finished(
        Model(
            name=fields.name("name", MAX_NAME),
            paths=match.paths("paths", most=MAX_PATHS),
            protocol=fields.choice("protocol", NAMES, AUTO),
            version=_version(fields.child("version")),
            baselines=tuple(
                _baseline(entry)
                for entry in fields.entries(
                    "baselines", unique="version", most=MAX_BASELINES, absent=""
                )
            ),
            features=tuple(
                _feature(entry)
                for entry in fields.entries("features", unique="name", most=MAX_FEATURES)
            ),
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
        label=fields.spelled("label", is_label_key, f"a label's key, such as {VERSION_LABEL}")
        or VERSION_LABEL,
        path=fields.optional_text("path"),
        value=fields.optional_text("value"),
    )
    if source == "ResponseField" and not version.path:
        fields.refuse("path", "is needed with from: ResponseField; write e.g. path: model_version")
    if source == "Fixed" and not version.value:
        fields.refuse("value", 'is needed with from: Fixed; write e.g. value: "3"')
    return reading.finished(version, fields)


def _baseline(fields: Fields) -> BaselineSource:
    source = BaselineSource(fields.name("configMap", MAX_DNS_NAME), fields.text_or_empty("version"))
    return reading.finished(source, fields)


def _feature(fields: Fields) -> Feature:
    allowed = fields.texts("allowedValues", least=1)
    value_range = fields.child("range")
    minimum = value_range.optional_decimal("minimum")
    maximum = value_range.optional_decimal("maximum")
    if minimum is not None and maximum is not None and minimum > maximum:
        value_range.refuse("", "has its minimum above its maximum; exchange the two")
    return reading.finished(
        Feature(
            name=fields.text("name"),
            kind=fields.optional_choice("kind", KINDS),
            path=fields.optional_text("path"),
            importance=fields.optional_decimal("importance", 0.0, 1.0),
            severity=fields.choice("severity", ("Ticket", "Page"), "Ticket"),
            minimum_effect=fields.optional_decimal("minimumEffect", 0.001, 10.0),
            allowed_values=allowed or None,
            minimum=minimum,
            maximum=maximum,
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
        latency_milliseconds=latency.optional_count("milliseconds", 1, MAX_LATENCY_MILLISECONDS),
        latency_percentile=latency.decimal("percentile", "99", 1.0, 99.99),
    )
    return reading.finished(objectives, latency, fields)
