"""The CustomResourceDefinition keeps to what Kubernetes and its users expect of one."""

from typing import Any

from modelmonitor_api import names

Schema = dict[str, Any]
IMPLICIT = ("apiVersion", "kind", "metadata")


def test_its_names_are_the_shared_ones(definition: Schema) -> None:
    spec = definition["spec"]
    assert definition["metadata"]["name"] == f"{names.PLURAL}.{names.GROUP}"
    assert (spec["group"], spec["scope"]) == (names.GROUP, "Namespaced")
    assert spec["names"]["kind"] == names.KIND
    assert spec["names"]["plural"] == names.PLURAL
    assert spec["names"]["shortNames"] == [names.SHORT_NAME]
    assert spec["names"]["categories"] == [names.CATEGORY]
    assert [version["name"] for version in spec["versions"]] == [names.VERSION]


def test_people_and_operator_write_different_halves(definition: Schema) -> None:
    (version,) = definition["spec"]["versions"]
    assert version["subresources"] == {"status": {}}


def test_a_list_of_monitors_shows_five_columns(definition: Schema) -> None:
    (version,) = definition["spec"]["versions"]
    columns = [c["name"] for c in version["additionalPrinterColumns"] if "priority" not in c]
    assert columns == ["Ready", "Injected", "Models", "Features", "Age"]


def test_every_column_shows_a_field(definition: Schema, fields: dict[str, Schema]) -> None:
    (version,) = definition["spec"]["versions"]
    paths = [column["jsonPath"].lstrip(".") for column in version["additionalPrinterColumns"]]
    plain = [path for path in paths if "?" not in path and not path.startswith("metadata.")]
    assert len(plain) == 3
    assert set(plain) <= set(fields)


def test_every_field_is_described_in_a_sentence(fields: dict[str, Schema]) -> None:
    told = [place for place in fields if not place.endswith(("[]", ".*"))]
    dumb = [place for place in told if not fields[place].get("description")]
    assert [place for place in dumb if place not in IMPLICIT] == []
    assert max(len(fields[place].get("description", "")) for place in told) <= 150


def test_no_text_list_mapping_or_number_is_without_bounds(fields: dict[str, Schema]) -> None:
    needed = {
        "string": ("maxLength",),
        "array": ("maxItems", "x-kubernetes-list-type"),
        "integer": ("minimum", "format"),
    }
    unbounded = [
        (place, bound)
        for place, one in fields.items()
        if place not in IMPLICIT and "enum" not in one
        for bound in needed.get(one["type"], ())
        if bound not in one
    ]
    assert unbounded == []
    assert [
        p
        for p, one in fields.items()
        if "additionalProperties" in one and "maxProperties" not in one
    ] == []


def test_no_field_holds_a_float_or_whatever_one_likes(fields: dict[str, Schema]) -> None:
    assert {one["type"] for one in fields.values()} == {
        "array",
        "boolean",
        "integer",
        "object",
        "string",
    }
    assert [p for p, one in fields.items() if "x-kubernetes-preserve-unknown-fields" in one] == []


def test_entries_of_lists_are_found_by_what_tells_them_apart(fields: dict[str, Schema]) -> None:
    """So that two appliers can each own entries of one list."""
    keys = {p: one.get("x-kubernetes-list-map-keys") for p, one in fields.items() if "items" in one}
    assert {place: key for place, key in keys.items() if key is not None} == {
        "spec.models": ["name"],
        "spec.models[].baselines": ["version"],
        "spec.models[].features": ["name"],
        "status.conditions": ["type"],
        "status.sidecarVersions": ["version"],
        "status.bindings": ["kind", "prometheus"],
    }
    sets = [place for place, key in keys.items() if key is None]
    assert {fields[place]["x-kubernetes-list-type"] for place in sets} == {"set"}


def test_every_rule_says_what_to_do(schema: Schema, fields: dict[str, Schema]) -> None:
    rules = [
        r for one in (schema, *fields.values()) for r in one.get("x-kubernetes-validations", [])
    ]
    assert len(rules) > 25
    assert [rule["rule"] for rule in rules if not rule.get("message")] == []
