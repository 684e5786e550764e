"""One pair of twins for all tests of this folder."""

from collections.abc import Iterator

import pytest

from e2e.cluster.twins import Twins, twins


@pytest.fixture(scope="package")
def pair(installed: None) -> Iterator[Twins]:
    """A watched model and its twin that nobody watches."""
    with twins() as both:
        yield both
