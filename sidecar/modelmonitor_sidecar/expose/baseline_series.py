"""What the live counters are compared with, as series: the baseline's counts and the settings.

Built once when a baseline is loaded; it refuses to know the live side.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import accumulate, pairwise

from modelmonitor_api import names
from modelmonitor_api.baseline import Baseline, BaselineFeature, Bins, Categories
from modelmonitor_sidecar.expose.feature_policy import FeaturePolicy
from modelmonitor_sidecar.expose.labels import bin_labels, bounded, category_label
from modelmonitor_sidecar.exposition import by_label, joined, label_text, line, number
from modelmonitor_sidecar.stats.dispersion import rho_for

Lines = Mapping[str, str]
"""Lines by family."""


def baseline_lines(
    common: str, baseline: Baseline, digest: str, evidence: Mapping[str, float]
) -> Lines:
    """The series of a baseline as a whole; `evidence` is the threshold of z by window."""
    info = label_text({names.L_DIGEST: digest, names.L_ROWS: str(baseline.rows)})
    created = created_seconds(baseline.created_at)
    return {
        names.BASELINE_INFO: line(names.BASELINE_INFO, joined(common, info), 1),
        names.BASELINE_CREATED: (
            "" if created is None else line(names.BASELINE_CREATED, common, created)
        ),
        names.EVIDENCE_THRESHOLD: by_label(
            names.EVIDENCE_THRESHOLD, common, names.L_WINDOW, evidence.items()
        ),
    }


def created_seconds(created_at: str | None) -> float | None:
    """Seconds since the epoch of a time as RFC 3339, in UTC without an offset; None: no time.

    >>> created_seconds("1970-01-02T00:00:00Z"), created_seconds("yesterday")
    (86400.0, None)
    """
    try:
        moment = datetime.fromisoformat(created_at or "")
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def feature_lines(
    common: str, feature: BaselineFeature, policy: FeaturePolicy, windows: Sequence[str]
) -> Lines:
    """All series of one feature of a baseline, by family."""
    own = joined(common, label_text({names.L_FEATURE: bounded(feature.name)}))
    counts = feature.counts
    lines = _bins(own, counts) if isinstance(counts, Bins) else _categories(own, counts)
    one = {
        names.BASELINE_MISSING_ROWS: feature.missing_rows,
        names.BASELINE_INVALID_ROWS: feature.invalid_rows,
    }
    return {
        **lines,
        **{family: line(family, own, value) for family, value in one.items()},
        names.BASELINE_RHO: by_label(
            names.BASELINE_RHO, own, names.L_WINDOW, _rho(feature, windows)
        ),
        names.BASELINE_FEATURE_INFO: _feature_info(own, feature),
        names.FEATURE_SETTING: by_label(
            names.FEATURE_SETTING, own, names.L_SETTING, policy.settings().items()
        ),
    }


def _bins(own: str, counts: Bins) -> dict[str, str]:
    labels = [joined(own, label) for label in bin_labels(len(counts.rows))]
    means = counts.representatives
    steps = [*(after - before for before, after in pairwise(means)), 0.0]
    return {
        names.BASELINE_CUMULATIVE_ROWS: _lines(
            names.BASELINE_CUMULATIVE_ROWS, labels, accumulate(counts.rows)
        ),
        names.BASELINE_STEP: _lines(names.BASELINE_STEP, labels, steps),
        names.BASELINE_MEAN: line(names.BASELINE_MEAN, own, counts.mean),
        names.BASELINE_STANDARD_DEVIATION: line(
            names.BASELINE_STANDARD_DEVIATION, own, counts.standard_deviation
        ),
    }


def _categories(own: str, counts: Categories) -> dict[str, str]:
    rows = {category_label(v): n for v, n in zip(counts.values, counts.rows, strict=True)}
    rows[names.OTHER], rows[names.UNSEEN] = counts.other_rows, 0
    family = names.BASELINE_CATEGORY_ROWS
    return {family: by_label(family, own, names.L_CATEGORY, rows.items())}


def _rho(feature: BaselineFeature, windows: Sequence[str]) -> Iterator[tuple[str, float]]:
    return ((window, rho_for(feature.rho, window)) for window in windows)


def _feature_info(own: str, feature: BaselineFeature) -> str:
    edges = feature.counts.edges if isinstance(feature.counts, Bins) else ()
    labels = {
        names.L_ROLE: feature.role,
        names.L_KIND: feature.kind,
        names.L_EDGES: ";".join(number(edge) for edge in edges),
    }
    return line(names.BASELINE_FEATURE_INFO, joined(own, label_text(labels)), 1)


def _lines(family: str, labels: Sequence[str], values: Iterable[float]) -> str:
    return "".join(line(family, text, value) for text, value in zip(labels, values, strict=True))
