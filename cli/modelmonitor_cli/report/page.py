"""A report as one HTML file that stands alone: no script, nothing loaded, the status page's looks.

It refuses to know what is reported.  What goes into it is made by `element` and `text` of
`modelmonitor_sidecar.expose.html`, which escape all that is no markup.
"""

import hashlib
from base64 import b64encode
from dataclasses import dataclass
from importlib.metadata import version
from importlib.resources import files
from typing import Final, Literal

from modelmonitor_sidecar.expose.html import Markup, element, text
from modelmonitor_sidecar.expose.page import ICON
from modelmonitor_sidecar.expose.page import STYLE as STATUS_STYLE

Tone = Literal["ok", "drift", "quiet"]
"""The colour of a page, a card or a badge: all well, something found, nothing to say."""

STYLE: Final = STATUS_STYLE + files(__package__).joinpath("report.css").read_text("utf-8")
_STYLE_HASH: Final = b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
_CONTENT_SECURITY_POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; img-src data:; base-uri 'none'"
)


@dataclass(frozen=True, slots=True)
class Heading:
    """The top of a page: which command, what it found, and the details a line each."""

    command: str
    headline: str
    details: tuple[str, ...] = ()
    tone: Tone = "quiet"


def standalone_page(heading: Heading, *sections: Markup | None) -> str:
    """The document; the same input gives the same bytes."""
    body = element(
        "body", _top(heading), element("main", *sections), _foot(), class_=f"tone-{heading.tone}"
    )
    return f"<!doctype html>{element('html', _head(heading), body, lang='en')}\n"


def section(title: str, *children: Markup | str | None, hint: str | None = None) -> Markup:
    """A part of the page under its title; `hint` says in a sentence how to read it."""
    told = None if hint is None else element("p", hint, class_="hint")
    return element("section", element("h2", title), told, *children, class_="part")


def card(title: Markup, badge: Markup, tone: Tone, *children: Markup | None) -> Markup:
    """A sheet about one thing."""
    heading = element("header", element("h3", title), badge)
    return element("article", heading, *children, class_=f"card {tone}")


def badge(words: str, tone: Tone) -> Markup:
    """A verdict as words, so that colour is never needed to read it."""
    return element("span", words, class_=f"badge {tone}")


def plain_table(titles: tuple[str, ...], rows: list[tuple[Markup | str, ...]]) -> Markup:
    """Rows under titles; the first column names the row, the others are set as numbers."""
    head = element("tr", *[element("th", title, scope="col") for title in titles])
    body = [
        element(
            "tr",
            element("th", row[0], scope="row"),
            *[element("td", cell) for cell in row[1:]],
        )
        for row in rows
    ]
    table = element("table", element("thead", head), element("tbody", *body))
    return element("div", table, class_="wide")


def _head(heading: Heading) -> Markup:
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", http_equiv="Content-Security-Policy", content=_CONTENT_SECURITY_POLICY),
        element("title", f"{heading.headline} \N{MIDDLE DOT} {heading.command}"),
        element("link", rel="icon", href=ICON),
        element("style", Markup(STYLE)),
    )


def _top(heading: Heading) -> Markup:
    details = [element("p", line, class_="detail") for line in heading.details]
    return element(
        "header",
        element("p", heading.command, class_="what"),
        element("h1", heading.headline),
        *details,
        class_="top",
    )


def _foot() -> Markup:
    return element("footer", text(element("p", f"modelmonitor {version('modelmonitor')}")))
