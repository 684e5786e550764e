"""Where panels stand, and how a table's answers become its columns."""

from modelmonitor_operator.render.dashboard.columns import Column, bars, values_by_labels
from modelmonitor_operator.render.dashboard.layout import Row, placed
from modelmonitor_operator.render.dashboard.panel import Panel
from modelmonitor_operator.render.dashboard.panels import bar_chart, text
from modelmonitor_operator.render.promql import selector


def panel(width: int, height: int) -> Panel:
    return text(f"{width} by {height}", "A text.", "").sized(width, height)


def places(*rows: Row) -> list[tuple[int, int, int]]:
    return [
        (one["id"], one["gridPos"]["x"], one["gridPos"]["y"])
        for top in placed(rows)
        for one in (top, *top.get("panels", []))
    ]


def test_panels_fill_a_line_and_go_on_below_its_highest() -> None:
    row = Row("", (panel(12, 4), panel(12, 6), panel(8, 2)))
    assert places(row) == [(1, 0, 0), (2, 0, 1), (3, 12, 1), (4, 0, 7)]


def test_a_row_begins_below_the_one_before() -> None:
    rows = (Row("", (panel(8, 5),)), Row("", (panel(8, 3),)))
    assert places(*rows) == [(1, 0, 0), (2, 0, 1), (3, 0, 6), (4, 0, 7)]


def test_a_folded_row_holds_its_panels_and_takes_one_line() -> None:
    rows = (Row("", (panel(8, 5),), folded=True), Row("", (panel(8, 3),)))
    first, second, third = placed(rows)
    assert first["collapsed"]
    assert [one["id"] for one in first["panels"]] == [2]
    assert second["gridPos"]["y"] == 1
    assert not second["collapsed"]
    assert third["id"] == 4


def test_a_table_is_sorted_by_its_first_column_which_need_not_be_shown() -> None:
    columns = [Column("", selector("rank")), Column("score", selector("score"))]
    merge, sort, organize = values_by_labels("", "", ["feature"], columns).transformations
    assert merge["id"] == "merge"
    assert sort["options"]["sort"] == [{"desc": True, "field": "Value #A"}]
    assert organize["options"] == {
        "excludeByName": {"Time": True, "Value #A": True},
        "indexByName": {"feature": 0, "Value #A": 1, "Value #B": 2},
        "renameByName": {"Value #B": "score"},
    }


def test_a_table_of_one_query_has_its_value_under_grafanas_name() -> None:
    (_, sort, organize) = values_by_labels(
        "", "", ["alert"], [Column("for", selector("age"))]
    ).transformations
    assert sort["options"]["sort"][0]["field"] == "Value"
    assert organize["options"]["renameByName"] == {"Value": "for"}


def test_bars_are_grouped_by_one_label_and_told_apart_by_another() -> None:
    sort, matrix = bars(bar_chart("", "", "percentunit"), "cell", "series").transformations
    assert sort["options"]["sort"] == [{"desc": False, "field": "cell"}]
    assert matrix["options"] == {
        "columnField": "series",
        "emptyValue": "null",
        "rowField": "cell",
        "valueField": "Value",
    }
