"""A real cluster: whichever KUBECONFIG names, with prometheus-operator (CONTRIBUTING.md).

The release is installed once and serves all tests but those that take it away, which put it back.
"""

import os
from collections.abc import Iterator

import pytest

from e2e.cluster import release
from e2e.cluster.kubectl import Place, new_place


@pytest.fixture(scope="session")
def installed() -> Iterator[None]:
    """The chart, with everything of it gone afterwards; MODELMONITOR_E2E_KEEP=1 leaves it."""
    release.install()
    yield
    if not os.environ.get("MODELMONITOR_E2E_KEEP"):
        release.remove_everything()


@pytest.fixture
def place(installed: None) -> Iterator[Place]:
    """A namespace of one test."""
    with new_place() as made:
        yield made
