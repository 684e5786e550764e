"""Says on standard error how far a pass has come; silent where no person looks on."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from modelmonitor_cli.baseline.tables import Advance


@contextmanager
def progress_bar(what: str, size_bytes: int) -> Iterator[Advance]:
    """A bar for one pass over files of `size_bytes`; yields what is told of the bytes read."""
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    )
    with bar:
        task = bar.add_task(what, total=size_bytes)
        yield lambda count: bar.advance(task, count)
