"""PodMonitors that scrape the same pods a second time."""

from dataclasses import replace
from typing import Any

import pytest

from modelmonitor_api.spec_reading import parse_monitor
from modelmonitor_operator.preflight.chain import first_problem
from modelmonitor_operator.preflight.problem import Situation
from modelmonitor_operator.render.pod_monitor import pod_monitor as rendered_pod_monitor
from modelmonitor_operator.testing_monitors import (
    SETTINGS,
    monitor,
    with_settings,
)
from modelmonitor_operator.testing_preflight import (
    CREATED,
    pod_monitor,
    reason,
    world,
)


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (pod_monitor("mm-proxy", {"app": "churn"}), "ScrapedTwice"),
        (pod_monitor("mm-collector", {"modelmonitor.io/monitor": "churn"}), "ScrapedTwice"),
        (pod_monitor("mm-proxy", {}), "ScrapedTwice"),
        (pod_monitor("http", {"app": "churn"}), None),
        (pod_monitor("", {}, podMetricsEndpoints=[{"portNumber": 24081}]), "ScrapedTwice"),
        (pod_monitor("", {}, podMetricsEndpoints=[{"targetPort": "mm-proxy"}]), "ScrapedTwice"),
        (pod_monitor("", {}, podMetricsEndpoints=[{"portNumber": 8080}]), None),
        (pod_monitor("mm-proxy", {"app": "shop"}), None),
        (pod_monitor("mm-proxy", {}, namespaceSelector={"matchNames": ["team-b"]}), None),
        (pod_monitor("mm-proxy", {}, namespaceSelector={"any": True}), "ScrapedTwice"),
    ],
)
def test_a_second_pod_monitor_on_the_same_pods_is_named(
    other: dict[str, Any], expected: str | None
) -> None:
    assert reason(world(foreign_pod_monitors=[other])) == expected


def test_the_pod_monitor_that_was_rendered_by_hand_becomes_the_operator_s() -> None:
    rendered = rendered_pod_monitor(parse_monitor(monitor()), SETTINGS.render)
    annotated = with_settings(render=replace(SETTINGS.render, scrape_by="Annotations"))
    seen = world(foreign_pod_monitors=[rendered])

    assert reason(seen) is None
    twice = first_problem(Situation(parse_monitor(monitor()), CREATED, seen, annotated))
    assert twice is not None
    assert twice.reason == "ScrapedTwice"
