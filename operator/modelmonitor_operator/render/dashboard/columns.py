"""Tables of several values a row, and bar charts, out of Prometheus' labels.

Grafana merges the answers of a table's queries by their labels; which are shown, in which order and
under which names is said here.  It refuses to know what the values mean.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from modelmonitor_operator.render.dashboard import fields, panels
from modelmonitor_operator.render.dashboard.panel import Json, Panel, Query
from modelmonitor_operator.render.promql import Expression

_ONLY_VALUE: Final = "Value"


@dataclass(frozen=True, slots=True)
class Column:
    """One value of every row, and how it looks (`fields.field`); an unnamed one is not shown."""

    name: str
    expression: Expression
    looks: Mapping[str, Any] = field(default_factory=dict)


def values_by_labels(
    title: str, description: str, labels: Sequence[str], columns: Sequence[Column]
) -> Panel:
    """A row for each combination of labels, the largest of the first column first."""
    queries = [Query(column.expression, shape="table") for column in columns]
    looks = [fields.field(one.name, **one.looks) for one in columns if one.name and one.looks]
    return (
        panels.table(title, description, "short", *queries)
        .overriding(fields.fields(".*", noValue=fields.NOTHING), *looks)
        .transformed(*_arranged(labels, columns))
    )


def bars(panel: Panel, groups: str, series: str) -> Panel:
    """A bar chart of one table: `groups` and `series` are the labels that tell its bars apart."""
    matrix = {
        "columnField": series,
        "emptyValue": "null",
        "rowField": groups,
        "valueField": _ONLY_VALUE,
    }
    return panel.transformed(_sorted(groups, descending=False), _step("groupingToMatrix", matrix))


def _arranged(labels: Sequence[str], columns: Sequence[Column]) -> tuple[Json, ...]:
    values = _value_fields(len(columns))
    unnamed = [value for value, one in zip(values, columns, strict=True) if not one.name]
    order = [*labels, *values]
    organize = {
        "excludeByName": dict.fromkeys(["Time", *unnamed], True),
        "indexByName": {name: place for place, name in enumerate(order)},
        "renameByName": {
            value: one.name for value, one in zip(values, columns, strict=True) if one.name
        },
    }
    return (
        _step("merge", {}),
        _sorted(values[0], descending=True),
        _step("organize", organize),
    )


def _value_fields(count: int) -> list[str]:
    """How Grafana names the values of a table's queries."""
    if count == 1:
        return [_ONLY_VALUE]
    return [f"{_ONLY_VALUE} #{chr(ord('A') + index)}" for index in range(count)]


def _sorted(name: str, *, descending: bool) -> Json:
    return _step("sortBy", {"fields": {}, "sort": [{"desc": descending, "field": name}]})


def _step(identifier: str, options: Json) -> Json:
    return {"id": identifier, "options": options}
