"""The times of the rows, which must not fall; of each batch one is kept."""

from array import array
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa

from modelmonitor_api.errors import InputError
from modelmonitor_cli.backtest.stretches import MICROSECONDS
from modelmonitor_cli.baseline.sources import one_column
from modelmonitor_cli.baseline.times import times_of
from modelmonitor_cli.baseline.values import Integers
from modelmonitor_sidecar.stats.change import BATCH_ROWS

_FIRST: Final = -62_135_596_800 * MICROSECONDS
_LAST: Final = 253_402_300_799 * MICROSECONDS


class TimeOrder:
    """Reads one time column, block by block.  Keeps 8 bytes a batch."""

    def __init__(self, column: str) -> None:
        self._column = column
        self._last: int | None = None
        self._batches = array("q")

    def times(self, block: pa.Table, file: Path, row_of_file: int, first_row: int) -> Integers:
        """Microseconds since 1970; InputError names the row that has no time or goes back."""
        where = f"{file}: column {self._column!r}"
        times = times_of(one_column(block, self._column), where, row_of_file)
        self._check_range(times, where, row_of_file)
        before = times[0] if self._last is None else self._last
        earlier = np.flatnonzero(np.diff(times, prepend=before) < 0)
        if len(earlier):
            raise self._unordered(times, int(earlier[0]), where, row_of_file)
        self._last = int(times[-1])
        self._batches.extend(times[-first_row % BATCH_ROWS :: BATCH_ROWS].tolist())
        return times

    def of(self, row: int) -> int:
        """The time of a row, as far as its batch tells: that of the batch's first row."""
        return self._batches[row // BATCH_ROWS]

    def _check_range(self, times: Integers, where: str, row_of_file: int) -> None:
        beyond = np.flatnonzero((times < _FIRST) | (times > _LAST))
        if len(beyond):
            row = row_of_file + int(beyond[0]) + 1
            raise InputError(
                where, f"row {row} has a time outside the years 1 to 9999; mend it, or the column"
            )

    def _unordered(self, times: Integers, at: int, where: str, row_of_file: int) -> InputError:
        before = int(times[at - 1]) if at else self._last
        assert before is not None
        return InputError(
            where,
            f"row {row_of_file + at + 1} ({instant(int(times[at]))}) is earlier than the row "
            f"before it ({instant(before)}); sort the table by time",
        )


def instant(microseconds: int) -> str:
    """UTC as ISO 8601, to the second where it is whole.

    >>> instant(0), instant(1_500_000)
    ('1970-01-01T00:00:00Z', '1970-01-01T00:00:01.500000Z')
    """
    seconds, rest = divmod(microseconds, MICROSECONDS)
    text = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{rest:06d}Z" if rest else f"{text}Z"
