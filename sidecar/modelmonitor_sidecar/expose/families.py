"""The collector's metric families: type and help of each, and a page of them.

A page may get its lines in any order; the format wants all lines of a family together, and so does
`Page`.  It refuses to know what the numbers mean.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from modelmonitor_api import names
from modelmonitor_sidecar.exposition import Kind, header

FAMILIES: Final[Mapping[str, tuple[Kind, str]]] = MappingProxyType(
    {
        names.ROWS: ("counter", "Rows counted."),
        names.ROWS_INVALID: ("counter", "Rows that could not be read as rows."),
        names.ROWS_WITHOUT_PREDICTION: ("counter", "Rows counted without their prediction."),
        names.ROWS_UNEXPECTED_COLUMN: ("counter", "Rows with a column that nobody expects."),
        names.PAYLOADS_UNDECODABLE: ("counter", "Copies that no decoder could read."),
        names.PAYLOADS_SKIPPED: ("counter", "Copies that were not decoded on purpose."),
        names.FEATURE_CUMULATIVE_ROWS: ("counter", "Rows in this bin or a lower one."),
        names.FEATURE_CATEGORY_ROWS: ("counter", "Rows of this category."),
        names.FEATURE_MISSING_ROWS: ("counter", "Null, NaN, absent or empty values."),
        names.FEATURE_ABSENT_ROWS: ("counter", "Rows without the feature's column."),
        names.FEATURE_INVALID_ROWS: ("counter", "Values that the feature's kind cannot hold."),
        names.FEATURE_UNSEEN_ROWS: ("counter", "Categories that the baseline never saw."),
        names.FEATURE_OUT_OF_RANGE_ROWS: ("counter", "Values outside the baseline's range."),
        names.FEATURE_VALUE: ("summary", "Valid numeric values: quantiles, sum and count."),
        names.FEATURE_VALUE_SQUARES: (
            "counter",
            "Squared distances of the values from the baseline's mean.",
        ),
        names.SERIES: ("gauge", "Feature and baseline series exposed."),
        names.SERIES_BUDGET: ("gauge", "How many feature and baseline series may be exposed."),
        names.SERIES_DROPPED: ("gauge", "Series left out to stay within the budget."),
        names.COLLECTOR_INFO: ("gauge", "Release of the collector."),
        names.COLLECTOR_START_TIME: ("gauge", "When the worker was started, since the epoch."),
        names.COLLECTOR_WORKER_DEATHS: ("counter", "Workers that ended unasked, by cause."),
        names.COLLECTOR_CPU: ("counter", "Processor time of the worker."),
        names.COLLECTOR_MEMORY: ("gauge", "Resident memory of the worker."),
        names.COLLECTOR_CONNECTIONS: ("gauge", "Proxies now connected."),
        names.COLLECTOR_CONNECTIONS_REFUSED: (
            "counter",
            "Connections ended for what came over them.",
        ),
        names.COLLECTOR_CONFIGURATION: ("gauge", "1 for the configuration's state that holds."),
        names.COLLECTOR_BASELINES_BROKEN: ("gauge", "Baselines that are missing or unreadable."),
        names.COLLECTOR_ERRORS: ("counter", "Faults of the collector's own, survived."),
        names.BASELINE_CUMULATIVE_ROWS: (
            "gauge",
            "The baseline's rows in this bin or a lower one.",
        ),
        names.BASELINE_CATEGORY_ROWS: ("gauge", "The baseline's rows of this category."),
        names.BASELINE_MISSING_ROWS: ("gauge", "Missing in the baseline."),
        names.BASELINE_INVALID_ROWS: ("gauge", "Invalid in the baseline."),
        names.BASELINE_STEP: ("gauge", "Mean of the next bin's rows minus mean of this bin's."),
        names.BASELINE_MEAN: ("gauge", "Mean of the baseline's values."),
        names.BASELINE_STANDARD_DEVIATION: ("gauge", "Standard deviation of the baseline."),
        names.BASELINE_RHO: ("gauge", "Correlation of the rows of one window."),
        names.BASELINE_INFO: ("gauge", "A baseline in use."),
        names.BASELINE_FEATURE_INFO: ("gauge", "A feature of a baseline in use."),
        names.BASELINE_CREATED: ("gauge", "When the baseline was built, since the epoch."),
        names.EVIDENCE_THRESHOLD: ("gauge", "The z that a test in this window has to exceed."),
        names.MONITOR_INFO: ("gauge", "The monitor, and the uid of its dashboard."),
        names.SETTING: ("gauge", "A setting of the monitor or of a model."),
        names.FEATURE_SETTING: ("gauge", "A setting of a feature."),
    }
)


class Page:
    """Lines by family; `text` puts the families in the order of the table above.

    A family's lines are kept as the pieces they came in: joining is the only copy.
    """

    def __init__(self) -> None:
        self._pieces: dict[str, list[str]] = {}

    def add(self, family: str, lines: str) -> None:
        """Lines of one family; each ends with a newline."""
        self._pieces.setdefault(family, []).append(lines)

    def text(self) -> str:
        """The page; families without lines are left out."""
        parts: list[str] = []
        for family, (kind, explanation) in FAMILIES.items():
            lines = self._pieces.get(family)
            if lines and any(lines):
                parts.append(header(family, kind, explanation))
                parts.extend(lines)
        return "".join(parts)
