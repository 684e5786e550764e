"""How far do the training rows themselves go, when the change detector sees them in their order?

Its threshold must lie above that.  While rows stream by, batches of them are counted by cell; when
all are counted, and so the baseline is known, they are fed to the detector one after another.  It
refuses to know tables and times: the order of rows is given.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from modelmonitor_api.baseline import BaselineFeature
from modelmonitor_cli.baseline.values import Integers
from modelmonitor_cli.baseline.windows import BlockWindows
from modelmonitor_sidecar.stats.change_detector import ChangeDetector
from modelmonitor_sidecar.stats.effect import Reference

BATCH_ROWS: Final = 500
MOST_BATCHES: Final = 20_000
MOST_BYTES: Final = 128 << 20
"""Of the counts of all batches and features."""
_DIGITS: Final = 4

_Counts = NDArray[np.int32]


class Replay:
    """Rows by batch and cell of each feature, 4 bytes each; 500 rows a batch, or more.

    More where there would be more than 20,000 batches, or more than 128 MiB of counts.
    """

    def __init__(self, rows: int, cells: Sequence[int]) -> None:
        """`cells` of each feature, without the one for no value."""
        most = max(1, min(MOST_BATCHES, MOST_BYTES // (4 * sum(cells))))
        self.batch_rows = max(BATCH_ROWS, -(-rows // most))
        batches = -(-rows // self.batch_rows)
        self._counts: list[_Counts] = [np.zeros((batches, one), np.int32) for one in cells]

    def add(self, feature: int, batches: BlockWindows, cells: Integers) -> None:
        """Count rows of one feature by batch and cell; one past the last is no value."""
        counts = self._counts[feature]
        counts[batches.ids] += batches.counts(cells, counts.shape[1]).astype(np.int32)

    def replayed(self, features: Sequence[BaselineFeature]) -> tuple[BaselineFeature, ...]:
        """The features, in the order of `cells`, with the largest change that they reached."""
        references = [Reference(feature) for feature in features]
        detector = ChangeDetector(references, np.full(len(features), np.inf))
        batch, largest = np.zeros(int(detector.offsets[-1])), np.zeros(len(features))
        for number in range(len(self._counts[0])):
            for feature, counts in enumerate(self._counts):
                start = detector.offsets[feature]
                batch[start : start + counts.shape[1]] = counts[number]
            np.maximum(largest, detector.feed(batch), out=largest)
        return tuple(
            replace(feature, largest_change=float(f"{value:.{_DIGITS}g}"))
            for feature, value in zip(features, largest, strict=True)
        )
