"""One column on the report: its pictures side by side, its tests, its missing values."""

from collections.abc import Sequence
from typing import Final

from modelmonitor_cli.compare.comparison import (
    SYMBOLS,
    ColumnComparison,
    ComparedTable,
    Distribution,
    Result,
    TableColumn,
)
from modelmonitor_cli.compare.summary import Finding, finding, p_text, value_text
from modelmonitor_cli.report.charts import axis, histogram
from modelmonitor_cli.report.page import Tone, badge, card, plain_table
from modelmonitor_sidecar.expose.charts import share_bar
from modelmonitor_sidecar.expose.figures import NOTHING, amount, count, percent
from modelmonitor_sidecar.expose.html import Markup, element, text

_WORDS: Final[dict[Finding, str]] = {
    "matters": "differs",
    "differs": "differs a little",
    "same": "no difference found",
    "untested": "not tested",
}
_LONGEST_LABEL: Final = 40


def column_card(column: ColumnComparison, tables: Sequence[ComparedTable]) -> Markup:
    """Everything about one column."""
    title = text(element("strong", column.name), " ", element("small", _kind(column)))
    return card(
        title,
        badge_of(column),
        tone_of(column),
        _pictures(column, tables),
        _tests(column.results),
        _tables(column, tables),
        _notes(column),
    )


def tone_of(column: ColumnComparison) -> Tone:
    """Alarming only where the difference is worth a look, not wherever there is one."""
    found = finding(column)
    if found == "matters" or column.missing_differs:
        return "drift"
    return "ok" if found == "same" else "quiet"


def badge_of(column: ColumnComparison) -> Markup:
    """The finding in words."""
    found = finding(column)
    missing = column.missing_differs and found != "matters"
    return badge("missing values differ" if missing else _WORDS[found], tone_of(column))


def _kind(column: ColumnComparison) -> str:
    return "text, by its length" if column.kind == "text" else column.kind


def _pictures(column: ColumnComparison, tables: Sequence[ComparedTable]) -> Markup:
    if column.kind in ("categorical", "boolean"):
        return _categories(column.distribution, tables)
    top = max((max(shares, default=0.0) for shares in column.distribution.shares), default=0.0)
    figures = [
        element(
            "figure",
            histogram(
                shares,
                [
                    f"{label}: {percent(share)}"
                    for label, share in zip(column.distribution.labels, shares, strict=True)
                ],
                top,
                f"Distribution of {column.name} in {table.name}",
            ),
            axis(_ticks(column.distribution)),
            element("figcaption", table.name),
            class_="first" if place == 0 else None,
        )
        for place, (table, shares) in enumerate(
            zip(tables, column.distribution.shares, strict=True)
        )
    ]
    return element("div", *figures, class_="side")


def _ticks(distribution: Distribution) -> list[tuple[float, str]]:
    """The ends of the scale, or the smallest and the largest value."""
    if distribution.edges:
        ends = (amount(distribution.edges[0]), amount(distribution.edges[-1]))
    else:
        ends = (distribution.labels[0], distribution.labels[-1])
    return [(0.0, ends[0]), (1.0, ends[1])]


def _categories(distribution: Distribution, tables: Sequence[ComparedTable]) -> Markup:
    """Of two tables bars, with a line where the first table's share is; of more the numbers."""
    labels = [*distribution.labels, *(("others",) if distribution.others else ())]
    shares = distribution.shares
    if distribution.others:
        shares = tuple(
            (*row, other) for row, other in zip(shares, distribution.others, strict=True)
        )
    by_label = list(zip(labels, zip(*shares, strict=True), strict=True))
    if len(tables) > 2:
        rows = [
            (_label(label), *[percent(share) for share in of_tables])
            for label, of_tables in by_label
        ]
        return plain_table(("value", *[table.name for table in tables]), list(rows))
    top = max((max(row, default=0.0) for row in shares), default=0.0) or 1.0
    items = [_category(label, then, now, top) for label, (then, now) in by_label]
    return element("ul", *items, class_="categories")


def _category(label: str, then: float, now: float, top: float) -> Markup:
    return element(
        "li",
        element("span", _label(label), class_="label", title=label),
        share_bar(now, then, top),
        element("b", percent(now)),
        element("i", f"was {percent(then)}"),
    )


def _label(label: str) -> str:
    return label if len(label) <= _LONGEST_LABEL else f"{label[: _LONGEST_LABEL - 1]}…"


def _tests(results: Sequence[Result]) -> Markup:
    rows: list[tuple[Markup | str, ...]] = [
        (_test_name(result), _effect(result), p_text(result.p) or NOTHING, _adjusted(result))
        for result in results
    ]
    return plain_table(("test", "effect", "p", "adjusted p"), rows)


def _test_name(result: Result) -> Markup:
    against = None
    if result.against is not None and result.differs:
        against = element("small", f" {result.against}")
    return text(result.test, against)


def _effect(result: Result) -> Markup | str:
    effect = result.effect
    if effect is None:
        return NOTHING
    return text(
        f"{SYMBOLS[effect.measure]} = {value_text(effect.value)} ", element("small", effect.size)
    )


def _adjusted(result: Result) -> Markup | str:
    told = p_text(result.p_adjusted) or NOTHING
    return element("b", told) if result.differs else told


def _tables(column: ColumnComparison, tables: Sequence[ComparedTable]) -> Markup:
    titles: tuple[str, ...] = ("table", "missing", "values tested")
    if any(one.moments for one in column.tables):
        titles += ("mean ± sd", "median")
    rows: list[tuple[Markup | str, ...]] = [
        (table.name, _missing(column, one), count(one.values), *_numbers(one, len(titles)))
        for table, one in zip(tables, column.tables, strict=True)
    ]
    return plain_table(titles, rows)


def _missing(column: ColumnComparison, one: TableColumn) -> Markup | str:
    share = percent(one.missing_share)
    return element("b", share) if column.missing_differs else share


def _numbers(one: TableColumn, columns: int) -> tuple[str, ...]:
    if one.moments is None:
        return (NOTHING,) * (columns - 3)
    spread = amount(one.moments.standard_deviation)
    return f"{amount(one.moments.mean)} ± {spread}", amount(one.moments.median)


def _notes(column: ColumnComparison) -> Markup | None:
    said = {remark: None for result in column.results for remark in result.remarks}
    if not said:
        return None
    items = [element("li", f"{remark.word}: {remark.sentence}") for remark in said]
    return element("ul", *items, class_="notes")
