"""Reads a baseline document and refuses what could not be judged against.

What is refused names the document and the field: `churn.json: features[3].bins.edges`.  Reading
what was written gives the equal baseline, with the equal digest.
"""

import itertools
import json
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from modelmonitor_api.baseline import (
    FORMAT_VERSION,
    Baseline,
    BaselineFeature,
    Bins,
    CalibrationBin,
    Categories,
    Column,
    Derived,
    Role,
)
from modelmonitor_api.derived_reading import check_hashes, read_derived
from modelmonitor_api.document_entry import Entry
from modelmonitor_api.errors import DocumentError
from modelmonitor_api.names import BASELINE_KEY, MISSING, OTHER, UNSEEN
from modelmonitor_api.spec import KINDS

MAX_DOCUMENT_BYTES: Final = 32 << 20
"""Of the JSON text, unpacked: 500 features with all their rare categories take 6 MiB."""
MAX_BINS: Final = 1_000
BINNED_KINDS: Final = ("numeric", "discrete", "text")

_ROLES: Final[tuple[Role, ...]] = ("input", "prediction", "score")
_RESERVED: Final = (OTHER, UNSEEN, MISSING)
_GZIP_MAGIC: Final = b"\x1f\x8b"
_GZIP_WINDOW: Final = 31
_WINDOW: Final = re.compile(r"[1-9][0-9]{0,11}[smhdr]")


def read_baseline(data: bytes, where: str = BASELINE_KEY) -> Baseline:
    """The baseline in `data`, JSON or gzip of it; DocumentError names `where` and the field.

    Unpacking stops at MAX_DOCUMENT_BYTES, so no small file can fill the memory.
    """
    try:
        document = json.loads(_unpacked(data, where))
    except (ValueError, RecursionError) as error:
        raise DocumentError(
            where, f"is no JSON ({error}); build it with `modelmonitor baseline build`"
        ) from None
    return parse_baseline(document, where)


def parse_baseline(document: object, where: str = "baseline") -> Baseline:
    """The baseline of a JSON document (`docs/baseline-format.md`), or DocumentError."""
    entry = Entry(document, where)
    _check_version(entry)
    baseline = Baseline(
        model=entry.text("model"),
        version=entry.optional_text("version"),
        rows=entry.count("rows"),
        columns=tuple(_column(column) for column in entry.entries("columns")),
        features=_features(entry),
        calibration=tuple(_calibration(row) for row in entry.entries("calibration")),
        created_at=entry.optional_text("createdAt"),
    )
    _check_names(entry, baseline)
    _check_rows(entry, baseline)
    return baseline


def _unpacked(data: bytes, where: str) -> bytes:
    if not data.startswith(_GZIP_MAGIC):
        _check_size(len(data), where)
        return data
    unpacker = zlib.decompressobj(wbits=_GZIP_WINDOW)
    try:
        unpacked = unpacker.decompress(data, MAX_DOCUMENT_BYTES + 1)
    except zlib.error as error:
        raise DocumentError(where, f"is broken gzip ({error}); write it again") from None
    _check_size(len(unpacked), where)
    if not unpacker.eof:
        raise DocumentError(where, "is gzip that ends too early; write it again")
    return unpacked


def _check_size(size_bytes: int, where: str) -> None:
    if size_bytes > MAX_DOCUMENT_BYTES:
        raise DocumentError(
            where,
            f"is larger than {MAX_DOCUMENT_BYTES >> 20} MiB; leave out columns (--ignore)",
        )


def _check_version(entry: Entry) -> None:
    if not entry.has("formatVersion"):
        entry.refuse("formatVersion", "is missing; a baseline starts with a whole number here")
    version = entry.count("formatVersion")
    if not 1 <= version <= FORMAT_VERSION + 1:
        entry.refuse(
            "formatVersion",
            f"is {version}, but this modelmonitor reads 1 to {FORMAT_VERSION + 1}; "
            "upgrade modelmonitor or build the baseline again",
        )


def _column(entry: Entry) -> Column:
    return Column(entry.text("name"), entry.flag("ignored"), entry.optional_text("why"))


def _calibration(entry: Entry) -> CalibrationBin:
    one = CalibrationBin(
        predicted=entry.text("predicted"),
        edge=entry.number("edge"),
        rows=entry.count("rows"),
        correct=entry.count("correct"),
    )
    if one.correct > one.rows:
        entry.refuse("correct", f"is {one.correct}, more than the {one.rows} rows")
    return one


def _features(entry: Entry) -> tuple[BaselineFeature, ...]:
    """All features; each that is derived from a column follows the feature of that column."""
    features = [_feature(feature) for feature in entry.entries("features")]
    texts = {f.name for f in features if (f.role, f.kind) == ("input", "text")}
    derived: dict[str, list[BaselineFeature]] = {}
    for feature in entry.entries("derivedFeatures"):
        how = read_derived(feature.child("derived"), texts)
        if how is not None:
            derived.setdefault(how.column, []).append(_derived_feature(feature, how))
    return tuple(one for f in features for one in (f, *derived.get(f.name, ())))


def _derived_feature(entry: Entry, how: Derived) -> BaselineFeature:
    feature = replace(_feature(entry), derived=how)
    if (feature.role, feature.kind) != ("input", "numeric"):
        entry.refuse("kind", f"is {feature.role} {feature.kind}; what is derived is input numeric")
    return feature


