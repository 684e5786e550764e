"""Every wrong resource of the table is refused by the parser in the field's own words.

`e2e/apiserver/` asks a real API server the same.
"""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from modelmonitor_api.errors import SpecError
from modelmonitor_api.selection import check_selection
from modelmonitor_api.spec_reading import parse_monitor

TABLE: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "wrong_manifests.yaml").read_text())
WRONG: list[dict[str, Any]] = TABLE["wrong"]


def manifest(entry: dict[str, Any]) -> dict[str, Any]:
    envelope: dict[str, Any] = {
        "apiVersion": "modelmonitor.io/v1alpha1",
        "kind": "ModelMonitor",
        "metadata": {"name": "churn"},
        "spec": entry.get("spec", TABLE["smallest"]),
    }
    return {**envelope, **entry.get("manifest", {})}


def refused_by_the_parser(resource: dict[str, Any]) -> None:
    check_selection(parse_monitor(resource))


@pytest.mark.parametrize("entry", WRONG, ids=[entry["promise"] for entry in WRONG])
def test_the_parser_names_the_field_and_the_mend(entry: dict[str, Any]) -> None:
    with pytest.raises(SpecError, match=f"^{re.escape(entry['parser'])}"):
        refused_by_the_parser(manifest(entry))


def test_the_resource_that_they_are_put_over_is_right() -> None:
    refused_by_the_parser(manifest({}))


def test_there_are_more_than_sixty_and_each_is_another() -> None:
    assert len({entry["promise"] for entry in WRONG}) == len(WRONG) > 60
    assert len({repr(manifest(entry)) for entry in WRONG}) == len(WRONG)
