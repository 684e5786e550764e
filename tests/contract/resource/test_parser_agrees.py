"""The API server's schema and the parser: the same defaults, choices, bounds and spelling."""

import copy
import re
from collections.abc import Callable
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmonitor_api import grammar, protocols, spec, spec_reading
from modelmonitor_api.errors import SpecError
from modelmonitor_api.quantity import decimal
from modelmonitor_api.spec_reading import parse_monitor

Schema = dict[str, Any]
SELECTED = {"selector": {"matchLabels": {"app": "churn"}}, "ports": ["http"]}


def defaulted(value: Any, schema: Schema) -> Any:
    """What an API server makes of `value`: a field that is not there gets its default."""
    if isinstance(value, list):
        return [defaulted(one, schema["items"]) for one in value]
    if not isinstance(value, dict):
        return value
    filled = dict(value)
    for name, inner in schema.get("properties", {}).items():
        if name not in filled and "default" in inner:
            filled[name] = copy.deepcopy(inner["default"])
        if name in filled:
            filled[name] = defaulted(filled[name], inner)
    return filled


@pytest.mark.parametrize(
    "written",
    [
        {},
        {"models": [{"name": "m"}]},
        {"models": [{"name": "m", "version": {"from": "Path"}}]},
        {
            "models": [
                {
                    "name": "m",
                    "features": [{"name": "age", "range": {"minimum": "0"}}],
                    "baselines": [{"configMap": "b"}],
                    "prediction": {"index": 0},
                    "score": {"path": "p"},
                }
            ],
            "objectives": {"latency": {"milliseconds": 5}},
        },
    ],
)
def test_the_defaults_of_the_api_server_are_those_of_the_parser(
    written: dict[str, Any], schema: Schema
) -> None:
    resource = {"metadata": {"name": "churn"}, "spec": SELECTED | written}
    filled = defaulted(resource, schema)
    assert filled != resource
    assert parse_monitor(filled) == parse_monitor(resource)


CHOICES: dict[str, tuple[str, ...]] = {
    "spec.models[].protocol": protocols.NAMES,
    "spec.models[].version.from": get_args(spec.VersionSource),
    "spec.models[].features[].kind": spec.KINDS,
    "spec.models[].features[].severity": get_args(spec.Severity),
    "spec.models[].prediction.severity": get_args(spec.Severity),
    "spec.models[].score.severity": get_args(spec.Severity),
    "spec.windows[]": spec.WINDOWS,
    "spec.sidecar.size": get_args(spec.SidecarSize),
    "spec.routing": ("NamedPort", "MonitoredService"),
}


def test_every_choice_is_offered_by_both(fields: dict[str, Schema]) -> None:
    offered = {p: tuple(one["enum"]) for p, one in fields.items() if "enum" in one}
    assert {p: c for p, c in offered.items() if p.startswith("spec.")} == CHOICES


def test_lists_are_equally_long_in_both(fields: dict[str, Schema]) -> None:
    assert {
        p: one["maxItems"]
        for p, one in fields.items()
        if p.startswith("spec.") and "maxItems" in one
    } == {
        "spec.ports": spec_reading.MAX_PORTS,
        "spec.models": spec_reading.MAX_MODELS,
        "spec.models[].match.paths": spec_reading.MAX_PATHS,
        "spec.models[].baselines": spec_reading.MAX_BASELINES,
        "spec.models[].features": spec_reading.MAX_FEATURES,
        "spec.models[].features[].allowedValues": 1_000,
        "spec.windows": len(spec.WINDOWS),
    }


def is_decimal(text: str) -> bool:
    try:
        decimal(text, "here")
    except ValueError:
        return False
    return True


SPELLED: dict[str, Callable[[str], bool]] = {
    "spec.models[].name": lambda text: grammar.is_dns_name(text, spec.MAX_NAME),
    "spec.models[].baselines[].configMap": grammar.is_dns_name,
    "spec.models[].version.label": grammar.is_label_key,
    "spec.selector.matchLabels.*": grammar.is_label_value,
    "spec.prometheus.labels.*": grammar.is_label_value,
    "spec.models[].features[].range.minimum": is_decimal,
    "spec.models[].features[].range.maximum": is_decimal,
}
ALPHABET = "aZ09-._/ e+\n{"


def accepted(schema: Schema, text: str) -> bool:
    """Whether the lengths and the one expression of a field take the text, as RE2 reads it."""
    rules = [rule["rule"] for rule in schema.get("x-kubernetes-validations", [])]
    found = [
        match[1] for rule in rules if (match := re.fullmatch(r"self\.matches\('(.*)'\)", rule))
    ]
    (expression,) = [*found, schema["pattern"]] if "pattern" in schema else found
    if not schema.get("minLength", 0) <= len(text) <= schema["maxLength"]:
        return False
    return re.search(re.sub(r"\$$", r"\\Z", expression), text) is not None


@pytest.mark.parametrize("place", SPELLED)
@given(text=st.text(ALPHABET, max_size=66) | st.from_regex(r"\A[a0][a.\-/0e]{0,70}[a0]\Z"))
def test_a_text_is_spelled_alike_for_both(place: str, fields: dict[str, Schema], text: str) -> None:
    assert accepted(fields[place], text) == SPELLED[place](text)


@pytest.mark.parametrize("place", ["selector.matchLabels", "prometheus.labels"])
@given(key=st.text(ALPHABET, min_size=1, max_size=66))
def test_a_key_of_a_label_is_spelled_alike_for_both(
    place: str, fields: dict[str, Schema], key: str
) -> None:
    rule = fields[f"spec.{place}"]["x-kubernetes-validations"][0]["rule"]
    match = re.search(r"key\.matches\('(.*)\$'\)", rule)
    assert match is not None
    assert (re.search(match[1] + r"\Z", key) is not None) == grammar.is_label_key(key)


@pytest.mark.parametrize(
    ("decimal_field", "low", "high"),
    [
        ("spec.verdict.falseAlarmsPerMonth", "0.000001", "1000"),
        ("spec.verdict.minimumEffect", "0.001", "10"),
        ("spec.models[].features[].minimumEffect", "0.001", "10"),
        ("spec.models[].features[].importance", "0", "1"),
        ("spec.objectives.availability", "0", "99.9999"),
        ("spec.objectives.latency.percentile", "1", "99.99"),
    ],
)
def test_decimals_have_the_same_bounds_in_both(
    decimal_field: str, low: str, high: str, fields: dict[str, Schema]
) -> None:
    (rule,) = fields[decimal_field]["x-kubernetes-validations"]
    bounds = re.findall(r"double\(self\) [<>]= ([0-9.]+)", rule["rule"])
    assert [float(bound) for bound in bounds] == [float(low), float(high)]
    assert f"from {low} to {high}" in rule["message"]
    for text, good in ((low, True), (high, True), ("-0.1", False), (f"{high}1", False)):
        assert takes(decimal_field, text) is good


def takes(place: str, text: str) -> bool:
    """Whether the parser takes the text at that place of an otherwise complete resource."""
    spec_mapping: Any = text
    for name in reversed(place.removeprefix("spec.").split(".")):
        entry = {
            name.removesuffix("[]"): spec_mapping
            if not name.endswith("[]")
            else [{"name": "x"} | spec_mapping]
        }
        spec_mapping = entry
    try:
        parse_monitor({"metadata": {"name": "churn"}, "spec": spec_mapping})
    except SpecError:
        return False
    return True
