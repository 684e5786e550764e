"""The API server refuses wrong resources with a sentence that names the field, and only those.

The table is the one that the parser is held to in `tests/contract/resource/`.
"""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from modelmonitor_api.errors import SpecError
from modelmonitor_api.selection import check_selection
from modelmonitor_api.spec_reading import parse_monitor

ROOT = Path(__file__).resolve().parents[2]
TABLE: dict[str, Any] = yaml.safe_load(
    (ROOT / "tests" / "contract" / "resource" / "wrong_manifests.yaml").read_text()
)
WRONG: list[dict[str, Any]] = TABLE["wrong"]


def manifest(entry: dict[str, Any]) -> dict[str, Any]:
    envelope = {
        "apiVersion": "modelmonitor.io/v1alpha1",
        "kind": "ModelMonitor",
        "metadata": {"name": "churn"},
        "spec": entry.get("spec", TABLE["smallest"]),
    }
    return envelope | entry.get("manifest", {})


@pytest.mark.parametrize("entry", WRONG, ids=[entry["promise"] for entry in WRONG])
def test_the_api_server_names_the_field_and_the_mend(entry: dict[str, Any], monitors: Any) -> None:
    words = (re.escape(part) for part in entry["server"].split(" ... "))
    assert re.search(".*".join(words), monitors.refusal(manifest(entry)))


def test_the_resource_that_they_are_put_over_is_taken(monitors: Any) -> None:
    assert monitors.refusal(manifest({})) == ""


def some(right: st.SearchStrategy[Any], *wrong: Any) -> st.SearchStrategy[Any]:
    """Mostly right values."""
    return st.one_of(right, right, right, st.none(), st.sampled_from(wrong))


def mapping(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries({}, optional=fields)


NAMES = st.sampled_from(["a", "b-2", "c.d"])
DECIMALS = some(st.sampled_from(["0", "0.5", "1", "1e-1", "99.9"]), "1000", "-1", "x", "1e-9", 1)
LABELS = some(
    st.dictionaries(st.sampled_from(["app", "x.io/y"]), st.sampled_from(["", "v1"]), min_size=1),
    {"a b": "c"},
    {"a": "b/c"},
    {"modelmonitor.io/x": "y"},
    {},
)
LOCATORS = mapping(
    path=some(st.just("a.b"), ""),
    output=some(st.just("score"), 7),
    index=some(st.integers(0, 3), -1, "0", 1 << 31),
    severity=some(st.sampled_from(["Ticket", "Page"]), "critical"),
)
FEATURES = mapping(
    name=some(NAMES, "", 3),
    kind=some(st.sampled_from(["numeric", "text"]), "date"),
    importance=DECIMALS,
    minimumEffect=DECIMALS,
    allowedValues=some(st.lists(NAMES, min_size=1, max_size=3), []),
    range=mapping(minimum=DECIMALS, maximum=DECIMALS),
    ignore=some(st.booleans(), "no"),
)
VERSIONS = mapping(
    **{
        "from": some(st.sampled_from(["PodLabel", "Path", "ResponseField", "Fixed"]), "Git"),
        "path": st.just("v"),
        "value": some(st.just("3"), 3),
        "label": some(st.just("x.io/version"), "a b", ""),
    }
)
MODELS = mapping(
    name=some(NAMES, "A", "a..b", "a" * 51),
    protocol=some(st.sampled_from(["Auto", "JSON"]), "SOAP"),
    match=mapping(
        paths=some(st.lists(st.sampled_from(["/a", "/b/*"]), max_size=2), ["a"], ["/*/"])
    ),
    version=VERSIONS,
    baselines=st.lists(
        mapping(configMap=some(NAMES, "X"), version=st.sampled_from(["", "1", "2"])), max_size=2
    ),
    features=st.lists(FEATURES, max_size=2),
    prediction=LOCATORS,
    score=LOCATORS,
    maximumAge=some(st.sampled_from(["1d", "24h", "3650d", "87600h"]), "23h", "3651d", "1w", ""),
)
SPECS = mapping(
    selector=mapping(matchLabels=LABELS),
    ports=some(st.just(["http"]), [], ["8080"], ["mm-proxy"], ["a", "b"], ["a--b"]),
    models=st.lists(MODELS, max_size=2),
    windows=some(st.lists(st.sampled_from(["1m", "7d"]), min_size=1, max_size=2), [], ["2m"]),
    verdict=mapping(falseAlarmsPerMonth=DECIMALS, confirm=some(st.integers(1, 10), 0, 11, True)),
    objectives=mapping(availability=DECIMALS, latency=mapping(percentile=DECIMALS)),
    prometheus=mapping(labels=LABELS),
    grafana=mapping(folder=some(st.sampled_from(["Models", "a.b"]), "a/b", "..", " ", "\\", "")),
    routing=some(st.sampled_from(["NamedPort", "MonitoredService"]), "Other"),
    suspend=some(st.booleans(), 0),
)


def takes(resource: dict[str, Any]) -> str:
    """The parser's refusal, empty where it takes the resource."""
    try:
        check_selection(parse_monitor(resource))
    except SpecError as error:
        return str(error)
    return ""


def test_the_api_server_refuses_what_the_parser_refuses_and_nothing_else(monitors: Any) -> None:
    """Over some hundred resources of right and wrong parts, by chance but always the same ones."""
    taken = refused = 0

    @settings(max_examples=400, derandomize=True, deadline=None)
    @given(spec=SPECS, over=st.booleans(), name=st.sampled_from(["churn", "churn.v2", "2a"]))
    def agree(spec: dict[str, Any], over: bool, name: str) -> None:
        nonlocal taken, refused
        whole = {**TABLE["smallest"], **spec} if over else {**spec, **TABLE["smallest"]}
        resource = manifest({"manifest": {"metadata": {"name": name}}, "spec": whole})
        parser, server = takes(resource), monitors.refusal(resource)
        assert bool(parser) == bool(server), f"parser: {parser or 'takes it'}; server: {server}"
        taken, refused = taken + (not parser), refused + bool(parser)

    agree()
    assert min(taken, refused) > 20
