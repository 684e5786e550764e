"""The dashboard of one monitor: seven rows, from "is it healthy" to the monitor's own health."""

from collections.abc import Sequence

from modelmonitor_api.errors import InputError
from modelmonitor_api.grammar import is_dns_name
from modelmonitor_api.names import dashboard_uid
from modelmonitor_api.spec import WINDOWS
from modelmonitor_operator.render.addresses import checked_url
from modelmonitor_operator.render.dashboard.annotations import annotations
from modelmonitor_operator.render.dashboard.drift_row import drift_row
from modelmonitor_operator.render.dashboard.feature_row import feature_row
from modelmonitor_operator.render.dashboard.frame import Identity, dashboard
from modelmonitor_operator.render.dashboard.health_row import health_row
from modelmonitor_operator.render.dashboard.panel import Json
from modelmonitor_operator.render.dashboard.prediction_row import prediction_row
from modelmonitor_operator.render.dashboard.scope import monitor_scope
from modelmonitor_operator.render.dashboard.status_row import status_row
from modelmonitor_operator.render.dashboard.traffic_row import traffic_row
from modelmonitor_operator.render.dashboard.variables import monitor_variables
from modelmonitor_operator.render.dashboard.versions_row import versions_row


def monitor_dashboard(
    namespace: str,
    name: str,
    windows: Sequence[str],
    runbook_url: str,
    cluster_label: str | None = None,
) -> Json:
    """The dashboard as classic JSON; about 100 KiB, the same for any number of features.

    `runbook_url` is where the runbook's pages are; `cluster_label` is needed where one data source
    holds several clusters.  Names of models, features and categories are not in it: they come in
    as labels when it is read.  InputError where namespace, name, window or address is none.
    """
    _check_names(namespace, name)
    _check_windows(windows)
    scope = monitor_scope(namespace, name, cluster_label)
    identity = Identity(
        dashboard_uid(namespace, name),
        f"Model monitor {namespace}/{name}",
        f"Health, traffic, drift and predictions of the models that {namespace}/{name} watches.",
        "now-24h",
    )
    rows = (
        status_row(scope, checked_url(runbook_url)),
        traffic_row(scope),
        drift_row(scope, f"/d/{identity.uid}"),
        feature_row(scope),
        prediction_row(scope),
        versions_row(scope),
        health_row(scope),
    )
    return dashboard(identity, rows, monitor_variables(scope, windows), annotations(scope))


def _check_names(namespace: str, name: str) -> None:
    """A DNS name means nothing to Grafana's templates, to Markdown or to PromQL."""
    for field, text in (("metadata.namespace", namespace), ("metadata.name", name)):
        if not is_dns_name(text):
            raise InputError(field, "is no DNS name; use lower-case letters, digits, '-' and '.'")


def _check_windows(windows: Sequence[str]) -> None:
    if not windows or not set(windows) <= set(WINDOWS):
        raise InputError("spec.windows", f"must be one or more of {', '.join(WINDOWS)}")
