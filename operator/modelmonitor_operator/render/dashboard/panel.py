"""One panel of a dashboard as a value, and as the classic JSON that Grafana 10 and later reads.

Every panel has a unit, one sentence that explains its number, and a text for when there is nothing
to show; the constructor leaves no way round.  It refuses to know what is asked and where it stands.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from modelmonitor_operator.render.promql import Expression

Json = dict[str, Any]
Shape = Literal["series", "now", "table"]

DATA_SOURCE: Final[Json] = {"type": "prometheus", "uid": "${datasource}"}
NO_DATA: Final = "no data"


@dataclass(frozen=True, slots=True)
class Query:
    """An expression; over the time range (series), at its end (now), or at its end as a table."""

    expression: Expression
    legend: str = ""
    shape: Shape = "series"

    def document(self, reference: str) -> Json:
        """As Grafana reads it."""
        return {
            "datasource": DATA_SOURCE,
            "editorMode": "code",
            "expr": self.expression.text,
            "format": "table" if self.shape == "table" else "time_series",
            "instant": self.shape != "series",
            "legendFormat": self.legend or "__auto",
            "range": self.shape == "series",
            "refId": reference,
        }


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel of `width` of the grid's 24 columns.

    `defaults` and `overrides` are Grafana's field configuration beside the unit; `options` and
    `transformations` are its own, too.
    """

    kind: str
    title: str
    description: str
    unit: str
    queries: tuple[Query, ...]
    options: Mapping[str, Any]
    defaults: Mapping[str, Any] = field(default_factory=dict)
    overrides: tuple[Json, ...] = ()
    transformations: tuple[Json, ...] = ()
    empty: str = NO_DATA
    width: int = 8
    height: int = 8

    def sized(self, width: int, height: int) -> "Panel":
        """The same in another size."""
        return replace(self, width=width, height=height)

    def saying(self, empty: str) -> "Panel":
        """The same with a text for when there is nothing to show."""
        return replace(self, empty=empty)

    def overriding(self, *overrides: Json) -> "Panel":
        """The same with more rules for single fields."""
        return replace(self, overrides=(*self.overrides, *overrides))

    def transformed(self, *steps: Json) -> "Panel":
        """The same with more steps between the answers and the picture."""
        return replace(self, transformations=(*self.transformations, *steps))

    def having(self, **defaults: Any) -> "Panel":
        """The same with more rules for all fields; those of `custom` are merged."""
        custom = {**self.defaults.get("custom", {}), **defaults.pop("custom", {})}
        return replace(self, defaults={**self.defaults, **defaults, "custom": custom})

    def document(self, identifier: int, x: int, y: int) -> Json:
        """As Grafana reads it."""
        frame: Json = {
            "description": self.description,
            "gridPos": {"h": self.height, "w": self.width, "x": x, "y": y},
            "id": identifier,
            "options": dict(self.options),
            "title": self.title,
            "type": self.kind,
        }
        return {**frame, **self._data()} if self.queries else frame

    def _data(self) -> Json:
        return {
            "datasource": DATA_SOURCE,
            "fieldConfig": {
                "defaults": {"unit": self.unit, "noValue": self.empty, **self.defaults},
                "overrides": list(self.overrides),
            },
            "targets": [
                query.document(_reference(index)) for index, query in enumerate(self.queries)
            ],
            "transformations": list(self.transformations),
        }


def _reference(index: int) -> str:
    """A, B, C: how Grafana tells queries apart."""
    return chr(ord("A") + index)
