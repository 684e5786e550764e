"""What a rule file consists of: recordings and alerts in groups that Prometheus evaluates in order.

It refuses to know what is recorded and why.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from modelmonitor_operator.render.promql import Expression


@dataclass(frozen=True, slots=True)
class Record:
    """A series made of others, with labels put on it."""

    name: str
    expression: Expression
    labels: Mapping[str, str] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """As Prometheus reads it."""
        labels = {"labels": dict(self.labels)} if self.labels else {}
        return {"record": self.name, "expr": str(self.expression), **labels}


@dataclass(frozen=True, slots=True)
class Alert:
    """A condition that somebody is told of; `hold` is for how long it must last first."""

    name: str
    expression: Expression
    annotations: Mapping[str, str]
    labels: Mapping[str, str] = field(default_factory=dict)
    hold: str | None = None
    keep: str | None = None
    """For how long it goes on after the condition ended, so that it does not flap."""

    def document(self) -> dict[str, Any]:
        """As Prometheus reads it."""
        return {
            "alert": self.name,
            "expr": str(self.expression),
            **({"for": self.hold} if self.hold else {}),
            **({"keep_firing_for": self.keep} if self.keep else {}),
            **({"labels": dict(self.labels)} if self.labels else {}),
            "annotations": dict(self.annotations),
        }


Rule = Record | Alert


@dataclass(frozen=True, slots=True)
class Group:
    """Rules that are evaluated one after another at one time; each sees what those before wrote."""

    name: str
    interval: str
    rules: tuple[Rule, ...]

    def document(self) -> dict[str, Any]:
        """As Prometheus reads it."""
        return {
            "name": self.name,
            "interval": self.interval,
            "rules": [rule.document() for rule in self.rules],
        }
