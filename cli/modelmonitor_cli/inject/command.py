"""The flags of `modelmonitor inject`.  What is heavy is imported when it runs."""

import argparse
from pathlib import Path
from typing import Final

_EPILOG: Final = """\
example:
  modelmonitor inject -f model.yaml --monitor monitor.yaml --image team/sidecar:1 -o injected.yaml
What was changed, and what could not be, is told on standard error.  Documents that nothing is
changed in stay as they are, byte for byte; in the others comments are lost.
"""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare `inject` and its flags."""
    parser = commands.add_parser(
        "inject",
        help="put the sidecars into the manifests of a model server",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(command=_inject)
    parser.add_argument(
        "-f",
        "--filename",
        metavar="FILE",
        type=Path,
        required=True,
        help="workloads, Services and whatever else, as YAML; - is standard input",
    )
    parser.add_argument(
        "--monitor", metavar="FILE", type=Path, required=True, help="a ModelMonitor as YAML"
    )
    parser.add_argument("--values", metavar="FILE", type=Path, help="values of the chart, as YAML")
    parser.add_argument(
        "--image", metavar="IMAGE", help="of the sidecars, in place of sidecar.image of the values"
    )
    parser.add_argument(
        "-o", "--output", metavar="FILE", type=Path, help="(default: standard output)"
    )


def _inject(arguments: argparse.Namespace) -> int:
    from modelmonitor_cli.inject.injecting import inject

    return inject(arguments)
