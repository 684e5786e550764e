"""Real model servers with their own clients behind `modelmonitor run`: counted right to the row.

Nothing in the servers is changed, nothing in the clients but the URL.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from model_servers import MODEL_SERVERS, ModelServer
from watched import Watched, watch

from modelmonitor_api import names
from modelmonitor_api.baseline import BaselineFeature, Bins
from modelmonitor_cli.testing import Sample, accounted, total

LONGEST_SECONDS = 400
VALUES = "modelmonitor_feature_value_count"
SUM = "modelmonitor_feature_value_sum"

pytestmark = pytest.mark.timeout(LONGEST_SECONDS)
every_server = pytest.mark.parametrize(
    "server",
    [
        pytest.param(server, id=server.name, marks=pytest.mark.model_server(server.name))
        for server in MODEL_SERVERS
    ],
)


@pytest.fixture(scope="session")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Callable[[ModelServer], Watched]:
    """Runs a server once, whatever the order of the tests."""
    seen: dict[str, Watched] = {}

    def once(server: ModelServer) -> Watched:
        if not server.binaries.is_dir():
            verdict = pytest.fail if os.environ.get("CI") else pytest.skip
            verdict(f"no environment for {server.name}; run python integration/environments.py")
        if server.name not in seen:
            seen[server.name] = watch(server, tmp_path_factory.mktemp(server.name))
        return seen[server.name]

    return once


@every_server
def test_no_request_fails_and_every_answer_is_the_direct_one(
    watched: Callable[[ModelServer], Watched], server: ModelServer
) -> None:
    seen = watched(server)
    assert {entry.status for entry in seen.through} == {200}
    assert [entry.answer for entry in seen.through] == [entry.answer for entry in seen.direct]
    assert seen.through == seen.direct


@every_server
def test_every_request_is_counted_once_for_its_model_and_none_for_another(
    watched: Callable[[ModelServer], Watched], server: ModelServer
) -> None:
    seen = watched(server)
    sent = Counter(entry.model for entry in seen.through)
    counted = {
        model: total(seen.requests, names.REQUESTS, model=model, code="200") for model in sent
    }
    assert counted == dict(sent)
    assert set(sent) == set(server.models)
    assert total(seen.requests, names.REQUESTS) == len(seen.through)


@every_server
def test_every_copy_is_decoded(
    watched: Callable[[ModelServer], Watched], server: ModelServer
) -> None:
    seen = watched(server)
    for model in server.models:
        sent = len(seen.sent(model))
        assert total(seen.requests, names.FRAMES, model=model, outcome="decoded") == sent
        assert accounted(seen.requests, model) == sent


@every_server
def test_every_row_is_counted_and_none_is_invalid(
    watched: Callable[[ModelServer], Watched], server: ModelServer
) -> None:
    seen = watched(server)
    for model in server.models:
        assert total(seen.features, names.ROWS, model=model) == len(seen.rows(model))
    for invalid in (names.ROWS_INVALID, names.FEATURE_INVALID_ROWS):
        assert total(seen.features, invalid) == 0
    assert total(seen.features, "modelmonitor_rows_without_prediction_total") == 0


@every_server
def test_every_value_of_every_feature_is_in_its_bin_or_category(
    watched: Callable[[ModelServer], Watched], server: ModelServer
) -> None:
    seen = watched(server)
    for model, feature, values in columns(seen):
        where = {"model": model, "feature": feature.name}
        present = [value for value in values if value is not None]
        missing = total(seen.features, names.FEATURE_MISSING_ROWS, **where)
        assert missing == len(values) - len(present), where
        if isinstance(feature.counts, Bins):
            bins = np.searchsorted(feature.counts.edges, np.array(present, float), side="left")
            expected = np.bincount(bins, minlength=len(feature.counts.edges) + 1)
            assert cumulative(seen.features, **where) == np.cumsum(expected).tolist(), where
        else:
            assert categories(seen.features, **where) == Counter(map(str, present)), where


@every_server
def test_every_numeric_feature_has_the_clients_sum(
    watched: Callable[[ModelServer], Watched], server: ModelServer
) -> None:
    seen = watched(server)
    for model, feature, values in columns(seen):
        if feature.kind == "numeric":
            where = {"model": model, "feature": feature.name}
            present = [value for value in values if value is not None]
            assert total(seen.features, VALUES, **where) == len(present), where
            assert total(seen.features, SUM, **where) == pytest.approx(sum(present)), where


@every_server
def test_the_status_api_tells_the_same_rows(
    watched: Callable[[ModelServer], Watched], server: ModelServer
) -> None:
    seen = watched(server)
    rows: Counter[str] = Counter()
    for entry in seen.status["models"]:
        rows[entry["model"]] += entry["rows"]
    assert rows == {model: len(seen.rows(model)) for model in server.models}
    decoded = {entry["model"]: entry["decoded"] for entry in seen.status["payloads"]}
    assert {model: decoded[model] for model in server.models} == {
        model: len(seen.sent(model)) for model in server.models
    }


def columns(seen: Watched) -> Iterator[tuple[str, BaselineFeature, list[Any]]]:
    """Model, feature and the values that the client meant, answers too."""
    for model, baseline in seen.baselines.items():
        for feature in baseline.features:
            if feature.role == "prediction":
                values = [one for entry in seen.sent(model) for one in entry.predictions]
            elif feature.role == "score":
                values = [one for entry in seen.sent(model) for one in entry.scores]
            else:
                values = [row[feature.name] for row in seen.rows(model)]
            yield model, feature, values


def cumulative(found: tuple[Sample, ...], **where: str) -> list[float]:
    """The cumulative counts in the order of the bins."""
    series = [
        sample
        for sample in found
        if sample.name == names.FEATURE_CUMULATIVE_ROWS and where.items() <= sample.labels.items()
    ]
    return [sample.value for sample in sorted(series, key=lambda one: one.labels[names.L_BIN])]


def categories(found: tuple[Sample, ...], **where: str) -> dict[str, float]:
    """Rows by category, without those that no row had."""
    return {
        sample.labels[names.L_CATEGORY]: sample.value
        for sample in found
        if sample.name == names.FEATURE_CATEGORY_ROWS
        and where.items() <= sample.labels.items()
        and sample.value
    }
