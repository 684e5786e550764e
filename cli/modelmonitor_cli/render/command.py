"""The flags of `modelmonitor render`.  What is heavy is imported when it runs."""

import argparse
from pathlib import Path
from typing import Final

_EPILOG: Final = """\
example:
  modelmonitor render monitor.yaml --baseline baseline.json -o out/
  kubectl apply -f out/manifests.yaml          with prometheus-operator and Grafana's sidecar
Without prometheus-operator: rules.yaml is a rule file of Prometheus, dashboard.json is imported
into Grafana.  In mode Shared (--values) the rules are those of all monitors, and apply once.
"""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare `render` and its flags."""
    parser = commands.add_parser(
        "render",
        help="write rules, dashboard and the other objects of a monitor",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(command=_render)
    parser.add_argument("monitor", metavar="MONITOR", type=Path, help="a ModelMonitor as YAML")
    parser.add_argument(
        "--baseline",
        metavar="[MODEL[@VERSION]=]FILE",
        action="append",
        default=[],
        help="what the training data looked like; repeatable",
    )
    parser.add_argument("--values", metavar="FILE", type=Path, help="values of the chart, as YAML")
    parser.add_argument(
        "-o", "--output", metavar="FOLDER", type=Path, required=True, help="made if it is missing"
    )


def _render(arguments: argparse.Namespace) -> int:
    from modelmonitor_cli.render.rendering import render

    return render(arguments)
