"""Writes the rules that a test compares with; run it when a change of them is meant."""

from pathlib import Path

import yaml

from modelmonitor_api.spec import DEFAULT_WINDOWS
from modelmonitor_operator.render.checked_rules import rule_document
from modelmonitor_operator.render.rules.alerts.annotations import Links
from modelmonitor_operator.render.rules.groups import monitor_groups

GOLDEN = Path(__file__).resolve().parent.parent / "tests" / "operator" / "render" / "golden"


def main() -> None:
    """The rules of one monitor with default windows."""
    groups = monitor_groups("team-a", "churn", DEFAULT_WINDOWS, Links())
    text = yaml.safe_dump(rule_document(groups), width=100, sort_keys=False, allow_unicode=True)
    (GOLDEN / "rules.yaml").write_text(text)


if __name__ == "__main__":
    main()
