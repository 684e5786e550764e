"""The model's version where the exchange says it."""

import json
from typing import Any

import pytest

from modelmonitor_api.spec import Model, Version
from modelmonitor_sidecar.decode.registry import decode
from modelmonitor_sidecar.decode.rows import Captured

REQUEST = b'{"instances": [[1]]}'


def version_in_answer(answer: Any, path: str) -> str | None:
    model = Model("m", version=Version("ResponseField", path=path))
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    return decode(Captured("/x", REQUEST, body), model).version


def version_in_path(path: str, answer: bytes = b"") -> str | None:
    return decode(Captured(path, REQUEST, answer), Model("m", version=Version("Path"))).version


@pytest.mark.parametrize(
    ("answer", "path", "version"),
    [
        ({"model_version": "7"}, "model_version", "7"),
        ({"model": {"versions": [{"n": 3}]}}, "model.versions[0].n", "3"),
        ([{"version": "a"}, {"version": "b"}], "[0].version", "a"),
        ([{"version": "a"}, {"version": "b"}], "version", "a"),
        ({"v": 1.5}, "v", "1.5"),
        ({"v": "x" * 63}, "v", "x" * 63),
    ],
)
def test_the_version_is_what_stands_at_its_path(answer: Any, path: str, version: str) -> None:
    assert version_in_answer(answer, path) == version


@pytest.mark.parametrize(
    "answer",
    [{}, {"v": None}, {"v": ""}, {"v": "x" * 64}, {"v": {}}, {"v": []}, {"v": True}, b"", b"{"],
)
def test_what_is_no_version_is_none(answer: Any) -> None:
    assert version_in_answer(answer, "v") is None


@pytest.mark.parametrize(
    ("path", "version"),
    [
        ("/v1/models/churn/versions/12:predict", "12"),
        ("/v1/models/churn/versions/v-3:predict?a=/versions/9", "v-3"),
        ("/gateway/v1/models/versions/versions/4:predict", "versions"),
        ("/v1/models/churn:predict", None),
        ("/v1/models/churn/versions/", None),
        ("/versions", None),
    ],
)
def test_the_version_is_the_segment_after_versions(path: str, version: str | None) -> None:
    assert version_in_path(path) == version


def test_the_path_tells_the_version_even_of_an_unreadable_answer() -> None:
    assert version_in_path("/v1/models/churn/versions/12:predict", b"{") == "12"


@pytest.mark.parametrize("version", [Version(), Version("Fixed", value="3")])
def test_nothing_is_read_where_the_exchange_is_not_asked(version: Version) -> None:
    exchange = Captured("/v1/models/m/versions/12:predict", REQUEST, b'{"model_version": "7"}')
    assert decode(exchange, Model("m", version=version)).version is None
