"""One leader at a time, without comparing the clocks of two machines."""

import asyncio

import pytest

from modelmonitor_operator.cluster import UnavailableError
from modelmonitor_operator.kinds import LEASE, Reference
from modelmonitor_operator.leader import Clocks, Leadership, LostLeadershipError
from modelmonitor_operator.testing_cluster import FakeCluster

REFERENCE = Reference(LEASE, "modelmonitor", "modelmonitor-operator")
SECONDS = 15


class Time:
    """Two clocks that a test moves."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def clocks(self, stamp: str = "2026-11-26T12:00:00.000000Z") -> Clocks:
        return Clocks(lambda: f"{stamp}/{self.now}", lambda: self.now)


def candidate(
    cluster: FakeCluster, name: str, time: Time, lease_seconds: int = SECONDS
) -> Leadership:
    return Leadership(cluster, ("modelmonitor", name), lease_seconds, time.clocks())


async def got(leadership: Leadership) -> bool:
    """Whether it leads after one try."""
    return await leadership.tried(SECONDS)


def spec(cluster: FakeCluster) -> dict[str, object]:
    found: dict[str, object] = cluster.objects[REFERENCE]["spec"]
    return found


async def test_the_first_leads_and_the_second_does_not() -> None:
    cluster, time = FakeCluster(), Time()

    assert await got(candidate(cluster, "a", time))
    assert not await got(candidate(cluster, "b", time))
    assert spec(cluster)["holderIdentity"] == "a"


async def test_a_lease_that_is_renewed_is_never_taken() -> None:
    cluster, time = FakeCluster(), Time()
    leader, other = candidate(cluster, "a", time), candidate(cluster, "b", time)

    for _ in range(20):
        assert await got(leader)
        assert not await got(other)
        time.now += SECONDS / 2


async def test_a_lease_that_has_not_changed_for_its_duration_is_taken() -> None:
    cluster, time = FakeCluster(), Time()
    leader, other = candidate(cluster, "a", time), candidate(cluster, "b", time)
    await got(leader)
    assert not await got(other)

    time.now += SECONDS
    assert not await got(other)
    time.now += 0.1
    assert await got(other)
    assert spec(cluster)["leaseTransitions"] == 1


async def test_a_lease_of_a_clock_that_is_years_behind_is_not_taken_early() -> None:
    cluster, time = FakeCluster(), Time()
    behind = Leadership(
        cluster, ("modelmonitor", "a"), SECONDS, time.clocks("1999-01-01T00:00:00.000000Z")
    )
    await got(behind)

    assert not await got(candidate(cluster, "b", time))


async def test_of_two_that_find_it_over_one_gets_it() -> None:
    cluster, time = FakeCluster(), Time()
    await got(candidate(cluster, "a", time))
    others = [candidate(cluster, name, time) for name in "bc"]
    for one in others:
        await got(one)
    time.now += SECONDS + 1

    assert sorted(await asyncio.gather(*map(got, others))) == [False, True]


async def test_given_back_it_is_free_at_once() -> None:
    cluster, time = FakeCluster(), Time()
    leader = candidate(cluster, "a", time)
    await got(leader)

    await leader.release()

    assert await got(candidate(cluster, "b", time))


async def test_what_somebody_else_holds_is_not_given_back() -> None:
    cluster, time = FakeCluster(), Time()
    await got(candidate(cluster, "a", time))

    await candidate(cluster, "b", time).release()

    assert spec(cluster)["holderIdentity"] == "a"


async def test_a_leader_that_cannot_renew_in_time_is_none() -> None:
    cluster, time = FakeCluster(), Time()
    leader = candidate(cluster, "a", time, lease_seconds=1)
    await got(leader)

    def gone(verb: str, reference: Reference) -> None:
        time.now += 1
        raise UnavailableError("gone")

    cluster.failing = gone
    with pytest.raises(LostLeadershipError):
        await leader.hold()


async def test_a_leader_whose_renewals_are_slow_goes_on() -> None:
    cluster, time, renewed = FakeCluster(), Time(), asyncio.Event()
    leader = candidate(cluster, "a", time, lease_seconds=1)
    await got(leader)

    def slow(verb: str, reference: Reference) -> None:
        time.now += 0.35
        if len(cluster.writes) > 3:
            renewed.set()

    cluster.failing = slow
    holding = asyncio.ensure_future(leader.hold())
    async with asyncio.timeout(20):
        await renewed.wait()

    assert not holding.done()
    holding.cancel()


async def test_a_leader_whose_lease_was_taken_is_none() -> None:
    cluster, time = FakeCluster(), Time()
    leader = candidate(cluster, "a", time, lease_seconds=1)
    await got(leader)
    other = candidate(cluster, "b", time)
    await got(other)
    time.now += SECONDS + 1
    assert await got(other)

    def later(verb: str, reference: Reference) -> None:
        time.now += 1

    cluster.failing = later
    with pytest.raises(LostLeadershipError):
        await leader.hold()


async def test_a_standby_becomes_leader_when_the_leader_goes() -> None:
    cluster, time = FakeCluster(), Time()
    leader, other = candidate(cluster, "a", time), candidate(cluster, "b", time, lease_seconds=0)
    await got(leader)

    waiting = asyncio.ensure_future(other.acquire())
    await leader.release()

    async with asyncio.timeout(20):
        await waiting
    assert spec(cluster)["holderIdentity"] == "b"
