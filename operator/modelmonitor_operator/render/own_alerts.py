"""An alert about the project's own processes: a warning, since models are served without them.

Its page is in one folder of the runbook, and its dashboard is the operator's.
"""

from typing import Final

from modelmonitor_api import operator_metrics, recorded
from modelmonitor_operator.render.promql import Expression
from modelmonitor_operator.render.rules.alerts.annotations import Links, annotations
from modelmonitor_operator.render.rules.rule import Alert

PAGES: Final = "operator"
"""The folder of the runbook with their pages."""
INTERVAL: Final = "30s"
"""Between two looks at them."""
RECENTLY: Final = "15m"
"""How far they look back."""


def own_links(runbook_url: str, grafana_url: str | None) -> Links:
    """To pages and dashboard; `runbook_url` is the whole runbook's."""
    return Links(f"{runbook_url.rstrip('/')}/{PAGES}", grafana_url, operator_metrics.DASHBOARD)


def warning(
    links: Links, name: str, expression: Expression, hold: str, summary: str, description: str
) -> Alert:
    """Told once the condition has lasted for `hold`."""
    texts = annotations(links, name, summary, description)
    return Alert(name, expression, texts, {recorded.L_SEVERITY: recorded.WARNING}, hold=hold)
