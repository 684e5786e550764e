"""The findings for people, in a terminal."""

from modelmonitor_cli.backtest.results import Backtest
from modelmonitor_cli.backtest.summary import summary_of


def show(found: Backtest) -> None:
    """Print them."""
    print(summary_of(found).sentence)
