"""One feature on the status page: a card with everything, or a row with what fits at a glance."""

from collections.abc import Mapping, Sequence
from typing import Final

from modelmonitor_sidecar.expose import charts, figures
from modelmonitor_sidecar.expose.html import Markup, element, text
from modelmonitor_sidecar.expose.overview import verdict_of, verdict_words
from modelmonitor_sidecar.expose.status import Cell, FeatureStatus, Judgement, Moments, Share

MOST_CATEGORIES: Final = 8
MEASURES: Final = {
    "psi": "PSI above chance",
    "wasserstein": "Wasserstein, in sd",
    "jensen_shannon": "Jensen-Shannon",
}
_SHARE_NAMES: Final = {
    "missing": "Missing",
    "invalid": "Invalid",
    "unseen": "Unseen",
    "outOfRange": "Out of range",
}
_UNSEEN_LABELS: Final = ("categorical", "boolean")


def badge(feature: FeatureStatus) -> Markup:
    """The verdict as a word with a shape, so that colour is never needed to read it."""
    verdict = verdict_of(feature) or "none"
    return element("span", verdict_words(feature), class_=f"badge {verdict}")


def card(feature: FeatureStatus, now: float | None, anchor: str, close: str | None) -> Markup:
    """All that is known of one feature in one window; `close` is the link that shrinks it.

    `now` is None in windows of rows, where `since` is a row.
    """
    return element(
        "article",
        _heading(feature, close),
        _since(feature.judgement, now),
        picture(feature),
        _evidence(feature),
        shares_told(feature.shares),
        _numbers(feature),
        class_=f"card {verdict_of(feature) or 'none'}",
        id=anchor,
    )


def row(feature: FeatureStatus, anchor: str, link: str) -> Markup:
    """One line: name, small picture, effect, missing, rows, verdict; the whole of it is a link."""
    missing = next((share for share in feature.shares if share.name == "missing"), None)
    return element(
        "a",
        element("span", _name(feature), class_="who"),
        element("span", _small_picture(feature), class_="mini"),
        element("span", *_small_evidence(feature), class_="effect"),
        element(
            "span",
            _labelled("missing", figures.percent(missing.share if missing else None)),
            class_="number",
        ),
        element("span", _labelled("rows", figures.count(feature.rows)), class_="number"),
        element("span", badge(feature), class_="verdict"),
        class_=f"row {verdict_of(feature) or 'none'}",
        id=anchor,
        href=link,
    )


def _labelled(label: str, value: str) -> Markup:
    return text(element("b", value), element("i", label))


def _name(feature: FeatureStatus) -> Markup:
    plain = feature.role in ("input", feature.feature)
    role = feature.kind if plain else f"{feature.role}, {feature.kind}"
    return text(element("strong", feature.feature), " ", element("small", role))


def _heading(feature: FeatureStatus, close: str | None) -> Markup:
    shrink = None
    if close is not None:
        shrink = element("a", "Close", class_="close", href=close)
    return element("header", element("h3", _name(feature)), badge(feature), shrink)


def _since(judged: Judgement | None, now: float | None) -> Markup | None:
    if judged is None or judged.verdict != "drift":
        return None
    notes: list[Markup | str | None] = []
    if judged.since is not None:
        notes.append(_moment(judged.since, now))
    if not judged.confirmed:
        notes.append(element("span", "not confirmed yet", class_="chip"))
    if judged.provisional:
        notes.append(element("span", "provisional", class_="chip"))
    return element("p", *_spaced(notes), class_="since") if notes else None


def _moment(since: float, now: float | None) -> Markup:
    if now is None:
        return text("since row ", element("b", figures.count(int(since))))
    ago = figures.duration(max(now - since, 0.0))
    return text("since ", element("b", figures.clock(since)), f", {ago} ago")


def _spaced(pieces: Sequence[Markup | str | None]) -> list[Markup | str | None]:
    spaced: list[Markup | str | None] = []
    for piece in pieces:
        spaced += [piece, " "]
    return spaced[:-1]


def picture(feature: FeatureStatus) -> Markup | None:
    """Live rows beside the baseline: bars of bins, or lying bars of categories."""
    if not feature.cells:
        return None
    if feature.kind in _UNSEEN_LABELS:
        return _categories(feature.cells)
    return element("figure", charts.histogram(feature.cells, 320, 110), _axis(feature.cells))