def _feature(entry: Entry) -> BaselineFeature:
    kind = entry.choice("kind", KINDS)
    counts: Bins | Categories
    if kind in BINNED_KINDS:
        counts = _bins(entry.child("bins"))
    else:
        counts = _categories(entry.child("categories"))
    return BaselineFeature(
        name=entry.text("name"),
        role=entry.choice("role", _ROLES),
        kind=kind,
        counts=counts,
        missing_rows=entry.count("missingRows", 0),
        invalid_rows=entry.count("invalidRows", 0),
        rho=_rho(entry),
        largest_change=_largest_change(entry),
    )


def _bins(entry: Entry) -> Bins:
    bins = Bins(
        edges=entry.numbers("edges"),
        rows=entry.counts("rows"),
        representatives=entry.numbers("representatives"),
        mean=entry.number("mean"),
        standard_deviation=entry.number("standardDeviation"),
        minimum=entry.number("minimum"),
        maximum=entry.number("maximum"),
    )
    _check_edges(entry, bins)
    if not _increasing(bins.representatives, strictly=False):
        entry.refuse("representatives", "do not increase; each is the mean of its bin")
    if bins.standard_deviation < 0:
        entry.refuse("standardDeviation", f"is {bins.standard_deviation}; it must be 0 or more")
    if bins.minimum > bins.maximum:
        entry.refuse("minimum", f"is {bins.minimum}, above the maximum {bins.maximum}")
    return bins


def _check_edges(entry: Entry, bins: Bins) -> None:
    if len(bins.edges) >= MAX_BINS:
        entry.refuse("edges", f"has {len(bins.edges)} values; at most {MAX_BINS - 1} are allowed")
    if not _increasing(bins.edges, strictly=True):
        entry.refuse("edges", "are not strictly increasing")
    for key, values in (("rows", bins.rows), ("representatives", bins.representatives)):
        if len(values) != len(bins.edges) + 1:
            entry.refuse(
                key,
                f"has {len(values)} values, but {len(bins.edges)} edges make "
                f"{len(bins.edges) + 1} bins",
            )


def _increasing(values: tuple[float, ...], *, strictly: bool) -> bool:
    pairs = itertools.pairwise(values)
    return all(low < high or (low == high and not strictly) for low, high in pairs)


def _categories(entry: Entry) -> Categories:
    hashes = entry.texts("otherHashes") if entry.has("otherHashes") else None
    categories = Categories(
        values=entry.texts("values"),
        rows=entry.counts("rows"),
        other_rows=entry.count("otherRows", 0),
        other_hashes=hashes,
    )
    if len(categories.values) > MAX_BINS:
        entry.refuse("values", f"has {len(categories.values)} values; at most {MAX_BINS}")
    if len(categories.rows) != len(categories.values):
        entry.refuse(
            "rows",
            f"has {len(categories.rows)} values, but there are {len(categories.values)} categories",
        )
    _check_category_texts(entry, categories)
    return categories


def _check_category_texts(entry: Entry, categories: Categories) -> None:
    for reserved in _RESERVED:
        if reserved in categories.values:
            entry.refuse("values", f"holds {reserved}, which has a meaning of its own; rename it")
    check_hashes(entry, "otherHashes", categories.other_hashes or ())


def _rho(entry: Entry) -> dict[str, float]:
    rho = entry.named_numbers("rho")
    for window, value in rho.items():
        if not _WINDOW.fullmatch(window):
            entry.refuse(f"rho.{window}", "is no window; write e.g. 5m, 24h or 500r")
        if not 0 <= value <= 1:
            entry.refuse(f"rho.{window}", f"is {value}; it must be from 0 to 1")
    return rho


def _largest_change(entry: Entry) -> float | None:
    if not entry.has("largestChange"):
        return None
    value = entry.number("largestChange")
    if value < 0:
        entry.refuse("largestChange", f"is {value}; it must be 0 or more")
    return value


def _check_names(entry: Entry, baseline: Baseline) -> None:
    columns = [(f"columns[{i}]", column.name) for i, column in enumerate(baseline.columns)]
    _check_unique(entry, columns)
    named = {column.name for column in baseline.columns}
    used = {column.name for column in baseline.columns if not column.ignored}
    for place, feature in _places(baseline):
        if feature.derived is not None:
            if feature.name in named:
                entry.refuse(f"{place}.name", "is the name of a column, too; rename one of them")
        elif baseline.columns and feature.role == "input" and feature.name not in used:
            entry.refuse(
                f"{place}.name",
                f"is {feature.name!r}, which is no column in use; add it to columns",
            )
    _check_unique(entry, [(place, feature.name) for place, feature in _places(baseline)])


def _places(baseline: Baseline) -> Iterator[tuple[str, BaselineFeature]]:
    """Each feature, and where in the document it stands."""
    place = itertools.count()
    for feature in baseline.features:
        if feature.derived is None:
            yield f"features[{next(place)}]", feature
        else:
            yield f"derivedFeatures[{feature.name}]", feature


def _check_unique(entry: Entry, names: Iterable[tuple[str, str]]) -> None:
    """`names` are places with names."""
    seen: set[str] = set()
    for place, name in names:
        if name in seen:
            entry.refuse(f"{place}.name", f"{name!r} is there twice; each must differ")
        seen.add(name)


def _check_rows(entry: Entry, baseline: Baseline) -> None:
    for place, feature in _places(baseline):
        counts = feature.counts
        seen = sum(counts.rows) + (counts.other_rows if isinstance(counts, Categories) else 0)
        total = seen + feature.missing_rows + feature.invalid_rows
        if not seen:
            entry.refuse(place, "counts no value; leave the feature out")
        if total != baseline.rows:
            entry.refuse(
                place,
                f"counts {total} rows (bins or categories, missing, invalid), "
                f"but the baseline has {baseline.rows}",
            )
