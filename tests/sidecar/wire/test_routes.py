"""Routes: which requests are inferences, and of what."""

import pytest

from modelmonitor_api.names import OTHER
from modelmonitor_api.spec import Model, Version
from modelmonitor_sidecar.wire.routes import MAX_PATH_VERSIONS, NO_ROUTE, Route, Routes


def routes(*models: Model, **labels: str) -> Routes:
    return Routes(models, {key.replace("_", "."): value for key, value in labels.items()})


@pytest.mark.parametrize(
    ("path", "label"),
    [
        (b"/v1/models/any:predict", "/v1/models/{}:predict"),
        (b"/v1/models/any%3Apredict", "/v1/models/{}:predict"),
        (b"/v2/models/m/infer", "/v2/models/{}/infer"),
        (b"/v2/models/m/versions/2/infer", "/v2/models/{}/versions/{}/infer"),
        (b"/invocations", "/invocations"),
        (b"/predict", "/predict"),
    ],
)
def test_the_only_model_takes_every_claimed_path(path: bytes, label: str) -> None:
    assert routes(Model("churn")).match(path) == Route(label, "churn", "unknown", inference=True)


@pytest.mark.parametrize(
    "path",
    [b"/v1/models/any", b"/v1/models/a/b:predict", b"/predict/", b"/xpredict", b"/\xff", b"*"],
)
def test_once_a_claimed_path_was_seen_all_else_is_other(path: bytes) -> None:
    table = routes(Model("churn"))
    assert table.match(path).label == "*"
    table.match(b"/predict")
    assert table.saw_claim
    assert table.match(path) == NO_ROUTE


def test_a_model_with_paths_has_those_and_no_others() -> None:
    table = routes(Model("churn", paths=("/score", "/api/*", "/api/deep/*")))
    assert table.match(b"/score").label == "/score"
    assert table.match(b"/api/x").label == "/api/*"
    assert table.match(b"/api/deep/x").label == "/api/deep/*"
    for path in (b"/score/", b"/predict", b"/anything"):
        assert table.match(path) == NO_ROUTE


def test_several_models_behind_one_server_are_told_apart_by_their_names_in_the_path() -> None:
    table = routes(Model("a"), Model("b"), Model("c", paths=("/v1/models/a:predict",)))
    assert table.match(b"/v1/models/a:predict").model == "c"
    assert table.match(b"/v2/models/a/infer").model == "a"
    assert table.match(b"/v2/models/b/infer").model == "b"
    assert table.match(b"/v2/models/other/infer") == NO_ROUTE
    assert table.match(b"/invocations") == NO_ROUTE
    assert routes(Model("a"), Model("b")).match(b"/any") == NO_ROUTE


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        (Version(), "7"),
        (Version(label="absent"), "unknown"),
        (Version("Fixed", value="3"), "3"),
        (Version("Path"), "12"),
        (Version("ResponseField", path="model_version"), "unknown"),
    ],
)
def test_the_version_comes_from_where_the_monitor_says(version: Version, expected: str) -> None:
    table = Routes((Model("m", version=version),), {"app.kubernetes.io/version": "7"})
    assert table.match(b"/v2/models/m/versions/12/infer").version == expected


def test_versions_in_paths_are_bounded() -> None:
    table = routes(Model("m", version=Version("Path")))
    versions = [
        table.match(b"/v2/models/m/versions/%d/infer" % number).version
        for number in range(MAX_PATH_VERSIONS + 2)
    ]
    assert versions[-2:] == [OTHER, OTHER]
    assert versions[: MAX_PATH_VERSIONS - 1] == [str(n) for n in range(MAX_PATH_VERSIONS - 1)]
    assert table.match(b"/v2/models/m/versions/0/infer").version == "0"
    assert table.match(b"/v2/models/m/infer").version == "unknown"


def test_a_version_of_a_path_is_no_label_of_any_length() -> None:
    table = routes(Model("m", version=Version("Path")))
    assert table.match(b"/v2/models/m/versions/%s/infer" % (b"1" * 129)).version == OTHER
    assert table.match(b"/v2/models/m/versions/%s/infer" % (b"1" * 128)).version == "1" * 128
