"""How many rows a window needs before anything is said of it.

Chi-square counts as evidence only where every bin can expect a row (W. Cochran, "Some Methods for
Strengthening the Common chi-square Tests", Biometrics 1954).  Of bins with at least 0.5 % of the
rows 200 rows are enough for that; a rarer one, kept apart because its neighbour would hide it,
asks for more.
"""

import math
from typing import Final

from modelmonitor_api.baseline import BaselineFeature, Bins

LEAST_ROWS: Final = 200
LEAST_ROWS_A_BIN: Final = 20


def needed_rows(bins: int) -> int:
    """Fewer rows than max(200, 20 B) are not judged."""
    return max(LEAST_ROWS, LEAST_ROWS_A_BIN * bins)


def feature_needs_rows(feature: BaselineFeature) -> int:
    """The same of a feature, and at least 1 / p where the rarest bin has the share p.

    Categories have no such bins: what is rare among them counts as `__other__`.
    """
    counts = feature.counts
    if not isinstance(counts, Bins):
        return needed_rows(len(counts.rows) + 2)
    filled = [rows for rows in counts.rows if rows]
    if not filled:
        return needed_rows(len(counts.rows))
    return max(needed_rows(len(counts.rows)), math.ceil(sum(filled) / min(filled)))
