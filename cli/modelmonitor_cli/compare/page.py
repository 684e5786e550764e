"""The comparison as an HTML report: a card for each column, its tables side by side."""

from typing import Final

from modelmonitor_cli.compare.comparison import ColumnComparison, ComparedTable, Comparison
from modelmonitor_cli.compare.page_column import badge_of, column_card, tone_of
from modelmonitor_cli.compare.summary import clauses, finding, ranked, rows_text
from modelmonitor_cli.report.page import Heading, Tone, section, standalone_page
from modelmonitor_sidecar.expose.figures import count
from modelmonitor_sidecar.expose.html import Markup, element

MOST_CARDS: Final = 200
"""More columns are named in a list, so that a browser can show the page."""

_HOW_TO_READ: Final = (
    "Tables side by side on the same scale, the first in grey. The effect says how large a "
    "difference is, p whether chance could be it; with many rows nearly everything has a small p. "
    "Largest effects first."
)


def comparison_page(comparison: Comparison) -> str:
    """The document; it stands alone and runs no script."""
    columns = ranked(comparison)
    cards = [column_card(column, comparison.tables) for column in columns[:MOST_CARDS]]
    return standalone_page(
        _heading(comparison),
        section(
            "Columns",
            element("div", *cards, class_="cards broad"),
            _rest(columns),
            hint=_HOW_TO_READ,
        ),
        _listed("Remarks", list(comparison.remarks)),
        _listed("Left out", [f"{one.name}: {one.why}" for one in comparison.left_out]),
    )


def _heading(comparison: Comparison) -> Heading:
    headline, *others = clauses(comparison)
    rest = "; ".join(others)
    tables = "; ".join(_told(table) for table in comparison.tables)
    share = f"{comparison.q:.3g}"
    return Heading(
        "modelmonitor compare",
        f"{headline[0].upper()}{headline[1:]}",
        (
            *((f"{rest[0].upper()}{rest[1:]}.",) if rest else ()),
            tables,
            f"A column differs where its p, adjusted for the number of tests, is at most {share}.",
        ),
        _tone(comparison),
    )


def _told(table: ComparedTable) -> str:
    rows = f"{table.name}: {rows_text(table.rows)}"
    if table.sampled_rows == table.rows:
        return rows
    return f"{rows}, of which {count(table.sampled_rows)} are tested"


def _tone(comparison: Comparison) -> Tone:
    tones = {tone_of(column) for column in comparison.columns}
    if "drift" in tones:
        return "drift"
    found = {finding(column) for column in comparison.columns}
    return "ok" if found == {"same"} else "quiet"


def _rest(columns: tuple[ColumnComparison, ...]) -> Markup | None:
    names = [column.name for column in columns[MOST_CARDS:]]
    if not names:
        return None
    rest = [element("li", f"{column.name}: ", badge_of(column)) for column in columns[MOST_CARDS:]]
    return element("ul", *rest, class_="left-out")


def _listed(title: str, lines: list[str]) -> Markup | None:
    if not lines:
        return None
    return section(
        title, element("ul", *[element("li", line) for line in lines], class_="left-out")
    )
