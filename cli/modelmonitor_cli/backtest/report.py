"""The findings as a page."""

from modelmonitor_cli.backtest.results import Backtest


def report_page(found: Backtest) -> str:
    """The page."""
    return found.model
