"""Writes the dashboards that tests compare with; run it when a change of them is meant."""

import json
from pathlib import Path

from modelmonitor_operator.render.dashboard.fleet import fleet_dashboard
from modelmonitor_operator.render.dashboard.monitor import monitor_dashboard

GOLDEN = Path(__file__).resolve().parent.parent / "tests" / "operator" / "render" / "golden"


def main() -> None:
    """One file a dashboard."""
    dashboards = {
        "monitor_dashboard": monitor_dashboard(
            "team-a", "churn", ("5m", "1h", "24h"), "https://example.com/runbook"
        ),
        "fleet_dashboard": fleet_dashboard(),
    }
    for name, dashboard in dashboards.items():
        text = json.dumps(dashboard, indent=1, sort_keys=True, ensure_ascii=False)
        (GOLDEN / f"{name}.json").write_text(f"{text}\n")


if __name__ == "__main__":
    main()
