"""The `modelmonitor` command: parses arguments, runs one command, ends with its status.

0: done well; 1: what the user gave is wrong; 2: the command was called wrongly.  Every error is one
sentence on standard error.  It refuses to know what a command does.
"""

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from typing import Final, Never

from modelmonitor_api.errors import InputError

COMMANDS: Final = (
    "modelmonitor_cli.backtest.command",
    "modelmonitor_cli.baseline.command",
    "modelmonitor_cli.compare.command",
    "modelmonitor_cli.inject.command",
    "modelmonitor_cli.render.command",
    "modelmonitor_cli.run.command",
    "modelmonitor_cli.validate.command",
)
"""Modules with `add_parser(commands)`, which sets `command`: a function of the arguments that
returns the status.  They import what is heavy only when they run."""

INTERRUPTED: Final = 130
_STDOUT: Final = 1


class Parser(argparse.ArgumentParser):
    """An argument parser whose refusal is one sentence."""

    def error(self, message: str) -> Never:
        """End with status 2."""
        self.exit(2, f"{self.prog}: {message}; see {self.prog} --help\n")


def parser() -> Parser:
    """The whole command line."""
    whole = Parser(
        prog="modelmonitor", description="Watch machine-learning models, change no code."
    )
    whole.add_argument("--version", action="version", version=f"%(prog)s {version('modelmonitor')}")
    commands = whole.add_subparsers(metavar="COMMAND", required=True)
    for name in COMMANDS:
        importlib.import_module(name).add_parser(commands)
    return whole


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    parsed = parser().parse_args(arguments)
    try:
        return int(parsed.command(parsed))
    except InputError as error:
        print(f"modelmonitor: {error}", file=sys.stderr)
        return 1
    except ModuleNotFoundError as error:
        print(
            f"modelmonitor: {error.name} is not installed; pip install 'modelmonitor[cli]'",
            file=sys.stderr,
        )
        return 1
    except BrokenPipeError:  # `modelmonitor ... | head`: the reader has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), _STDOUT)
        return 0
    except KeyboardInterrupt:
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
