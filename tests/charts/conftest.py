"""The chart as Helm renders it; what needs no Helm is tested without."""

import functools
import os
import shutil
from collections.abc import Callable

import pytest
import yaml

from tools.chart_rendering import MODES, Object, template


@pytest.fixture(scope="session")
def needs_helm() -> None:
    """Without Helm CI fails, and elsewhere the test says what it misses."""
    if shutil.which("helm") is None:
        verdict = pytest.fail if os.environ.get("CI") else pytest.skip
        verdict("helm is not on the path; install Helm 3 or 4 to run this test")


@pytest.fixture(scope="session")
def text_of(needs_helm: None) -> Callable[[str], str]:
    """What Helm makes of the values of a mode, once a session."""
    return functools.cache(lambda mode: template(MODES[mode]))


@pytest.fixture(scope="session")
def objects_of(text_of: Callable[[str], str]) -> Callable[[str], list[Object]]:
    """The same as objects."""
    return lambda mode: list(yaml.safe_load_all(text_of(mode)))
