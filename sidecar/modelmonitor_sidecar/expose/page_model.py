"""One version of a model on the status page: what drifts as cards, the rest as a table."""

from urllib.parse import urlencode

from modelmonitor_sidecar.expose import figures
from modelmonitor_sidecar.expose.html import Markup, element
from modelmonitor_sidecar.expose.overview import in_order_of_concern, verdict_of, window_of
from modelmonitor_sidecar.expose.page_feature import card, row
from modelmonitor_sidecar.expose.status import FeatureStatus, ModelStatus, WindowStatus


def model_section(
    model: ModelStatus, at: int, window: str, now: float, opened: str | None
) -> Markup:
    """The model with number `at` on the page, in one window."""
    shown = window_of(model, window)
    return element(
        "section",
        _heading(model, shown, now),
        _nothing(model, window) if shown is None or not shown.features else None,
        *(_features(shown, at, now, opened) if shown is not None else ()),
        class_="model",
    )


def _heading(model: ModelStatus, window: WindowStatus | None, now: float) -> Markup:
    rows = window.rows if window is not None else 0
    last = ""
    if model.last_row is not None:
        last = f", the last {figures.duration(max(now - model.last_row, 0.0))} ago"
    return element(
        "header",
        element("h2", model.model, " ", element("small", f"version {model.version}")),
        element(
            "p",
            element("b", f"{figures.count(rows)} rows"),
            f" in this window, {figures.count(model.rows)} in all{last}",
        ),
        element("p", _baseline(model), class_="against"),
        *[element("p", note, class_="against") for note in _notes(model)],
        None if model.baseline is None else _legend(),
    )


def _legend() -> Markup:
    return element(
        "p",
        element("span", class_="key live"),
        "now ",
        element("span", class_="key base"),
        "baseline",
        class_="legend",
    )


def _baseline(model: ModelStatus) -> str:
    if model.baseline is None:
        return "no baseline: counted, not judged"
    return f"baseline {model.baseline}, {figures.count(model.baseline_rows or 0)} rows"


def _notes(model: ModelStatus) -> list[str]:
    notes = [
        f"{figures.count(rows)} rows invalid ({reason})"
        for reason, rows in model.rows_invalid.items()
        if rows
    ]
    if model.rows_without_prediction:
        notes.append(f"{figures.count(model.rows_without_prediction)} rows without a prediction")
    return notes


def _nothing(model: ModelStatus, window: str) -> Markup:
    if not model.rows:
        return element("p", "No rows yet.", class_="hint")
    return element("p", f"No rows in the last {figures.window_name(window)}.", class_="hint")


def _features(
    window: WindowStatus, at: int, now: float, opened: str | None
) -> tuple[Markup | None, Markup | None]:
    anchors = {id(one): f"f-{at}-{place}" for place, one in enumerate(window.features)}
    ordered = in_order_of_concern(window.features)
    cards = [one for one in ordered if _as_card(one, anchors[id(one)], opened)]
    rows = [one for one in ordered if one not in cards]
    return _cards(cards, anchors, window, now), _rows(rows, anchors, window.window)


def _as_card(feature: FeatureStatus, anchor: str, opened: str | None) -> bool:
    return verdict_of(feature) == "drift" or anchor == opened


def _cards(
    features: list[FeatureStatus], anchors: dict[int, str], window: WindowStatus, now: float
) -> Markup | None:
    if not features:
        return None
    close = f"?{urlencode({'window': window.window})}"
    shown = [
        card(
            one,
            None if window.by_rows else now,
            anchors[id(one)],
            None if verdict_of(one) == "drift" else close,
        )
        for one in features
    ]
    return element("div", *shown, class_="cards")


def _rows(features: list[FeatureStatus], anchors: dict[int, str], window: str) -> Markup | None:
    if not features:
        return None
    lines = [row(one, anchors[id(one)], _link(window, anchors[id(one)])) for one in features]
    return element("div", *lines, class_="rows")


def _link(window: str, anchor: str) -> str:
    return f"?{urlencode({'window': window, 'feature': anchor})}#{anchor}"
