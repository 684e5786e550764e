"""Whose series a dashboard asks for: matchers that stand on every one of its selectors.

Namespace and monitor are constants of the dashboard, so that no choice of its reader shows another
team's series; model, version, window and feature are variables that Grafana fills in.  It refuses
to know which metrics there are.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from modelmonitor_api import names, recorded
from modelmonitor_operator.render.promql import (
    Differs,
    Expression,
    Like,
    Matcher,
    Selector,
    call,
    either,
    selector,
)

RATE_INTERVAL: Final = "$__rate_interval"
WINDOW: Final = "$window"
MODEL: Final = "$model"
VERSIONS: Final = Like("$model_version")
CHOSEN_FEATURE: Final = "${feature:raw}"
"""`raw`: Grafana's own escaping makes `it\\'s` of `it's`; what needs escaping cannot be chosen."""
NAMESPACES: Final = Like("$namespace")

L_POD: Final = "pod"
L_ALERT: Final = "alertname"
L_ALERT_STATE: Final = "alertstate"
L_CELL: Final = "cell"
"""Bin or category, so that one panel can show either."""
ALERTS: Final = "ALERTS"
ALERTS_SINCE: Final = "ALERTS_FOR_STATE"


@dataclass(frozen=True, slots=True)
class Scope:
    """Matchers of every selector; `cluster_label` tells clusters apart in a shared data source."""

    matchers: Mapping[str, Matcher]
    cluster_label: str | None = None

    def select(self, metric: str, /, **matchers: Matcher) -> Selector:
        """Series of one metric in this scope."""
        return selector(metric, {**self.matchers, **matchers})

    def rate(self, metric: str, /, **matchers: Matcher) -> Expression:
        """Its increase per second, by series."""
        return call("rate", self.select(metric, **matchers).over(RATE_INTERVAL))

    def firing(self, **matchers: Matcher) -> Selector:
        """Alerts that fire."""
        return self.select(ALERTS, **{L_ALERT_STATE: "firing"}, **matchers)

    def within(self, **matchers: Matcher) -> "Scope":
        """The same with more matchers."""
        return replace(self, matchers={**self.matchers, **matchers})

    @property
    def model(self) -> "Scope":
        """The model that the reader has chosen."""
        return self.within(model=MODEL)

    @property
    def versions(self) -> "Scope":
        """The versions of it that the reader has chosen."""
        return self.within(model=MODEL, model_version=VERSIONS)

    @property
    def feature(self) -> "Scope":
        """The feature that the reader has chosen."""
        return self.versions.within(feature=CHOSEN_FEATURE)


def monitor_scope(namespace: str, monitor: str, cluster_label: str | None) -> Scope:
    """One monitor's series."""
    own = {recorded.L_NAMESPACE: namespace, names.L_MONITOR: monitor}
    return Scope({**own, **_cluster(cluster_label)}, cluster_label)


def fleet_scope(cluster_label: str | None) -> Scope:
    """The series of all monitors in the namespaces that the reader has chosen."""
    return Scope({recorded.L_NAMESPACE: NAMESPACES, **_cluster(cluster_label)}, cluster_label)


def not_other() -> Differs:
    """Matcher of label `model`: models, not what belongs to none."""
    return Differs(names.OTHER)


def ratio(part: Expression, whole: Expression) -> Expression:
    """Part by whole, 0 where there is no part, nothing where there is no whole."""
    return either(part, whole * 0) / (whole > 0)


def _cluster(label: str | None) -> Mapping[str, Matcher]:
    return {} if label is None else {label: "$cluster"}
