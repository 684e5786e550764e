"""Alerts about the webhook: each fires when it should, and is silent in a healthy hour."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from modelmonitor_api.webhook_metrics import (
    FAIL_OPEN,
    WEBHOOK_ALERTS,
    WEBHOOK_CERTIFICATE_ENDING,
    WEBHOOK_CERTIFICATE_FAILING,
    WEBHOOK_DOWN,
    WEBHOOK_FAILING,
    WEBHOOK_UNREACHABLE,
)
from modelmonitor_operator.admission.metrics import WebhookMetrics
from modelmonitor_operator.render.webhook_rules import webhook_rules

Firing = Callable[[Mapping[str, Any], Mapping[str, str]], set[str]]
RULES = webhook_rules("https://books.example.com", "https://grafana.example.com")
ALERTS: Sequence[Mapping[str, Any]] = RULES["groups"][0]["rules"]
HOUR, DAY = 3_600, 86_400


def of(name: str, pod: str = "a", **labels: str) -> str:
    more = "".join(f',{key}="{value}"' for key, value in labels.items())
    return f'modelmonitor_webhook_{name}{{namespace="mm",pod="{pod}"{more}}}'


def passed(webhook: str = "inject.modelmonitor.io") -> str:
    return f'{FAIL_OPEN}{{namespace="default",name="{webhook}",type="admit"}}'


def good(begin: int, end: int, pod: str = "a") -> dict[str, str]:
    """A certificate that begins and ends at these seconds of the story, which looks at 3600."""
    return {
        of("certificate_begin_timestamp_seconds", pod): f"{begin}x70",
        of("certificate_end_timestamp_seconds", pod): f"{end}x70",
    }


HEALTHY = {
    **good(-300 * DAY, 65 * DAY),
    **good(-30 * DAY, 60 * DAY, "b"),
    of("certificate_failures_total"): "0x40 1x30",
    of("reviews_total", outcome="Injected"): "0+2x70",
    of("reviews_total", outcome="Failed"): "0x50 1x20",
    of("review_duration_seconds_count"): "0+30x70",
    passed(): "4x70",
    passed("other.example.com"): "0+9x70",
}
"""One sample a minute: one error long ago, one lately, and another webhook that is down."""
BROKEN: Mapping[str, Mapping[str, str]] = {
    WEBHOOK_DOWN: {**good(0, 0), **good(0, 0, "b")},
    WEBHOOK_UNREACHABLE: {passed(): "4x50 5 6 7x20"},
    WEBHOOK_FAILING: {of("reviews_total", outcome="Failed"): "0+4x70"},
    WEBHOOK_CERTIFICATE_FAILING: {of("certificate_failures_total"): "0+1x70"},
    WEBHOOK_CERTIFICATE_ENDING: good(-336 * DAY, 29 * DAY),
}


def test_a_healthy_hour_is_silent(firing: Firing) -> None:
    assert firing(RULES, HEALTHY) == set()


@pytest.mark.parametrize("alert", WEBHOOK_ALERTS)
def test_an_alert_fires_on_its_own_trouble_alone(alert: str, firing: Firing) -> None:
    assert firing(RULES, {**HEALTHY, **BROKEN[alert]}) == {alert}


def test_a_webhook_that_nobody_scrapes_is_down(firing: Firing) -> None:
    assert firing(RULES, {"up": "1x70"}) == {WEBHOOK_DOWN}


def test_a_webhook_that_nobody_asks_is_well(firing: Firing) -> None:
    """No pod is created for an hour: nothing by nothing is no share."""
    quiet = {of("review_duration_seconds_count"): "7x70"}
    quiet[of("reviews_total", outcome="Failed")] = "7x70"
    assert firing(RULES, {**good(-DAY, 80 * DAY), **quiet}) == set()


def test_one_replica_that_can_answer_is_enough(firing: Firing) -> None:
    """The other has just started, and reads its certificate."""
    assert firing(RULES, {**HEALTHY, **good(0, 0)}) == set()


def test_a_burst_of_failures_is_told_though_it_is_over(firing: Firing) -> None:
    """A rollout of ten pods eleven minutes ago, then nothing."""
    rollout = {
        of("reviews_total", outcome="Failed"): "0x49 10x21",
        of("review_duration_seconds_count"): "0x49 10x21",
    }
    assert firing(RULES, {**good(-DAY, 80 * DAY), **rollout}) == {WEBHOOK_FAILING}


def test_a_certificate_that_has_ended_is_both(firing: Firing) -> None:
    ended = {**good(-90 * DAY, HOUR - 360), **good(-90 * DAY, HOUR - 360, "b")}
    assert firing(RULES, ended) == {WEBHOOK_DOWN, WEBHOOK_CERTIFICATE_ENDING}


@pytest.mark.parametrize(
    ("life_days", "left_days", "told"),
    [
        (365, 122, False),  # the next one is made
        (365, 31, False),
        (365, 29, True),  # a month
        (90, 30, False),  # cert-manager renews
        (90, 23, False),
        (90, 22, True),  # a quarter of 90 is 22.5
        (3_650, 31, False),
        (3_650, 29, True),
    ],
)
def test_it_is_told_at_a_quarter_of_a_life_or_a_month(
    life_days: int, left_days: int, told: bool, firing: Firing
) -> None:
    end = HOUR + left_days * DAY
    wanted = {WEBHOOK_CERTIFICATE_ENDING} if told else set()
    assert firing(RULES, good(end - life_days * DAY, end)) == wanted


def test_every_series_that_rules_read_is_one_that_the_webhook_exposes_from_the_start() -> None:
    exposed = set(
        re.findall(r"^(modelmonitor_webhook_\w+)", WebhookMetrics("1").page().decode(), re.M)
    )
    read = {
        name for rule in ALERTS for name in re.findall(r"modelmonitor_webhook_\w+", rule["expr"])
    }
    assert len(read) == 5
    assert read <= exposed
