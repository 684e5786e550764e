"""Where tables for people are printed: a terminal, or a pipe in which nothing is folded."""

import os
import sys
from typing import Final

from rich.console import Console

_WIDE: Final = 200
"""Columns where no terminal says how many there are: in a file or a pipe nothing is folded."""


def report_console() -> Console:
    """Standard output, as wide as the terminal or as COLUMNS says."""
    unbounded = not sys.stdout.isatty() and "COLUMNS" not in os.environ
    return Console(width=_WIDE if unbounded else None)
