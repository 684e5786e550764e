"""Remembers, for each feature, the window in which it moved most."""

from collections.abc import Sequence

from modelmonitor_cli.backtest.judging import WindowCounts
from modelmonitor_cli.backtest.results import Moved, Result


class MovedMost:
    """The largest effect of each feature among windows with a verdict; one window's cells each."""

    def __init__(self) -> None:
        self.by_feature: dict[int, Moved] = {}

    def see(self, results: Sequence[Result], counts: WindowCounts) -> None:
        """Take the next window's results, in the order of the features."""
        for at, result in enumerate(results):
            if self._is_new(at, result):
                cells = counts.cells[result.feature.cells]
                self.by_feature[at] = Moved(result.window, result, tuple(cells.tolist()))

    def _is_new(self, at: int, result: Result) -> bool:
        if result.verdict.verdict == "insufficient":
            return False
        known = self.by_feature.get(at)
        return known is None or result.largest_effect > known.result.largest_effect
