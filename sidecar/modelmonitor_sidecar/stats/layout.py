"""Which features are watched, and where in the counters each has its place.

Lanes hold what is a number (numeric, discrete, the length of a text): first those with bins, inputs
before outputs (so that rows without answers fill the first lanes and no others), then slots without
bins for features that no baseline knows.  Categories follow after the lanes.  Arrays over features
have `features` places in that order; arrays over cells have `cells`.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from modelmonitor_api.baseline import (
    Baseline,
    BaselineFeature,
    Bins,
    Categories,
    Derived,
    Role,
    boolean_text,
)
from modelmonitor_api.spec import Feature, Kind

from .bins import NumericBins
from .categories import CategoryCells
from .sketch import lowest_cells

_ORDERED: Final = frozenset(("numeric", "discrete"))
_NAMED: Final = frozenset(("categorical", "boolean"))


@dataclass(frozen=True, slots=True)
class Watched:
    """One feature as it is watched: the baseline's word, after the resource's overrides."""

    name: str
    role: Role
    kind: Kind
    baseline: BaselineFeature | None
    override: Feature | None = None

    @property
    def derived(self) -> Derived | None:
        """How it is measured of a text column; None: it is a column itself."""
        return None if self.baseline is None else self.baseline.derived

    @property
    def limits(self) -> tuple[float, float]:
        """Smallest and largest value in range: the resource's word, else the baseline's."""
        counts = None if self.baseline is None else self.baseline.counts
        low, high = -math.inf, math.inf
        if isinstance(counts, Bins):
            low, high = counts.minimum, counts.maximum
        if self.override is None:
            return low, high
        minimum, maximum = self.override.minimum, self.override.maximum
        return low if minimum is None else minimum, high if maximum is None else maximum


@dataclass(frozen=True, slots=True)
class Scale:
    """What the numbers of all lanes are held against: edges of bins, and limits [2, lanes]."""

    bins: NumericBins
    limits: NDArray[np.float64]

    def rounded(self, dtype: np.dtype[Any]) -> "Scale":
        """The same for values that were rounded on their way, as 0.1 in a tensor of FP32 is.

        Rounding never reverses an order, so a value at an edge stays at the rounded edge.
        """
        with np.errstate(over="ignore"):  # beyond what the type holds there is no limit
            limits = self.limits.astype(dtype).astype(np.float64)
        return Scale(self.bins.rounded(dtype), limits)


class Layout:
    """Places of all watched features; fixed for the life of a baseline.

    `slots` lanes are kept free for features without bins; who gets one is `Discovery`'s affair.
    `known` are the features of the baseline by place, `columns` the places of those that are a
    column of each request.
    """

    def __init__(self, watched: Sequence[Watched], slots: int) -> None:
        self.binned = tuple(sorted(filter(_binned, watched), key=lambda w: w.role != "input"))
        self.categorical = tuple(w for w in watched if _categorical(w))
        self.unbinned = tuple(w for w in watched if not _binned(w) and not _categorical(w))
        self.slots = slots + len(self.unbinned)
        self.lanes = len(self.binned) + self.slots
        self.features = self.lanes + len(self.categorical)
        bins = [w.baseline.counts for w in self.binned if w.baseline is not None]
        self.bins = NumericBins([b.edges for b in bins if isinstance(b, Bins)])
        self.category_cells = tuple(_category_cells(w) for w in self.categorical)
        sizes = [one.unseen + 1 for one in self.category_cells]
        self._category_starts = self.bins.total + np.concatenate(([0], np.cumsum(sizes)))
        self.cells = int(self._category_starts[-1])
        self.scale = Scale(self.bins, self._limits())
        self._rounded: dict[np.dtype[Any], Scale] = {}
        self.shift = self._shift()
        self.known = self._known()
        self.columns = {
            w.name: at for at, w in self.known.items() if w.role == "input" and w.derived is None
        }

    def category_feature(self, place: int) -> int:
        """The place among features of the `place`-th categorical one."""
        return self.lanes + place

    def cells_of(self, feature: int) -> slice:
        """The cells of one feature; none for a lane without bins."""
        if feature < len(self.binned):
            return self.bins.of(feature)
        if feature < self.lanes:
            return slice(0, 0)
        place = feature - self.lanes
        return slice(int(self._category_starts[place]), int(self._category_starts[place + 1]))

    def scale_for(self, dtype: np.dtype[Any]) -> Scale:
        """What arrays of this type are held against."""
        if dtype.kind != "f" or dtype.itemsize >= 8:
            return self.scale
        if dtype not in self._rounded:
            self._rounded[dtype] = self.scale.rounded(dtype)
        return self._rounded[dtype]

    def limit(self, lane: int, limits: tuple[float, float]) -> None:
        """Smallest and largest value in range of a lane that was just given away."""
        self.scale.limits[:, lane] = limits
        self._rounded.clear()

    def sketch_base(self) -> NDArray[np.int64]:
        """The lowest cell of each lane's sketch, from the baseline's largest value."""
        return lowest_cells([*map(_largest, self.binned), *[None] * self.slots])

    def _limits(self) -> NDArray[np.float64]:
        limits = np.tile(np.array([[-np.inf], [np.inf]]), (1, self.lanes))
        for lane, watched in enumerate((*self.binned, *self.unbinned)):
            limits[:, lane] = watched.limits
        return limits

    def _known(self) -> Mapping[int, Watched]:
        lanes = enumerate((*self.binned, *self.unbinned))
        return dict((*lanes, *enumerate(self.categorical, start=self.lanes)))

    def _shift(self) -> NDArray[np.float64]:
        shift = np.zeros(self.lanes)
        for lane, watched in enumerate(self.binned):
            if watched.baseline is not None and isinstance(watched.baseline.counts, Bins):
                shift[lane] = watched.baseline.counts.mean
        return shift


def watched_features(
    baseline: Baseline | None, overrides: Mapping[str, Feature]
) -> tuple[Watched, ...]:
    """The baseline's features after the overrides; those that are to be ignored are left out.

    With a column goes what is derived from it.
    """
    known = () if baseline is None else baseline.features
    ignored = {name for name, override in overrides.items() if override.ignore}
    return tuple(_watched(f, overrides.get(f.name)) for f in known if not _ignored(f, ignored))


def _ignored(feature: BaselineFeature, ignored: Collection[str]) -> bool:
    if feature.role != "input":
        return False  # the resource's features are inputs
    derived = feature.derived
    return feature.name in ignored or (derived is not None and derived.column in ignored)


def _watched(feature: BaselineFeature, override: Feature | None) -> Watched:
    """A kind that the baseline's counts cannot serve is watched without a baseline.

    What is derived is a number, whatever the resource says.
    """
    if feature.role != "input":
        override = None
    wanted = None if override is None or feature.derived else override.kind
    wanted = wanted or feature.kind
    fits = wanted == feature.kind or any({wanted, feature.kind} <= s for s in (_ORDERED, _NAMED))
    return Watched(feature.name, feature.role, wanted, feature if fits else None, override)


def _binned(watched: Watched) -> bool:
    return watched.baseline is not None and isinstance(watched.baseline.counts, Bins)


def _categorical(watched: Watched) -> bool:
    return watched.baseline is not None and isinstance(watched.baseline.counts, Categories)


def _category_cells(watched: Watched) -> CategoryCells:
    assert watched.baseline is not None
    assert isinstance(watched.baseline.counts, Categories)
    allowed = None if watched.override is None else watched.override.allowed_values
    spelled = boolean_text if watched.kind == "boolean" else None
    return CategoryCells(watched.baseline.counts, allowed, spelled)


def _largest(watched: Watched) -> float | None:
    assert watched.baseline is not None
    assert isinstance(watched.baseline.counts, Bins)
    counts = watched.baseline.counts
    return max(abs(counts.minimum), abs(counts.maximum)) or None
