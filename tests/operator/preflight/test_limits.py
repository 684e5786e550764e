"""Which bounds of a LimitRange the sidecars are outside of, and what is told.

Small: each 50m of CPU without a limit, 128Mi for the proxy and 192Mi for the collector.  That the
API server decides alike is seen in e2e/apiserver.
"""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from modelmonitor_api.spec_reading import parse_monitor
from modelmonitor_operator.inject.quantities import amount
from modelmonitor_operator.inject.settings import DEFAULT_SIZES, PairResources, Resources
from modelmonitor_operator.preflight.limits import limit_ranges_allow
from modelmonitor_operator.preflight.problem import Situation
from modelmonitor_operator.testing_monitors import SETTINGS, monitor, pod_template
from modelmonitor_operator.world import Workload, World


def template(**resources: Any) -> Workload:
    pod = pod_template()
    pod["spec"]["containers"][0]["resources"] = resources
    return Workload("Deployment", "churn", pod)


def words(workload: Workload = template(), **bounds: Any) -> str | None:  # noqa: B008
    limit_range = {"metadata": {"name": "tight"}, "spec": {"limits": [bounds]}}
    world = World(workloads=[workload], limit_ranges=[limit_range])
    problem = limit_ranges_allow(Situation(parse_monitor(monitor()), "", world, SETTINGS))
    if problem is None:
        return None
    assert problem.reason == "LimitRange"
    assert problem.message.startswith("LimitRange tight refuses ")
    assert "sidecar.size" in problem.message
    return problem.message.removeprefix("LimitRange tight refuses ").rpartition(": ")[0]


def test_a_container_that_is_too_small_is_named_with_both_numbers() -> None:
    assert words(type="Container", min={"cpu": "0.06"}) == (
        "container modelmonitor-collector: at least 0.06 of cpu has to be requested, not 0.05"
    )
    assert words(type="Container", min={"memory": "150Mi"}) == (
        "container modelmonitor-proxy: at least 157286400 of memory has to be requested, "
        "not 134217728"
    )


def test_a_container_that_is_too_large_is_named() -> None:
    assert words(type="Container", max={"memory": "191Mi"}) == (
        "container modelmonitor-collector: at most 200278016 of memory may be used, "
        "the limit is 201326592"
    )
    assert words(type="Container", max={"memory": "192Mi"}) is None


def test_a_default_limit_is_the_sidecars_limit_of_cpu() -> None:
    assert words(type="Container", max={"cpu": "1"}, default={"cpu": "1"}) is None
    assert words(type="Container", max={"cpu": "1"}) == (
        "container modelmonitor-collector: at most 1 of cpu may be used, the limit is nothing"
    )
    assert words(type="Container", default={"cpu": "40m"}) == (
        "container modelmonitor-collector: its default limit of 0.04 cpu is below the request 0.05"
    )


def test_a_ratio_is_held_against_the_default_limit() -> None:
    bounds: dict[str, Any] = {"type": "Container", "maxLimitRequestRatio": {"cpu": "2"}}
    assert words(**bounds, default={"cpu": "100m"}) is None
    assert words(**bounds, default={"cpu": "101m"}) == (
        "container modelmonitor-collector: the limit of cpu may be 2 times what is requested"
    )


def test_a_pod_is_the_sum_of_the_app_and_both_sidecars() -> None:
    app = template(limits={"memory": "100Mi"})
    assert words(app, type="Pod", max={"memory": "420Mi"}) is None
    assert words(app, type="Pod", max={"memory": "419Mi"}) == (
        "Deployment churn with the sidecars: at most 439353344 of memory may be used, "
        "the limit is 440401920"
    )


def test_an_app_without_a_limit_is_refused_without_us_too() -> None:
    assert words(template(), type="Pod", max={"cpu": "1m"}) is None


def test_bounds_of_other_things_are_no_matter() -> None:
    assert words(type="PersistentVolumeClaim", max={"storage": "1Gi"}) is None


def test_limits_of_the_chart_count() -> None:
    limited = Resources("50m", "128Mi", "1")
    sizes = {**DEFAULT_SIZES, "Small": PairResources(limited, limited)}
    settings = replace(SETTINGS, injection=replace(SETTINGS.injection, sizes=sizes))
    bounds = {"type": "Container", "max": {"cpu": "1"}}
    world = World(limit_ranges=[{"metadata": {"name": "tight"}, "spec": {"limits": [bounds]}}])
    assert limit_ranges_allow(Situation(parse_monitor(monitor()), "", world, settings)) is None


@pytest.mark.parametrize(
    ("text", "number"),
    [("100n", "1e-7"), ("5u", "5e-6"), ("1500m", "1.5"), ("2Ki", "2048"), ("1e3", "1000")],
)
def test_every_unit_of_kubernetes_is_read(text: str, number: str) -> None:
    assert amount(text) == Decimal(number)
