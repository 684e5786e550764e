"""Rules about the admission webhook: whether new pods get their sidecars, today and next month.

It fails open: whatever is wrong with it, pods come up as they are and models are served, unwatched.
That is seen nowhere else, and yet it wakes nobody.
"""

from typing import Any, Final

from modelmonitor_api import recorded
from modelmonitor_api import webhook_metrics as own
from modelmonitor_api.operator_metrics import L_OUTCOME
from modelmonitor_operator.render.checked_rules import rule_document
from modelmonitor_operator.render.injection_webhook import WEBHOOK
from modelmonitor_operator.render.own_alerts import INTERVAL, RECENTLY, own_links, warning
from modelmonitor_operator.render.promql import (
    Expression,
    Selector,
    aggregate,
    call,
    selector,
    sum_by,
    time,
)
from modelmonitor_operator.render.rules.alerts.annotations import Links
from modelmonitor_operator.render.rules.rule import Alert, Group

GROUP: Final = "modelmonitor-webhook"
FAILING_SHARE: Final = 0.1
LEFT_SHARE: Final = 0.25
"""Of a certificate's life: the webhook's own, and cert-manager's, are followed at a third."""
LEFT_SECONDS: Final = 30 * 86_400
"""Long lives of certificates that people make themselves: a quarter of one is no reason yet."""
_BY: Final = (recorded.L_NAMESPACE,)


def webhook_rules(runbook_url: str, grafana_url: str | None) -> dict[str, Any]:
    """A rule file; for one webhook in what a Prometheus sees, and only where there is one."""
    links = own_links(runbook_url, grafana_url)
    alerts = (
        _down(links),
        _unreachable(links),
        _failing(links),
        _certificate_failing(links),
        _certificate_ending(links),
    )
    return rule_document((Group(GROUP, INTERVAL, alerts),))


def failing_share() -> Expression:
    """Of the pods that were looked at, by namespace of the webhook.

    All of them are counted by the histogram, which is there from the start: of a counter that comes
    with its first event, that event is never seen.
    """
    failed = _rate(selector(own.REVIEWS, {L_OUTCOME: own.FAILED}))
    return failed / _rate(selector(f"{own.REVIEW_DURATION}_count"))


def left_seconds() -> Expression:
    """Until a certificate ends, by pod; nothing where there is none."""
    return (selector(own.CERTIFICATE_END) > 0) - time()


def _down(links: Links) -> Alert:
    """No API server would believe anybody, or nobody can be asked."""
    return warning(
        links,
        own.WEBHOOK_DOWN,
        call("absent", selector(own.CERTIFICATE_END) > time()),
        "5m",
        "No webhook of modelmonitor can answer",
        "No replica has a certificate that is good now, or none is scraped. New pods come up "
        "without sidecars and are not watched; those that have them are watched as before.",
    )


def _unreachable(links: Links) -> Alert:
    """What the API servers say of it: the webhook itself cannot know who does not reach it."""
    passed = selector(own.FAIL_OPEN, {own.L_NAME: WEBHOOK}).over(RECENTLY)
    return warning(
        links,
        own.WEBHOOK_UNREACHABLE,
        sum_by((own.L_NAME,), call("increase", passed)) > 0,
        "5m",
        "API servers get no answer from the webhook of modelmonitor",
        'About {{$value | printf "%.0f"}} pods of the last 15 minutes were created without an '
        "answer of use from the webhook. They run as they are and are not watched.",
    )


def _failing(links: Links) -> Alert:
    return warning(
        links,
        own.WEBHOOK_FAILING,
        failing_share() > FAILING_SHARE,
        "5m",
        "The webhook of modelmonitor fails at pods",
        "At {{$value | humanizePercentage}} of the pods of the last 15 minutes something failed "
        "inside. They were let in as they are; those that a monitor selects are not watched.",
    )


def _certificate_failing(links: Links) -> Alert:
    failures = selector(own.CERTIFICATE_FAILURES).over(RECENTLY)
    return warning(
        links,
        own.WEBHOOK_CERTIFICATE_FAILING,
        sum_by(_BY, call("increase", failures)) > 0,
        "15m",
        "The webhook of modelmonitor cannot see to its certificate",
        "Reading, renewing or announcing the certificate fails again and again. The one that is "
        "shown stays in use until it ends; a replica that starts now has none.",
    )


def _certificate_ending(links: Links) -> Alert:
    life = selector(own.CERTIFICATE_END) - selector(own.CERTIFICATE_BEGIN)
    late = left_seconds() < call("clamp_max", life * LEFT_SHARE, LEFT_SECONDS)
    return warning(
        links,
        own.WEBHOOK_CERTIFICATE_ENDING,
        aggregate("min", _BY, late),
        "15m",
        "The certificate of modelmonitor's webhook is not renewed",
        "It ends in {{$value | humanizeDuration}}, and the next one should have taken its place "
        "long ago. From then on new pods come up without sidecars and are not watched.",
    )


def _rate(counter: Selector) -> Expression:
    return sum_by(_BY, call("rate", counter.over(RECENTLY)))
