"""Quotas and limit ranges: is there room for a pair of sidecars in each pod?"""

from typing import Any

import pytest

from modelmonitor_operator.inject.settings import DEFAULT_SIZES
from modelmonitor_operator.testing_monitors import (
    IMAGE,
    pod,
)
from modelmonitor_operator.testing_preflight import limit_range, quota, reason, world
from modelmonitor_operator.world import SeenPod


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (quota("0", "320Mi"), None),
        (quota("1Mi", "320Mi"), "QuotaTooSmall"),
        (quota("0", "319Mi", "limits.memory"), "QuotaTooSmall"),
        (quota("0", "100m", "requests.cpu"), None),
        (quota("1m", "100m", "requests.cpu"), "QuotaTooSmall"),
        (quota("0", "4", "limits.cpu"), "QuotaWantsLimit"),
        (quota("0", "1Mi", scopes=["BestEffort"]), None),
        (quota("0", "5", "pods"), None),
    ],
)
def test_a_quota_has_to_have_room_for_a_pair_of_sidecars(
    one: dict[str, Any], expected: str | None
) -> None:
    """Small: 50m and 128Mi, 50m and 192Mi."""
    assert DEFAULT_SIZES["Small"].proxy.memory == "128Mi"
    assert reason(world(quotas=[one])) == expected


def test_a_quota_has_to_have_room_for_every_pod_without_sidecars() -> None:
    pods = [SeenPod(f"churn-{i}", pod(), "ReplicaSet", None) for i in range(3)]

    assert reason(world(pods=pods, quotas=[quota("0", "960Mi")])) is None
    assert reason(world(pods=pods, quotas=[quota("0", "959Mi")])) == "QuotaTooSmall"


def test_pods_that_opted_out_need_no_room() -> None:
    out = pod("out")
    out["metadata"]["labels"]["modelmonitor.io/inject"] = "false"
    pods = [SeenPod(one["metadata"]["name"], one, "ReplicaSet", None) for one in (pod(), out)]

    assert reason(world(pods=pods, quotas=[quota("0", "320Mi")])) is None


@pytest.mark.parametrize(("default", "expected"), [("2", None), ("2001m", "QuotaTooSmall")])
def test_a_limit_that_a_limit_range_fills_in_is_what_a_quota_counts(
    default: str, expected: str | None
) -> None:
    filled = [limit_range(default={"cpu": "1"}), limit_range(default={"cpu": default})]
    wide = limit_range(default={"memory": "1Gi"})

    room = world(quotas=[quota("0", "4", "limits.cpu")], limit_ranges=[*filled, wide])

    assert reason(room) == expected


def test_pods_that_have_their_sidecars_need_no_room() -> None:
    pods = [SeenPod("churn-1", pod("churn-1", IMAGE), "ReplicaSet", IMAGE)]

    assert reason(world(pods=pods, quotas=[quota("1Gi", "1Gi")])) is None
