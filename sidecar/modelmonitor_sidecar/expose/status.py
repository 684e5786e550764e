"""What the status page and `/api/status` show: plain values, computed elsewhere.

`docs/status-api.md` explains each field; `docs/schema/status.schema.json` holds their form.  It
refuses to know where the values come from and how they look.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from modelmonitor_api.baseline import Role
from modelmonitor_api.spec import Kind

Outcome = Literal["ok", "drift", "insufficient"]
ShareName = Literal["missing", "invalid", "unseen", "outOfRange"]


@dataclass(frozen=True, slots=True)
class Share:
    """So many of the window's rows are missing (or invalid, ...); beside it the baseline's share.

    `verdict` is None where nothing is judged.
    """

    name: ShareName
    rows: int
    share: float | None
    baseline_share: float | None
    verdict: Outcome | None


@dataclass(frozen=True, slots=True)
class Cell:
    """One bin or category.  `upper` is a bin's upper edge (None: open, or a category)."""

    label: str
    live_rows: int
    baseline_rows: int | None
    upper: float | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict with its evidence; numbers are None where they do not apply."""

    verdict: Outcome
    effect: float | None
    effect_measure: str | None
    effect_threshold: float
    z: float | None
    z_threshold: float
    needed_rows: int
    provisional: bool
    confirmed: bool
    since: float | None
    """When the first of the drifting windows ended that follow each other until now."""
    distances: Mapping[str, float | int | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Moments:
    """Of the valid numeric values; None where there are none."""

    mean: float | None
    standard_deviation: float | None
    minimum: float | None
    maximum: float | None


@dataclass(frozen=True, slots=True)
class FeatureStatus:
    """One feature in one window.

    `rows` are all rows of the window, `values` those that are in a bin or category.  Without a
    baseline there is no judgement, and cells are empty or the most frequent categories.
    """

    feature: str
    role: Role
    kind: Kind
    rows: int
    values: int
    judgement: Judgement | None
    shares: tuple[Share, ...]
    cells: tuple[Cell, ...]
    moments: Moments | None
    baseline_moments: Moments | None
    quantiles: Mapping[str, float]
    """By share ("0.05"); empty where there are no numbers."""


@dataclass(frozen=True, slots=True)
class WindowStatus:
    """One window of one version of a model.

    `start` and `end` (exclusive) are seconds since the epoch, or with `by_rows` numbers of rows.
    """

    window: str
    rows: int
    start: float
    end: float
    by_rows: bool
    verdict: Outcome | None
    features: tuple[FeatureStatus, ...]


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """One version of a model against one baseline (None: no baseline is in use)."""

    model: str
    version: str
    baseline: str | None
    baseline_rows: int | None
    rows: int
    rows_invalid: Mapping[str, int]
    rows_without_prediction: int
    last_row: float | None
    features_dropped: int
    windows: tuple[WindowStatus, ...]


@dataclass(frozen=True, slots=True)
class PayloadStatus:
    """All payloads of one model: those that became rows, and those that did not, by reason."""

    model: str
    decoded: int
    undecodable: Mapping[str, int]
    skipped: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Flow:
    """What came in lately: `rows` and `payloads` in each of the last steps, oldest first."""

    step_seconds: float
    payloads: tuple[int, ...]
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Status:
    """All that the collector knows at one moment (seconds since the epoch)."""

    monitor: str
    namespace: str
    release: str
    now: float
    started: float
    restarts: int
    proxies: int
    configuration: Literal["loaded", "missing", "broken", "newer"]
    problems: tuple[str, ...]
    series: int
    series_budget: int
    series_dropped: int
    windows: tuple[str, ...]
    flow: Flow
    payloads: tuple[PayloadStatus, ...]
    models: tuple[ModelStatus, ...]
