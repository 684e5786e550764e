"""A Parquet file as blocks of typed columns; only the columns asked for are read."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as arrow_parquet

from modelmonitor_api.errors import InputError
from modelmonitor_cli.baseline.tables import GATHERED_ROWS, Advance, check_names, gathered

PARQUET_MAGIC: Final = b"PAR1"
BUFFER_BYTES: Final = 1 << 20
"""Read ahead of each column, so that a row group never lies in memory whole."""


class ParquetTable:
    """One Parquet file; opened anew for each pass."""

    all_text = False

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._opened() as file:
            schema = file.schema_arrow
        check_names(schema.names, path)
        self.types: dict[str, pa.DataType] = {field.name: _plain(field.type) for field in schema}

    def blocks(self, columns: Sequence[str], advance: Advance) -> Iterator[pa.Table]:
        """The rows in their order; InputError where the file is broken."""
        with self._opened() as file:
            try:
                yield from gathered(self._batches(file, columns, advance))
            except (pa.ArrowInvalid, OSError) as error:
                raise self._broken(error) from None

    def _batches(
        self, file: arrow_parquet.ParquetFile, columns: Sequence[str], advance: Advance
    ) -> Iterator[pa.RecordBatch]:
        bytes_per_row = self.path.stat().st_size / max(1, file.metadata.num_rows)
        batches = file.iter_batches(
            batch_size=GATHERED_ROWS, columns=list(columns), use_threads=False
        )
        for batch in batches:
            advance(round(batch.num_rows * bytes_per_row))
            yield _without_dictionaries(batch.select(list(columns)))

    def _opened(self) -> Any:
        try:
            return arrow_parquet.ParquetFile(self.path, buffer_size=BUFFER_BYTES, pre_buffer=False)
        except (pa.ArrowInvalid, OSError) as error:
            raise self._broken(error) from None

    def _broken(self, error: Exception) -> InputError:
        reason = " ".join(str(error).split())
        return InputError(str(self.path), f"is broken Parquet ({reason}); write it again")


def _plain(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _without_dictionaries(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Dictionaries differ from batch to batch; values do not."""
    columns = [column.cast(_plain(column.type)) for column in batch.columns]
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)
