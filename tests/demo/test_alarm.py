from datetime import UTC, datetime, timedelta

import pytest

from demo.alarm import Broken, silence
from demo.failure import DemoError
from demo.rule_results import Alert

FIRST_BREAK = datetime(2026, 3, 1, 12, tzinfo=UTC)
BEFORE = Broken(FIRST_BREAK, FIRST_BREAK + timedelta(seconds=15))


def alert(since: datetime, **labels: str) -> Alert:
    return Alert("ModelMonitorFeatureDrift", labels, {}, 1.0, since)


def test_silence_is_said() -> None:
    assert silence([], BEFORE) == "no alert fires"


def test_an_alert_of_what_broke_before_is_right() -> None:
    later = FIRST_BREAK + timedelta(seconds=90)

    assert silence([alert(later, feature="age")], BEFORE) == (
        "of what broke before, this fires still: ModelMonitorFeatureDrift of age"
    )


def test_an_alert_before_anything_broke_ends_the_tour() -> None:
    earlier = FIRST_BREAK - timedelta(seconds=1)

    with pytest.raises(DemoError, match="of age fires although nothing was wrong"):
        silence([alert(earlier, feature="age")], BEFORE)


def test_an_alert_that_is_about_no_feature_ends_the_tour() -> None:
    later = FIRST_BREAK + timedelta(seconds=90)

    with pytest.raises(DemoError, match="of deadlift fires although nothing was wrong"):
        silence([alert(later, model="deadlift")], BEFORE)
