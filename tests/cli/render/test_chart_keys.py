"""The keys that commands take are the chart's."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import yaml

from modelmonitor_api.errors import InputError
from modelmonitor_cli.render.chart_keys import CHART_KEYS, Keys, check_keys
from tools.chart_rendering import CHART

SCHEMA: Mapping[str, Any] = json.loads((CHART / "values.schema.json").read_text())


def places(known: Keys, place: str = "") -> Iterator[str]:
    for key, inner in known.items():
        yield f"{place}{key}"
        if inner is not None:
            yield from places(inner, f"{place}{key}.")


def schema_places(schema: Mapping[str, Any], known: Keys, place: str = "") -> Iterator[str]:
    """As deep as the commands look."""
    for key, inner in resolved(schema).get("properties", {}).items():
        yield f"{place}{key}"
        deeper = known.get(key)
        if deeper is not None:
            yield from schema_places(inner, deeper, f"{place}{key}.")


def resolved(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = schema.get("$ref", "").removeprefix("#/definitions/")
    found: Mapping[str, Any] = SCHEMA["definitions"][reference] if reference else schema
    return found


def test_the_keys_are_those_of_the_charts_schema() -> None:
    assert set(places(CHART_KEYS)) == set(schema_places(SCHEMA, CHART_KEYS))


def test_the_charts_own_values_pass() -> None:
    check_keys(yaml.safe_load((CHART / "values.yaml").read_text()))


@pytest.mark.parametrize("values", [{1: {}}, {None: 1}, {"x" * 10_000: 1}])
def test_keys_of_any_kind_are_refused_in_one_sentence(values: Mapping[str, Any]) -> None:
    with pytest.raises(InputError, match="is no value of the chart"):
        check_keys(values)


def test_what_is_free_may_have_any_key() -> None:
    check_keys({"prometheus": {"labels": {"release": "stack"}}, "operator": {"replicas": 1}})
