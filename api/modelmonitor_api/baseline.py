"""The baseline document: its model, its check, its digest.

A baseline fixes the bins and categories of every feature and holds what was counted into them from
training data.  How it is built is the command line's affair; how live rows are counted is the
collector's.  This module refuses to know both.

Bins are right-closed: bin i holds edges[i-1] < x <= edges[i]; the outer bins are open, so
`len(rows_by_bin) == len(edges) + 1`.
"""

import gzip
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from modelmonitor_api.spec import Kind

FORMAT_VERSION: Final = 1
MAX_ENCODED_BYTES: Final = 180 << 10
"""Of a baseline in a ConfigMap, gzip then base64; `kubectl apply` fails above 256 KiB."""

DEFAULT_RHO: Final = 0.0002
"""Intra-window correlation assumed without a time order; such verdicts are provisional."""

MAX_VOCABULARY_WORDS: Final = 5_000
"""Of one column; three such columns take about 110 KiB of a ConfigMap."""

RHO_WINDOWS: Final = ("1m", "5m", "1h", "24h", "7d", "500r", "5000r", "50000r")

_LISTS: Final = ("columns", "features", "derivedFeatures", "calibration")
_BOOLEANS: Final = {
    **dict.fromkeys(("true", "1", "1.0"), "true"),
    **dict.fromkeys(("false", "0", "0.0"), "false"),
}

Role = Literal["input", "prediction", "score"]
Measure = Literal["words", "unknownShare"]


@dataclass(frozen=True, slots=True)
class Bins:
    """Counts of a numeric, discrete or text feature (text: its length in characters).

    `representatives[i]` is the mean of the baseline's rows in bin i, which makes the binned
    Wasserstein distance exact for mass at the representatives.
    """

    edges: tuple[float, ...]
    rows: tuple[int, ...]
    representatives: tuple[float, ...]
    mean: float
    standard_deviation: float
    minimum: float
    maximum: float


@dataclass(frozen=True, slots=True)
class Categories:
    """Counts of a categorical or boolean feature.

    `values` are the categories with at least 20 rows, most frequent first.  All others that the
    baseline saw are `other_rows`; `other_hashes` (8 hex digits each, see `category_hash`) tell them
    from what it never saw; None: there were too many to keep, unseen values then count as other.
    """

    values: tuple[str, ...]
    rows: tuple[int, ...]
    other_rows: int = 0
    other_hashes: tuple[str, ...] | None = ()


@dataclass(frozen=True, slots=True)
class Derived:
    """What a feature measures of the texts of a column, instead of being a column of its own.

    `words`: their number.  `unknownShare`: the share of them that `vocabulary` lacks, which is the
    hashes (see `category_hash`) of words that many training texts have, sorted.
    """

    column: str
    measure: Measure
    vocabulary: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BaselineFeature:
    """One input, prediction or score.  bins + missing + invalid = rows of the baseline.

    `derived`: how it is measured of a text column, whose feature it follows; None: it is a column.

    `rho` is the intra-window correlation by window length ("5m", "500r"); a window without one of
    its own takes the next longer's.  Empty: the default holds and verdicts are provisional.

    `largest_change` is the largest log evidence of a change (see the detector of the sidecar) that
    the training rows themselves reached, replayed in their order; None: they were not.
    """

    name: str
    role: Role
    kind: Kind
    counts: Bins | Categories
    missing_rows: int = 0
    invalid_rows: int = 0
    rho: Mapping[str, float] = field(default_factory=dict)
    largest_change: float | None = None
    derived: Derived | None = None

    @property
    def provisional(self) -> bool:
        """No time order told how much healthy windows differ."""
        return not self.rho


@dataclass(frozen=True, slots=True)
class Column:
    """One request column, in its place; positional rows map by it."""

    name: str
    ignored: bool = False
    why: str | None = None


@dataclass(frozen=True, slots=True)
class CalibrationBin:
    """Rows of one predicted class with a score up to `edge`, and how many bore that label."""

    predicted: str
    edge: float
    rows: int
    correct: int


@dataclass(frozen=True, slots=True)
class Baseline:
    """The whole document; equal content has the equal digest, whenever it was built.

    Features that are derived from a column follow the feature of that column.
    """

    model: str
    version: str | None
    rows: int
    columns: tuple[Column, ...]
    features: tuple[BaselineFeature, ...]
    calibration: tuple[CalibrationBin, ...] = ()
    created_at: str | None = None

    @property
    def provisional(self) -> bool:
        """Any feature without a measured rho."""
        return any(feature.provisional for feature in self.features)

    @property
    def inputs(self) -> tuple[BaselineFeature, ...]:
        """The features that come with a request."""
        return tuple(f for f in self.features if f.role == "input" and f.derived is None)


