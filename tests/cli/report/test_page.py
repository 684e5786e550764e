"""The page of a report: alone, locked, escaped."""

import base64
import hashlib
import re

from modelmonitor_cli.report.page import (
    STYLE,
    Heading,
    badge,
    card,
    plain_table,
    section,
    standalone_page,
)
from modelmonitor_sidecar.expose.html import text

HOSTILE = "</title><script>alert(1)</script>&\"'"


def page(headline: str = "all is well") -> str:
    heading = Heading("modelmonitor compare", headline, ("one", "two"), "ok")
    return standalone_page(heading, section("Part", "words", hint="read it so"))


def test_the_page_loads_nothing_and_runs_nothing() -> None:
    made = page()
    assert "<script" not in made
    assert not re.search(r'(src|href)="(?!data:)', made)
    assert "url(" not in STYLE
    assert "@import" not in STYLE


def test_the_policy_allows_this_style_alone() -> None:
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    assert f"sha256-{digest}" in page()
    assert f"<style>{STYLE}</style>" in page()


def test_a_hostile_name_stays_text_wherever_it_stands() -> None:
    made = standalone_page(
        Heading(HOSTILE, HOSTILE, (HOSTILE,), "drift"),
        section(HOSTILE, HOSTILE, hint=HOSTILE),
        card(text(HOSTILE), badge(HOSTILE, "drift"), "drift"),
        plain_table((HOSTILE,), [(HOSTILE, HOSTILE)]),
    )
    assert "<script>" not in made
    assert made.count("</title>") == 1
    assert made.count("&lt;script&gt;") == 13


def test_the_same_input_gives_the_same_bytes() -> None:
    assert page() == page()


def test_the_tone_is_the_pages_colour() -> None:
    assert '<body class="tone-ok">' in page()
