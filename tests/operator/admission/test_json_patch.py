"""Patches are read by another library, which knows RFC 6902."""

import copy
from typing import Any

import jsonpatch
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmonitor_operator.admission.json_patch import json_patch

KEYS = st.sampled_from(["a", "b/c", "d~e", "~1", ""])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.text("ab", max_size=2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=12,
)


def typed(value: Any) -> Any:
    """So that true and 1 differ, as they do in JSON."""
    if isinstance(value, dict):
        return {key: typed(inner) for key, inner in value.items()}
    return [typed(inner) for inner in value] if isinstance(value, list) else (type(value), value)


@given(VALUES, VALUES)
def test_a_patch_leads_from_one_value_to_the_other(before: Any, after: Any) -> None:
    assert typed(jsonpatch.apply_patch(before, json_patch(before, after))) == typed(after)


@given(VALUES)
def test_equal_values_need_no_patch(value: Any) -> None:
    assert json_patch(value, copy.deepcopy(value)) == []


@pytest.mark.parametrize(
    ("before", "after", "patch"),
    [
        ({"a": 1}, {"a": 2}, [{"op": "replace", "path": "/a", "value": 2}]),
        ({"a": [1]}, {"a": [1, 2]}, [{"op": "add", "path": "/a/-", "value": 2}]),
        ({"a": [1, 2]}, {"a": [2]}, [{"op": "replace", "path": "/a", "value": [2]}]),
        ({}, {"x/y": {}}, [{"op": "add", "path": "/x~1y", "value": {}}]),
        ({"x~y": 0}, {}, [{"op": "remove", "path": "/x~0y"}]),
        ({"a": 1}, {"a": True}, [{"op": "replace", "path": "/a", "value": True}]),
        ({"a": None}, {"a": []}, [{"op": "replace", "path": "/a", "value": []}]),
    ],
)
def test_a_patch_changes_no_more_than_it_must(before: Any, after: Any, patch: Any) -> None:
    assert json_patch(before, after) == patch
