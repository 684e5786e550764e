"""A definition that is older than the operator is told, and one that is newer is not."""

import asyncio
import logging
from typing import Any

import pytest

from modelmonitor_operator.cluster import ForbiddenError, UnavailableError
from modelmonitor_operator.definition import NAME, definition_problem, watched_definition
from modelmonitor_operator.kinds import DEFINITION, Reference
from modelmonitor_operator.testing_cluster import FakeCluster


def definition(version: str | None) -> dict[str, Any]:
    annotations = {} if version is None else {"modelmonitor.io/version": version}
    metadata = {"name": NAME, "annotations": annotations}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": metadata,
    }


@pytest.mark.parametrize("known", ["0.9.0", "0.9.12", "0", "0.9.12-rc1"])
async def test_an_older_definition_is_named_with_the_command_that_mends_it(known: str) -> None:
    problem = await definition_problem(FakeCluster(definition(known)), "0.10.0")

    assert problem is not None
    assert f"is of {known}, older than this operator's 0.10.0" in problem
    assert f"apply crds/{NAME}.yaml of this version with `kubectl apply --server-side`" in problem


@pytest.mark.parametrize("known", ["0.10.0", "0.10.1", "1.0", "0.10.0+build7", None, "", "next"])
async def test_a_definition_as_new_or_newer_or_of_no_version_is_fine(known: str | None) -> None:
    assert await definition_problem(FakeCluster(definition(known)), "0.10.0") is None


async def test_a_missing_definition_is_told() -> None:
    problem = await definition_problem(FakeCluster(), "0.10.0")

    assert problem is not None
    assert problem.startswith(f"the cluster has no definition {NAME}: apply")


async def test_who_may_not_look_knows_of_nothing_wrong() -> None:
    cluster = FakeCluster()

    def forbidden(verb: str, reference: Reference) -> None:
        assert reference == Reference(DEFINITION, "", NAME)
        raise ForbiddenError("no")

    cluster.failing = forbidden
    assert await definition_problem(cluster, "0.10.0") is None


async def test_it_is_looked_at_at_once_and_told_and_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    told = asyncio.Queue[str | None]()

    with caplog.at_level(logging.WARNING):
        async with watched_definition(FakeCluster(definition("0.9")), "1.0", told.put_nowait):
            problem = await told.get()

    assert problem is not None
    assert caplog.messages == [problem]


async def test_a_look_that_fails_changes_nothing_and_ends_nothing() -> None:
    cluster, asked, told = FakeCluster(definition("0.9")), asyncio.Event(), list[str | None]()

    def gone(verb: str, reference: Reference) -> None:
        asked.set()
        raise UnavailableError("gone")

    cluster.failing = gone
    async with watched_definition(cluster, "1.0", told.append):
        await asked.wait()

    assert told == []