def category_hash(value: str) -> str:
    """8 hex digits of BLAKE2b; tells a rare category, or a word, from one the baseline lacks."""
    return hashlib.blake2b(value.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()


def boolean_text(value: object) -> str | None:
    """The category of a boolean feature, or None where the value is no boolean.

    >>> [boolean_text(value) for value in (True, 0, 1.0, "False", "yes")]
    ['true', 'false', 'true', 'false', None]
    """
    return _BOOLEANS.get(str(value).strip().lower())


def digest(baseline: Baseline) -> str:
    """SHA-256 of the canonical JSON without times, as 64 hex digits; label `baseline` has 8."""
    document = to_document(baseline)
    document.pop("createdAt", None)
    return hashlib.sha256(_compact(document).encode("utf-8", "surrogatepass")).hexdigest()


def to_json(baseline: Baseline) -> str:
    """The document as text, the same for the same baseline; one feature a line."""
    document = to_document(baseline)
    lists = {key: document[key] for key in _LISTS if key in document}
    head = {key: value for key, value in document.items() if key not in lists}
    parts = [f"{_compact(key)}: {_compact(value)}" for key, value in head.items()]
    for key, entries in lists.items():
        lines = ",\n  ".join(_compact(entry) for entry in entries)
        parts.append(f"{_compact(key)}: [\n  {lines}\n ]" if lines else f"{_compact(key)}: []")
    return "{\n " + ",\n ".join(parts) + "\n}\n"


def to_gzip(baseline: Baseline) -> bytes:
    """The document packed, the same bytes for the same baseline: no time, no file name."""
    text = to_json(baseline).encode("utf-8", "surrogatepass")
    return gzip.compress(text, compresslevel=9, mtime=0)


def to_document(baseline: Baseline) -> dict[str, Any]:
    """The JSON document (`docs/baseline-format.md`, `docs/schema/baseline.schema.json`)."""
    document: dict[str, Any] = {
        "formatVersion": FORMAT_VERSION,
        "model": baseline.model,
        "version": baseline.version,
        "rows": baseline.rows,
        "columns": [_column(column) for column in baseline.columns],
        "features": [_feature(feature) for feature in baseline.features if not feature.derived],
    }
    derived = [_feature(feature) for feature in baseline.features if feature.derived]
    if derived:  # apart, where software that knows only columns overlooks them
        document["derivedFeatures"] = derived
    if baseline.calibration:
        document["calibration"] = [
            {"predicted": c.predicted, "edge": float(c.edge), "rows": c.rows, "correct": c.correct}
            for c in baseline.calibration
        ]
    if baseline.created_at is not None:
        document["createdAt"] = baseline.created_at
    return document


def _compact(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _column(column: Column) -> dict[str, Any]:
    document: dict[str, Any] = {"name": column.name}
    if column.ignored:
        document["ignored"] = True
    if column.why:
        document["why"] = column.why
    return document


def _feature(feature: BaselineFeature) -> dict[str, Any]:
    document: dict[str, Any] = {
        "name": feature.name,
        "role": feature.role,
        "kind": feature.kind,
        "missingRows": feature.missing_rows,
        "invalidRows": feature.invalid_rows,
        "rho": {window: significant(rho) for window, rho in feature.rho.items()},
    }
    if feature.derived is not None:
        document["derived"] = _derived(feature.derived)
    if feature.largest_change is not None:
        document["largestChange"] = significant(feature.largest_change)
    counts = feature.counts
    if isinstance(counts, Bins):
        document["bins"] = {
            "edges": [float(edge) for edge in counts.edges],
            "rows": list(counts.rows),
            "representatives": [significant(value) for value in counts.representatives],
            "mean": significant(counts.mean),
            "standardDeviation": significant(counts.standard_deviation),
            "minimum": float(counts.minimum),
            "maximum": float(counts.maximum),
        }
    else:
        document["categories"] = {
            "values": list(counts.values),
            "rows": list(counts.rows),
            "otherRows": counts.other_rows,
            "otherHashes": None if counts.other_hashes is None else list(counts.other_hashes),
        }
    return document


def _derived(derived: Derived) -> dict[str, Any]:
    document: dict[str, Any] = {"from": derived.column, "measure": derived.measure}
    if derived.vocabulary:
        document["vocabulary"] = list(derived.vocabulary)
    return document


def significant(value: float) -> float:
    """9 significant digits: enough for every distance, and equal on every machine.

    >>> significant(1 / 3)
    0.333333333
    """
    return float(f"{value:.9g}") + 0.0  # -0.0 becomes 0.0
