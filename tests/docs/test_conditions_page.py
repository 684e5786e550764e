"""The page on messages has every sentence that the code says with a reason, and no other."""

import re

from modelmonitor_cli.testing_conditions import Said, all_said
from modelmonitor_cli.testing_pages import page
from modelmonitor_operator.inject.skips import Reason

PAGE = page("conditions.md")
OURS, _, OTHERS = PAGE.partition("These quote others")
ROW = re.compile(r"^\| `(\w+)` \| (.+) \|$", re.MULTILINE)


def explained() -> set[str]:
    """Reasons that the operator's page says what to do about."""
    rows = re.findall(
        r"^\| (?:`\w+`)? ?\| ((?:`\w+`(?:, )?)+) \|", page("operator.md"), re.MULTILINE
    )
    return {reason for row in rows for reason in re.findall(r"`(\w+)`", row)}


def test_every_message_is_there_and_every_message_that_is_there_is_said() -> None:
    assert {Said(reason, message) for reason, message in ROW.findall(OURS)} == all_said()


def test_every_reason_is_there() -> None:
    assert len(explained()) > 40
    of_pods = {reason.value for reason in Reason}
    there = {reason for reason, _ in ROW.findall(PAGE)}
    assert explained() - there - of_pods == set()
    assert there - explained() == set()


def test_what_quotes_others_is_no_message_of_ours() -> None:
    assert {reason for reason, _ in ROW.findall(OTHERS)} & {
        one.reason for one in all_said()
    } == set()
