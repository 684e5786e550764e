"""The corpus of pods, and what a monitor wants of them."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from modelmonitor_operator.inject.injection import Target
from modelmonitor_operator.inject.settings import InjectionSettings

PODS = yaml.safe_load_all((Path(__file__).parent / "pods.yaml").read_text())
CORPUS: dict[str, dict[str, Any]] = {pod["metadata"]["name"]: pod for pod in PODS}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """`pod`: each of the corpus."""
    if "pod" in metafunc.fixturenames:
        metafunc.parametrize("pod", CORPUS.values(), ids=CORPUS.keys())


@pytest.fixture
def corpus() -> dict[str, dict[str, Any]]:
    return CORPUS


@pytest.fixture
def target() -> Target:
    return Target("churn", "http")


@pytest.fixture
def settings() -> InjectionSettings:
    return InjectionSettings("team/sidecar:1")
