"""Where tables for people are printed: a terminal, or a pipe in which nothing is folded."""

import os
import sys
from typing import Final

from rich.console import Console

_WIDE: Final = 200
"""Columns where no terminal says how many there are: in a file or a pipe nothing is folded."""
_REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"


def report_console() -> Console:
    """Standard output, as wide as the terminal or as COLUMNS says."""
    unbounded = not sys.stdout.isatty() and "COLUMNS" not in os.environ
    return Console(width=_WIDE if unbounded else None)


def printable(raw: str) -> str:
    """The text on one line: what is no letter, such as a terminal's escape, is replaced.

    >>> printable("a\\x1b[31mb")
    'a�[31mb'
    """
    return "".join(letter if letter.isprintable() else _REPLACEMENT for letter in raw)
