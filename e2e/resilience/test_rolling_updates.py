"""Rolling updates under load, beside the same update of an app that nobody watches."""

from math import sqrt

import pytest

from e2e.cluster.load import Load, steady_load
from e2e.cluster.twins import ALONE, WATCHED, Twins

pytestmark = pytest.mark.timeout(600)

RATE = 20.0
ABRUPT_ROLLOUTS = 4
RESTART = ("rollout", "restart", "deployment/churn")
# By the port's name, as people write it: injection turns it into the app's number.
LEAVES_BEFORE_IT_ENDS = {"preStop": {"httpGet": {"path": "/leave", "port": "http"}}}


def test_updates_of_an_app_that_drains_fail_no_request(pair: Twins) -> None:
    pair.serve("politely")
    with steady_load(pair.watched, RATE, pair.addresses()) as load:
        pair.command(*RESTART)
        pair.command("set", "env", "deployment/churn", "RELEASE=2")
        pair.serve("abruptly", lifecycle=LEAVES_BEFORE_IT_ENDS)
        pair.command(*RESTART)
        pair.pods()

    assert load.answered(WATCHED) > 0
    assert load.failed(WATCHED) == 0, load.counts


def test_updates_of_an_app_that_does_not_drain_fail_no_more_requests_than_without_us(
    pair: Twins,
) -> None:
    pair.serve("abruptly")
    with steady_load(pair.watched, RATE, pair.addresses()) as load:
        for _ in range(ABRUPT_ROLLOUTS):
            pair.command(*RESTART)
        pair.pods()

    assert load.answered(WATCHED) > load.failed(WATCHED), load.counts
    assert _excess(load) <= _margin(load), load.counts


def _excess(load: Load) -> int:
    return load.failed(WATCHED) - load.failed(ALONE)


def _margin(load: Load) -> float:
    """Three standard deviations of the difference of two counts that have the same mean.

    The variance of a count of independent events is its mean; the two counts' sum estimates that
    of the difference.
    """
    return 3 * sqrt(load.failed(WATCHED) + load.failed(ALONE))
