"""The story is told once, in the background, while nine days are made; tests ask afterwards."""

import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from prometheus import binaries
from prometheus.history import History, filled
from prometheus.story import Told, told


@pytest.fixture(scope="session")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Future[Told]"]:
    """The story, which goes on."""
    found = {major: binaries.prometheus(major) for major in ("2", "3")}
    story = told(found, tmp_path_factory.mktemp("live"))
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(story.__enter__)
        try:
            yield future
        finally:
            if future.exception() is None:
                story.__exit__(None, None, None)


@pytest.fixture(scope="session")
def live(begun: "Future[Told]") -> Told:
    """The story, told to its end."""
    return begun.result()


@pytest.fixture(scope="session")
def history(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[History]:
    """Made while the story is told, where a test asks for that."""
    if any("live" in getattr(item, "fixturenames", ()) for item in request.session.items):
        request.getfixturevalue("begun")
    found = {major: binaries.prometheus(major) for major in ("2", "3")}
    with filled(found, binaries.promtool(), tmp_path_factory.mktemp("history")) as made:
        yield made
