"""The page on injection shows what inject() makes, and the messages that are told."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from modelmonitor_operator.inject.injection import Target, inject
from modelmonitor_operator.inject.settings import DEFAULT_SIZES, InjectionSettings
from modelmonitor_operator.inject.skips import Reason, skipped

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "injection.md").read_text()
SETTINGS = InjectionSettings("team/sidecar:1")
CORPUS = list(yaml.safe_load_all((ROOT / "tests/operator/inject/pods.yaml").read_text()))


def rows(heading: str) -> dict[str, list[str]]:
    """The table under a heading: the first cell, without its backticks, leads to the others."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in section.splitlines()
        if line.startswith("|")
    ]
    return {first.strip("`"): others for first, *others in cells[2:]}


def test_the_pod_of_the_page_is_the_pod_that_is_made() -> None:
    given, shown = (
        yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    )
    assert inject(given, Target("churn", "http"), SETTINGS).pod == shown


def test_every_reason_is_told_with_its_message() -> None:
    table = rows("Which pods are left as they are")
    assert list(table) == [reason.value for reason in Reason]


@pytest.mark.parametrize("reason", list(Reason))
def test_the_messages_are_the_programs(reason: Reason) -> None:
    pods: list[Any] = [
        pod
        for pod in CORPUS
        if (pod["metadata"].get("annotations") or {}).get("expect") == reason.value
    ]
    skips = [skipped(pod, "http", SETTINGS) for pod in pods]
    (shown,) = rows("Which pods are left as they are")[reason.value]
    assert shown in {skip.message for skip in skips if skip}


def test_the_sizes_are_the_defaults() -> None:
    assert rows("Sizes") == {
        size: [
            f"{pair.proxy.cpu}, {pair.proxy.memory}",
            f"{pair.collector.cpu}, {pair.collector.memory}",
        ]
        for size, pair in DEFAULT_SIZES.items()
    }