def _axis(cells: Sequence[Cell]) -> Markup:
    """The edges between the bins, as many as can be read."""
    edges = [cell.upper for cell in cells if cell.upper is not None]
    step = max(1, -(-len(edges) // 5))
    ticks = [
        element(
            "text",
            figures.amount(edge),
            x=f"{100 * (at + 1) / len(cells):.2f}%",
            y="11",
            text_anchor="middle",
        )
        for at, edge in enumerate(edges)
        if at % step == step // 2
    ]
    return element("svg", *ticks, class_="axis", aria_hidden="true")


def _categories(cells: Sequence[Cell]) -> Markup:
    lives, bases = charts.shares_of(cells)
    known = bases if bases is not None else [None] * len(cells)
    rows = sorted(
        zip(cells, lives, known, strict=True),
        key=lambda one: -max(one[1], one[2] or 0.0),
    )
    top = max([one[1] for one in rows] + [one[2] or 0.0 for one in rows], default=0.0) or 1.0
    shown = [_category(cell, live, base, top) for cell, live, base in rows[:MOST_CATEGORIES]]
    rest = len(rows) - MOST_CATEGORIES
    more = element("li", f"and {rest} more", class_="more") if rest > 0 else None
    return element("ul", *shown, more, class_="categories")


def _category(cell: Cell, live: float, base: float | None, top: float) -> Markup:
    before = "" if base is None else f"was {figures.percent(base)}"
    return element(
        "li",
        element("span", _shortened(cell.label), class_="label", title=cell.label),
        charts.share_bar(live, base, top),
        element("b", figures.percent(live)),
        element("i", before),
    )


def _shortened(label: str) -> str:
    names = {"__other__": "other", "__unseen__": "unseen"}
    label = names.get(label, label)
    return label if len(label) <= 40 else f"{label[:39]}\N{HORIZONTAL ELLIPSIS}"


def _evidence(feature: FeatureStatus) -> Markup:
    judged = feature.judgement
    if judged is None:
        rows = figures.count(feature.rows)
        return element("p", f"{rows} rows; nothing to compare them with.", class_="hint")
    if judged.verdict == "insufficient":
        return _too_few(feature, judged)
    limit = judged.effect_threshold
    return element(
        "dl",
        _measured("Effect", MEASURES.get(judged.effect_measure or "", ""), judged.effect, limit),
        _measured("Evidence", "z score", judged.z, judged.z_threshold),
        element(
            "div",
            element("dt", "Rows"),
            element("dd", element("b", figures.count(feature.values))),
            element("dd", f"needs {figures.count(judged.needed_rows)}", class_="against"),
        ),
        class_="evidence",
    )


def _too_few(feature: FeatureStatus, judged: Judgement) -> Markup:
    has, needs = figures.count(feature.values), figures.count(judged.needed_rows)
    return element(
        "p",
        charts.portion(feature.values, judged.needed_rows),
        f"needs {needs} rows, has {has}",
        class_="hint few",
    )


def _measured(name: str, unit: str, value: float | None, threshold: float) -> Markup:
    over = value is not None and value > threshold
    return element(
        "div",
        element("dt", name, " ", element("small", unit)),
        element("dd", element("b", figures.amount(value)), class_="over" if over else None),
        element("dd", f"counts above {figures.amount(threshold)}", class_="against"),
        element("dd", charts.meter(max(value or 0.0, 0.0), threshold), class_="gauge"),
    )


def shares_told(shares: Sequence[Share]) -> Markup | None:
    """Those that are there, or were, or are judged to have risen."""
    shown = [one for one in shares if one.rows or one.baseline_share or one.verdict == "drift"]
    if not shown:
        return None
    items = [
        element(
            "li",
            element("span", _SHARE_NAMES[one.name]),
            element("b", figures.percent(one.share)),
            None
            if one.baseline_share is None
            else element("i", f"was {figures.percent(one.baseline_share)}"),
            class_="drift" if one.verdict == "drift" else None,
        )
        for one in shown
    ]
    return element("ul", *items, class_="shares")


def _numbers(feature: FeatureStatus) -> Markup | None:
    now, then = feature.moments, feature.baseline_moments
    if now is None or now.mean is None:
        return None
    pairs = [("mean", _spread(now), _spread(then)), ("range", _reach(now), _reach(then))]
    lines = [
        element("div", element("dt", name), element("dd", value), _then(before))
        for name, value, before in pairs
    ]
    return text(element("dl", *lines, class_="numbers"), _quantiles(feature.quantiles))


def _quantiles(quantiles: Mapping[str, float]) -> Markup | None:
    """Shares over values: a quarter of the rows lies at or below the value under 25 %."""
    if not quantiles:
        return None
    columns = [
        element(
            "div",
            element("dt", f"{100 * float(share):.3g} %"),
            element("dd", figures.amount(value)),
            class_="median" if float(share) == 0.5 else None,
        )
        for share, value in quantiles.items()
    ]
    return element("dl", *columns, class_="quantiles", title="Quantiles, within 1 %")


def _then(before: str | None) -> Markup | None:
    return None if before is None else element("dd", f"was {before}", class_="against")


def _spread(moments: Moments | None) -> str | None:
    if moments is None or moments.mean is None:
        return None
    spread = figures.amount(moments.standard_deviation)
    return f"{figures.amount(moments.mean)} \N{PLUS-MINUS SIGN} {spread}"


def _reach(moments: Moments | None) -> str | None:
    if moments is None or moments.minimum is None:
        return None
    return f"{figures.amount(moments.minimum)} to {figures.amount(moments.maximum)}"


def _small_picture(feature: FeatureStatus) -> Markup | None:
    return charts.histogram(feature.cells[:24], 96, 22) if feature.cells else None


def _small_evidence(feature: FeatureStatus) -> tuple[Markup | None, Markup]:
    """The effect beside its threshold; or how many of the needed rows there are."""
    judged = feature.judgement
    if judged is None:
        return None, _labelled("median", figures.amount(feature.quantiles.get("0.5")))
    if judged.effect is None:
        return None, _labelled("effect", figures.NOTHING)
    if judged.verdict == "insufficient":
        has, needs = figures.count(feature.values), figures.count(judged.needed_rows)
        return charts.portion(feature.values, judged.needed_rows), _labelled(f"of {needs}", has)
    return (
        charts.meter(judged.effect, judged.effect_threshold),
        _labelled("effect", figures.amount(judged.effect)),
    )
