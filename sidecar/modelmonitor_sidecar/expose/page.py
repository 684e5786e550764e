"""The status page: a `Status` in, one HTML document out, nothing else needed to read it.

No scripts, no links to elsewhere: the page's state (which window, which feature is open) stands in
its address, so a refresh keeps it.
"""

import hashlib
from base64 import b64encode
from collections.abc import Sequence
from importlib.resources import files
from typing import Final
from urllib.parse import urlencode

from modelmonitor_sidecar.expose import charts, figures
from modelmonitor_sidecar.expose.html import Markup, element, text
from modelmonitor_sidecar.expose.overview import (
    Headline,
    first_window,
    headline,
    window_verdict,
)
from modelmonitor_sidecar.expose.page_model import model_section
from modelmonitor_sidecar.expose.status import PayloadStatus, Status

REFRESH_SECONDS: Final = 10
STYLE: Final = files(__package__).joinpath("status.css").read_text("utf-8")
_STYLE_HASH: Final = b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
ICON: Final = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E"
    "%3Crect x='1' y='9' width='3' height='6' fill='%230f766e'/%3E"
    "%3Crect x='6' y='5' width='3' height='10' fill='%230f766e'/%3E"
    "%3Crect x='11' y='1' width='3' height='14' fill='%23c2410c'/%3E%3C/svg%3E"
)
CONTENT_SECURITY_POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def status_page(status: Status, window: str | None = None, opened: str | None = None) -> str:
    """The document; `window` and `opened` (a feature's anchor) come from the address."""
    shown = window if window in status.windows else first_window(status)
    told = headline(status, shown)
    body = element(
        "body",
        _top(status, told),
        element(
            "main",
            _problems(status),
            _tiles(status),
            _windows(status, shown),
            *[
                model_section(model, at, shown, status.now, opened)
                for at, model in enumerate(status.models)
            ],
            _payloads(status),
        ),
        _foot(status),
        class_=f"tone-{told.tone}",
    )
    return f"<!doctype html>{element('html', _head(status, told), body, lang='en')}"


def _head(status: Status, told: Headline) -> Markup:
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", http_equiv="refresh", content=REFRESH_SECONDS),
        element("title", f"{told.words} \N{MIDDLE DOT} {status.monitor}"),
        element("link", rel="icon", href=ICON),
        element("style", Markup(STYLE)),
    )


def _top(status: Status, told: Headline) -> Markup:
    return element(
        "header",
        element(
            "p",
            element("a", status.monitor, href="/"),
            element("span", f"namespace {status.namespace}"),
            class_="what",
        ),
        element("h1", told.words),
        element("p", told.detail, class_="detail"),
        class_="top",
    )


def _problems(status: Status) -> Markup | None:
    sentences = list(status.problems)
    if status.configuration == "missing":
        sentences.append("There is no configuration; defaults are in use.")
    if status.series_dropped:
        sentences.append(
            f"{figures.count(status.series_dropped)} series are left out: the budget is "
            f"{figures.count(status.series_budget)}. The features are still judged here."
        )
    if not status.proxies and any(model.rows for model in status.models):
        sentences.append("No proxy is connected now.")
    if not sentences:
        return None
    return element("ul", *[element("li", one) for one in sentences], class_="problems")


def _tiles(status: Status) -> Markup:
    flow = status.flow
    span = figures.duration(flow.step_seconds * len(flow.rows))
    requests, read = _requests(status)
    return element(
        "section",
        _tile(
            "Rows",
            figures.count(sum(model.rows for model in status.models)),
            f"{_rate(flow.rows, flow.step_seconds)}, last {span}",
            charts.activity(flow.rows, f"Rows in the last {span}"),
        ),
        _tile(
            "Requests",
            figures.count(requests),
            f"{figures.percent(read / requests)} read" if requests else "none yet",
            charts.activity(flow.payloads, f"Requests in the last {span}"),
        ),
        _tile("Proxies", figures.count(status.proxies), "connected"),
        _tile(
            "Collector",
            figures.duration(max(status.now - status.started, 0.0)),
            f"up, {_restarts(status.restarts)}",
        ),
        _tile(
            "Series",
            figures.count(status.series),
            f"of {figures.count(status.series_budget)}",
            charts.portion(status.series, status.series_budget),
        ),
        class_="tiles",
    )


def _requests(status: Status) -> tuple[int, int]:
    """All that came, and those of them that became rows."""
    read = sum(one.decoded for one in status.payloads)
    unread = sum(sum(_unread(one).values()) for one in status.payloads)
    return read + unread, read


def _rate(values: Sequence[int], step_seconds: float) -> str:
    """Over the steps since something came first, so that a short life is not diluted."""
    since = next((at for at, value in enumerate(values) if value), len(values))
    seconds = step_seconds * (len(values) - since)
    return f"{figures.amount(sum(values) / seconds if seconds else 0.0)} a second"


def _restarts(restarts: int) -> str:
    if not restarts:
        return "never restarted"
    return "restarted once" if restarts == 1 else f"restarted {figures.count(restarts)} times"


def _tile(name: str, value: str, unit: str, picture: Markup | None = None) -> Markup:
    return element("div", element("h2", name), element("b", value), element("span", unit), picture)


def _windows(status: Status, shown: str) -> Markup | None:
    if not status.windows:
        return None
    tabs = [_tab(status, name, current=name == shown) for name in status.windows]
    return element("nav", element("span", "Last"), *tabs, aria_label="Window")


def _tab(status: Status, name: str, *, current: bool) -> Markup:
    verdict = window_verdict(status, name)
    return element(
        "a",
        figures.window_name(name),
        element("i", class_=f"dot {verdict or 'none'}", title=verdict or "not judged"),
        href=f"?{urlencode({'window': name})}",
        aria_current="page" if current else None,
    )


def _payloads(status: Status) -> Markup | None:
    shown = [one for one in status.payloads if any(_unread(one).values())]
    if not shown:
        return None
    items = [
        element(
            "li",
            element("b", figures.count(number)),
            f" {reason.replace('_', ' ')} ",
            element("small", f"{one.model}, {kind}"),
        )
        for one in shown
        for (kind, reason), number in _unread(one).items()
        if number
    ]
    return element(
        "section",
        element("h2", "Payloads that became no rows"),
        element("ul", *items),
        class_="payloads",
    )


def _unread(one: PayloadStatus) -> dict[tuple[str, str], int]:
    unreadable = {("undecodable", reason): n for reason, n in one.undecodable.items()}
    return unreadable | {("skipped", reason): n for reason, n in one.skipped.items()}


def _foot(status: Status) -> Markup:
    return element(
        "footer",
        element("p", f"{figures.clock(status.now)}, refreshed every {REFRESH_SECONDS} s"),
        element(
            "p",
            text(
                element("a", "JSON", href="/api/status"),
                " ",
                element("a", "metrics", href="/metrics"),
                f" modelmonitor {status.release}",
            ),
        ),
    )
