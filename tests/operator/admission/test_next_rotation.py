"""A rotation that is due while the one before is still remembered."""

from datetime import UTC, datetime, timedelta

import pytest

from modelmonitor_operator.admission.pairs import new_pair
from modelmonitor_operator.admission.rotation import Pairs, Terms, rotated

START = datetime(2026, 1, 1, tzinfo=UTC)
OVERLAP, SHORT, LONG = 600, 3_000, 90_000


def terms(valid_seconds: int, *hosts: str) -> Terms:
    return Terms(lambda now: new_pair(hosts, now, valid_seconds), frozenset(hosts), OVERLAP)


def after(seconds: int) -> datetime:
    return START + timedelta(seconds=seconds)


@pytest.fixture
def once() -> Pairs:
    """A pair that has just followed another, which ends much later than itself."""
    old = new_pair(["a"], after(-10 * OVERLAP), LONG)
    return Pairs(new_pair(["a"], START, SHORT), old)


def test_a_shorter_life_is_followed_at_two_thirds_of_it(once: Pairs) -> None:
    shorter = terms(SHORT, "a")
    assert rotated(once, once.trusted(), after(1_999), shorter) == once

    following = rotated(once, once.trusted(), after(2_000), shorter)
    assert following.serving == once.serving
    assert following.other is not None
    assert following.other.made == after(2_000)

    shown = rotated(following, following.trusted(), after(2_000 + OVERLAP), shorter)
    assert shown == Pairs(following.other, once.serving)


def test_another_name_waits_until_nobody_shows_the_certificate_before(once: Pairs) -> None:
    more = terms(SHORT, "a", "b")
    assert rotated(once, once.trusted(), after(2 * OVERLAP - 1), more) == once

    following = rotated(once, once.trusted(), after(2 * OVERLAP), more)
    assert following.other is not None
    assert following.other.hosts == {"a", "b"}
