"""Groups of rules as Prometheus reads them, every expression parsed before it is written.

One bad expression and prometheus-operator skips the whole object, silently without its webhook.
"""

from collections.abc import Iterable
from typing import Any

import promql_parser

from modelmonitor_operator.render.rules.rule import Group, Rule


class RuleError(Exception):
    """A rule of ours that is no PromQL: a bug here, never a user's mistake."""


def rule_document(groups: Iterable[Group]) -> dict[str, Any]:
    """`{"groups": [...]}`; RuleError names the rule that does not parse."""
    listed = tuple(groups)
    for group in listed:
        for rule in group.rules:
            _check(group, rule)
    return {"groups": [group.document() for group in listed]}


def _check(group: Group, rule: Rule) -> None:
    try:
        promql_parser.parse(str(rule.expression))
    except ValueError as error:
        raise RuleError(f"{group.name}: {rule.name}: {error}") from None
