"""The flags of `modelmonitor validate`.  What is heavy is imported when it runs."""

import argparse
from pathlib import Path
from typing import Final

_EPILOG: Final = """\
example:
  modelmonitor validate monitor.yaml --baseline baseline.json --replicas 10
Ends with status 1 where the resource is wrong, with a sentence that names the field.
"""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare `validate` and its flags."""
    parser = commands.add_parser(
        "validate",
        help="check a monitor, and estimate what it costs in Prometheus",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(command=_validate)
    parser.add_argument("monitor", metavar="MONITOR", type=Path, help="a ModelMonitor as YAML")
    parser.add_argument(
        "--baseline",
        metavar="[MODEL[@VERSION]=]FILE",
        action="append",
        default=[],
        help="what the training data looked like; repeatable",
    )
    parser.add_argument("--replicas", metavar="N", type=int, default=1, help="pods (default 1)")
    parser.add_argument("--values", metavar="FILE", type=Path, help="values of the chart, as YAML")
    parser.add_argument("--json", action="store_true", help="the same for a machine")


def _validate(arguments: argparse.Namespace) -> int:
    from modelmonitor_cli.validate.validating import validate

    return validate(arguments)
