"""`modelmonitor backtest`: what would have alarmed, had the monitor watched these rows."""
