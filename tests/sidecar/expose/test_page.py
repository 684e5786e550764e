"""The status page: what it says first, what it leaves out, and that nothing on it is code."""

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from modelmonitor_sidecar import testing_status as given
from modelmonitor_sidecar.expose.html import Markup, element, text
from modelmonitor_sidecar.expose.overview import first_window, headline
from modelmonitor_sidecar.expose.page import CONTENT_SECURITY_POLICY, STYLE, status_page
from modelmonitor_sidecar.expose.status import Cell, FeatureStatus, PayloadStatus, Status

DRIFTING = given.status(
    given.model(
        given.window("5m", given.feature("age"), given.feature("income", "drift"), given.colour()),
        given.window("1h", given.feature("age"), given.feature("income"), given.colour()),
    )
)
HEALTHY = given.status(given.model(given.window("5m", given.feature(), given.colour())))
FEW = given.status(given.model(given.window("5m", given.feature("age", "insufficient"))))


def words(page: str) -> str:
    """What a person reads, in order."""
    without = re.sub(r"<(style|svg|title).*?</\1>", " ", page, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]*>", " ", without).split())


class Balance(HTMLParser):
    """Fails where an element ends that was not the last to begin."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "link"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize(
    "status", [DRIFTING, HEALTHY, FEW, given.status(), given.status(given.model())]
)
def test_every_element_ends_where_it_should(status: Status) -> None:
    reader = Balance()
    reader.feed(status_page(status))
    assert reader.open == []


def test_drift_comes_first_with_effect_evidence_rows_and_since_when() -> None:
    told = words(status_page(DRIFTING))
    assert "Drift in income" in told
    assert told.index("income numeric Drift") < told.index("age numeric")
    assert "since 22:01 UTC , 12 min ago" in told
    assert "0.42 counts above 0.1" in told
    assert "14.2 counts above 6.1" in told
    assert "2,000 needs 200" in told
    assert "Out of range 2.0 % was 0 %" in told


def test_a_feature_that_is_only_missing_is_not_called_drift() -> None:
    age = given.feature("age")
    missing = replace(age.shares[0], rows=2000, share=1.0, verdict="drift")
    status = given.status(
        given.model(given.window("5m", replace(age, shares=(missing, *age.shares[1:]))))
    )
    assert headline(status, "5m").words == "More missing in age"


def test_a_healthy_page_says_so() -> None:
    told = words(status_page(HEALTHY))
    assert "No drift" in told
    assert "Drift" not in told


def test_too_few_rows_are_told_with_how_many_are_needed() -> None:
    told = words(status_page(FEW))
    assert "Collecting rows" in told
    assert "needs 200 rows; there are 37" in told
    assert "needs 200 rows, has 37" in words(status_page(FEW, "5m", "f-0-0"))


@pytest.mark.parametrize(
    ("status", "words_first"),
    [
        (replace(given.status(), payloads=()), "Waiting for the first request"),
        (replace(given.status(), payloads=(), proxies=0), "No proxy is connected"),
        (given.status(), "Requests come, but none can be read"),
        (
            replace(given.status(), payloads=(PayloadStatus("churn", 0, {}, {"status": 150}),)),
            "Requests come, but every answer is an error",
        ),
        (
            replace(
                given.status(),
                payloads=(PayloadStatus("churn", 0, {"not_json": 1}, {"status": 150}),),
            ),
            "Requests come, but none can be read",
        ),
        (
            given.status(given.model(given.window("5m", given.feature()), baseline=None)),
            "Counting, without a baseline",
        ),
    ],
)
def test_empty_states_say_what_is_missing(status: Status, words_first: str) -> None:
    window = first_window(status)
    assert headline(status, window).words == words_first


def test_the_first_window_that_drifts_is_opened_and_any_other_can_be_chosen() -> None:
    assert first_window(DRIFTING) == "5m"
    assert first_window(HEALTHY) == "5m"
    assert "No drift" in words(status_page(DRIFTING, "1h"))
    assert "Drift in income" in words(status_page(DRIFTING, "no such window"))
    assert 'href="?window=1h"' in status_page(DRIFTING)


def test_a_row_opens_as_a_card_and_closes_again() -> None:
    closed, opened = status_page(HEALTHY), status_page(HEALTHY, "5m", "f-0-1")
    assert 'href="?window=5m&amp;feature=f-0-1#f-0-1"' in closed
    assert "Close" not in closed
    assert "unseen 15 % was 0 %" in words(opened)
    assert "Close" in opened


def test_provisional_and_unconfirmed_verdicts_are_marked() -> None:
    judged = replace(given.judgement("drift"), provisional=True, confirmed=False)
    status = given.status(
        given.model(given.window("5m", replace(given.feature("age", "drift"), judgement=judged)))
    )
    told = words(status_page(status))
    assert "not confirmed yet provisional" in told
    assert "this never pages" in told


def test_problems_and_what_the_budget_left_out_are_told() -> None:
    status = replace(
        HEALTHY, problems=("baseline.json: is no JSON",), series_dropped=120, proxies=0
    )
    told = words(status_page(status))
    assert "baseline.json: is no JSON" in told
    assert "120 series are left out: the budget is 20,000" in told
    assert "No proxy is connected now" in told


HOSTILE = "\"><script>alert(1)</script>'&\x00\u202e\ud800"


def hostile() -> Status:
    one: FeatureStatus = given.feature(HOSTILE, "drift")
    other = replace(given.colour(HOSTILE, "drift"), cells=(Cell(HOSTILE, 5, 5),))
    shown = replace(given.model(given.window("5m", one, other)), model=HOSTILE, version=HOSTILE)
    return replace(
        given.status(shown),
        monitor=HOSTILE,
        namespace=HOSTILE,
        problems=(HOSTILE,),
        release=HOSTILE,
    )


def test_no_name_becomes_markup() -> None:
    page = status_page(hostile(), HOSTILE, HOSTILE)
    assert "<script" not in page
    assert not re.search(r"[\x00-\x09\x0b-\x1f\u202e]", page)
    page.encode()
    reader = Balance()
    reader.feed(page)
    assert reader.open == []


def test_the_page_needs_nothing_but_itself_and_allows_nothing_else() -> None:
    page = status_page(DRIFTING)
    assert not re.search(r'(src|href)="(https?:)?//', page)
    assert " style=" not in page
    assert " on" not in "".join(re.findall(r"<[a-z][^>]*>", page)).replace(" one", "")
    assert "url(" not in STYLE
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in CONTENT_SECURITY_POLICY
    assert f"<style>{STYLE}</style>" in page
    assert "default-src 'none'" in CONTENT_SECURITY_POLICY


def test_the_page_refreshes_itself_and_fits_a_phone_and_the_night() -> None:
    page = status_page(HEALTHY)
    assert '<meta http-equiv="refresh" content="10">' in page
    assert "width=device-width" in page
    assert "prefers-color-scheme: dark" in STYLE
    assert "max-width: 44rem" in STYLE


def test_what_is_no_markup_is_escaped_in_texts_and_attributes() -> None:
    made = element("p", "<b>", Markup("<i></i>"), None, title='"&', class_=None)
    assert made == '<p title="&quot;&amp;">&lt;b&gt;<i></i></p>'
    assert text("a\x07b\ud800") == "a\N{REPLACEMENT CHARACTER}b?"
