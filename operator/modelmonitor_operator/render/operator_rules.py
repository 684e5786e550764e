"""Rules about the operator itself: few, and of what people would notice.

Models go on being watched while the operator is away, and pods go on being injected: only changes
wait.  So nothing of this wakes anybody.
"""

from typing import Any, Final

from modelmonitor_api import operator_metrics as own
from modelmonitor_api import recorded
from modelmonitor_operator.render.checked_rules import rule_document
from modelmonitor_operator.render.own_alerts import INTERVAL, RECENTLY, own_links, warning
from modelmonitor_operator.render.promql import Differs, Expression, call, selector, sum_by
from modelmonitor_operator.render.rules.alerts.annotations import Links
from modelmonitor_operator.render.rules.rule import Alert, Group

GROUP: Final = "modelmonitor-operator"
FAILING_SHARE: Final = 0.5
_BY: Final = (recorded.L_NAMESPACE,)


def operator_rules(runbook_url: str, grafana_url: str | None) -> dict[str, Any]:
    """A rule file; for one operator in what a Prometheus sees."""
    links = own_links(runbook_url, grafana_url)
    alerts = (_down(links), _failing(links), _forbidden(links), _behind(links))
    return rule_document((Group(GROUP, INTERVAL, alerts),))


def failing_share() -> Expression:
    """Of the looks at monitors, by namespace of the operator."""
    failed = _rate(selector(own.RECONCILES, {own.L_OUTCOME: Differs(own.OK)}).over(RECENTLY))
    return failed / _rate(selector(own.RECONCILES).over(RECENTLY))


def _down(links: Links) -> Alert:
    """Nobody leads, or nobody can be asked."""
    return warning(
        links,
        own.OPERATOR_DOWN,
        call("absent", selector(own.LEADER).equals(1)),
        "5m",
        "No operator of modelmonitor works",
        "No replica leads, or none is scraped. Models are watched and pods are injected as "
        "before; changed monitors and damaged objects wait.",
    )


def _failing(links: Links) -> Alert:
    return warning(
        links,
        own.OPERATOR_FAILING,
        failing_share() > FAILING_SHARE,
        "15m",
        "The operator of modelmonitor fails at most monitors",
        "{{$value | humanizePercentage}} of the looks at monitors failed in 15 minutes; their "
        "objects and status may be old.",
    )


def _forbidden(links: Links) -> Alert:
    refused = selector(own.API_REQUESTS, {own.L_CODE: "403"}).over(RECENTLY)
    return warning(
        links,
        own.OPERATOR_FORBIDDEN,
        sum_by((*_BY, own.L_VERB), call("increase", refused)) > 0,
        "15m",
        "The operator of modelmonitor lacks a right",
        "The API server refused requests ({{$labels.verb}}) of the operator for want of a "
        "right; a role of the chart was changed, or something else forbids it.",
    )


def _behind(links: Links) -> Alert:
    waiting = call("min_over_time", selector(own.QUEUE_DEPTH).over(RECENTLY))
    return warning(
        links,
        own.OPERATOR_BEHIND,
        sum_by(_BY, waiting) > 0,
        "5m",
        "The operator of modelmonitor does not keep up",
        "Monitors have been waiting for 15 minutes without a break; changes take effect late.",
    )


def _rate(counter: Expression) -> Expression:
    return sum_by(_BY, call("rate", counter))
