"""From the columns of a table to the places of the features.

A plan is made once for each order of columns that clients send, and kept.  Columns that no baseline
knows are discovered: they get a lane of their own until the budget is spent.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from modelmonitor_api.baseline import Baseline, Role
from modelmonitor_api.names import OTHER
from modelmonitor_api.spec import Feature, Kind

from .layout import Layout, Watched
from .words import TextMeasure, measure_of

LONGEST_NAME: Final = 128
_MOST_PLANS: Final = 256
_WIDEST_KEPT: Final = 4096


@dataclass(frozen=True, slots=True)
class Plan:
    """Where each column of a table goes.

    `numeric` and `categorical` pair a column with a lane (or, for the last, with a place among the
    categorical features).  `text` has a column, a lane and what to measure, for as many lanes as
    measure something of that column.  `absent` features have no column here, `extra` columns
    nobody expects.  `straight`: all columns are numeric, and column i is lane i.
    """

    width: int
    numeric: tuple[tuple[int, int], ...]
    text: tuple[tuple[int, int, TextMeasure], ...]
    categorical: tuple[tuple[int, int], ...]
    absent: tuple[int, ...]
    extra: tuple[str, ...]

    @property
    def straight(self) -> bool:
        """Whether a matrix of the table is a matrix of the first lanes."""
        return self.numeric == tuple((place, place) for place in range(self.width))


class NameTally:
    """Rows by name, for so many names; all later ones share one entry, `__other__`."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.rows: dict[str, int] = {}

    def add(self, name: str, rows: int) -> None:
        """Count rows for a name."""
        key = name[:LONGEST_NAME]
        if key not in self.rows and len(self.rows) >= self._limit:
            key = OTHER
        self.rows[key] = self.rows.get(key, 0) + rows


class Discovery:
    """Gives free lanes to columns that no baseline knows, in the order in which they appear.

    The first value that is not missing decides: a text is watched by its length, all else as a
    number.  `dropped` names found no free lane.
    """

    def __init__(self, layout: Layout, overrides: Mapping[str, Feature]) -> None:
        self._layout = layout
        self._first, self._slots = len(layout.binned), layout.slots
        self._overrides = overrides
        self._lanes: dict[tuple[Role, str], int] = {}
        self.watched: list[Watched] = []
        self.dropped = 0
        for watched in layout.unbinned:
            self._give(watched)

    @property
    def ignored(self) -> frozenset[str]:
        """Names that the resource says to pass over."""
        return frozenset(name for name, override in self._overrides.items() if override.ignore)

    def lane(self, role: Role, name: str) -> int | None:
        """The lane of a column that has one."""
        return self._lanes.get((role, name))

    def kind(self, lane: int) -> Kind:
        """How the feature in a lane of this sort is watched."""
        return self.watched[lane - self._first].kind

    def discover(self, role: Role, name: str, sample: object) -> int | None:
        """The lane of a column, a new one if need be; None: ignored, or the budget is spent."""
        known = self.lane(role, name)
        if known is not None:
            return known
        override = self._overrides.get(name) if role == "input" else None
        if override is not None and override.ignore:
            return None
        if len(self.watched) >= self._slots or len(name) > LONGEST_NAME:
            self.dropped += 1
            return None
        kind: Kind = "text" if isinstance(sample, str) else "numeric"
        return self._give(Watched(name, role, kind, None, override))

    def _give(self, watched: Watched) -> int:
        lane = self._first + len(self.watched)
        self.watched.append(watched)
        self._lanes[(watched.role, watched.name)] = lane
        self._layout.limit(lane, watched.limits)
        return lane


class Planner:
    """Makes and keeps the plans of one model's tables."""

    def __init__(self, baseline: Baseline | None, layout: Layout, discovery: Discovery) -> None:
        known = () if baseline is None else baseline.columns
        self._columns = tuple(column.name for column in known)
        self._known = frozenset(self._columns)
        self._expected = self._known | discovery.ignored
        self._layout, self._discovery = layout, discovery
        self._derived = _derived_lanes(layout)
        self._made_up = {w.name for w in layout.binned if w.derived}
        self._lanes = {
            w.name: i for i, w in enumerate(layout.binned) if w.role == "input" and not w.derived
        }
        self._texts = {w.name for w in layout.binned if w.kind == "text"}
        self._places = {w.name: i for i, w in enumerate(layout.categorical) if w.role == "input"}
        self._plans: dict[tuple[str, ...], Plan] = {}

    def names(self, width: int) -> tuple[str, ...]:
        """The names of columns that came without: the baseline's, else made from their places."""
        return self._columns or tuple(f"column_{place}" for place in range(width))

    def expects(self, names: Iterable[str]) -> bool:
        """Whether the baseline, or the resource by ignoring them, knows all these columns."""
        return not self._known or self._expected.issuperset(names)

    def plan(self, names: tuple[str, ...], first_values: Callable[[], Sequence[object]]) -> Plan:
        """The plan for these columns; a new one needs a value of each (None: nothing seen yet)."""
        found = self._plans.get(names)
        if found is not None:
            return found
        samples = first_values()
        plan = self._made(names, samples)
        small = len(self._plans) < _MOST_PLANS and len(names) <= _WIDEST_KEPT
        if small and self._settled(names, samples):
            self._plans[names] = plan
        return plan

    def _settled(self, names: tuple[str, ...], samples: Sequence[object]) -> bool:
        """Columns not seen with any value keep the plan open."""
        pairs = zip(names, samples, strict=True)
        return all(sample is not None or name in self._known for name, sample in pairs)

    def _made(self, names: tuple[str, ...], samples: Sequence[object]) -> Plan:
        numeric: list[tuple[int, int]] = []
        text: list[tuple[int, int, TextMeasure]] = []
        categorical: list[tuple[int, int]] = []
        for name, column in _first_places(names):
            text += [(column, *measured) for measured in self._derived.get(name, ())]
            if name in self._places:
                categorical.append((column, self._places[name]))
                continue
            lane = self._lane(name, samples[column])
            if lane is not None and self._is_text(name, lane):
                text.append((column, lane, len))
            elif lane is not None:
                numeric.append((column, lane))
        given = frozenset(names)
        return Plan(
            width=len(names),
            numeric=tuple(numeric),
            text=tuple(text),
            categorical=tuple(categorical),
            absent=tuple(at for name, at in self._layout.columns.items() if name not in given),
            extra=tuple(name for name in names if not self.expects((name,))),
        )

    def _lane(self, name: str, sample: object) -> int | None:
        lane = self._lanes.get(name, self._discovery.lane("input", name))
        if lane is not None or name in self._known or sample is None or name in self._made_up:
            return lane  # a column that bears the name of a derived feature would be counted as it
        return self._discovery.discover("input", name, sample)

    def _is_text(self, name: str, lane: int) -> bool:
        if name in self._lanes:
            return name in self._texts
        return self._discovery.kind(lane) == "text"


def _first_places(names: Sequence[str]) -> list[tuple[str, int]]:
    """Each name with its first column, in the order of the columns."""
    first = {name: column for column, name in reversed(list(enumerate(names)))}
    return sorted(first.items(), key=lambda item: item[1])


def _derived_lanes(layout: Layout) -> Mapping[str, Sequence[tuple[int, TextMeasure]]]:
    """By column: the lanes that measure something of its texts, and what."""
    lanes: dict[str, list[tuple[int, TextMeasure]]] = {}
    for lane, watched in enumerate(layout.binned):
        if watched.derived is not None:
            lanes.setdefault(watched.derived.column, []).append((lane, measure_of(watched.derived)))
    return lanes
