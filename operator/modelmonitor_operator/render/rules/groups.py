"""All rules, in the order in which they are written: the one list."""

from dataclasses import replace
from typing import Final

from modelmonitor_api.names import dashboard_uid
from modelmonitor_api.spec import WINDOWS
from modelmonitor_operator.render.rules.alerts.annotations import Links
from modelmonitor_operator.render.rules.alerts.data import data_alerts
from modelmonitor_operator.render.rules.alerts.health import health_alerts
from modelmonitor_operator.render.rules.alerts.lifecycle import lifecycle_alerts
from modelmonitor_operator.render.rules.alerts.service import service_alerts
from modelmonitor_operator.render.rules.baseline_group import baseline_group
from modelmonitor_operator.render.rules.change_group import change_group
from modelmonitor_operator.render.rules.rule import Group
from modelmonitor_operator.render.rules.scope import Scope
from modelmonitor_operator.render.rules.service_group import service_group
from modelmonitor_operator.render.rules.window_group import window_group
from modelmonitor_operator.render.rules.windows import needed_windows

EVERY: Final = "150s"
"""Twice in the shortest window that is of use; oftener would cost, and tell little."""
MINUTE: Final = "1m"
MINUTE_EVERY: Final = "30s"
"""With a window of a minute.  Not in mode Shared: it is for all monitors, and few have one."""
ALERTS_GROUP: Final = "modelmonitor-alerts"
"""The group that tells people; all others record.  Without it a monitor is silent."""
_ALERTS: Final = (service_alerts, data_alerts, lifecycle_alerts, health_alerts)


def monitor_groups(
    namespace: str, monitor: str, windows: tuple[str, ...], links: Links
) -> tuple[Group, ...]:
    """Rules of one monitor, which see no series of any other."""
    own = replace(links, dashboard=dashboard_uid(namespace, monitor))
    every = MINUTE_EVERY if MINUTE in windows else EVERY
    return _groups(Scope(namespace, monitor), windows, every, own)


def shared_groups(links: Links) -> tuple[Group, ...]:
    """One set of rules for all monitors; the windows of each are those it has series for."""
    return _groups(Scope(), WINDOWS, EVERY, links)


def _groups(scope: Scope, windows: tuple[str, ...], every: str, links: Links) -> tuple[Group, ...]:
    return (
        baseline_group(scope),
        window_group(scope, needed_windows(windows), every),
        change_group(scope),
        service_group(scope),
        Group(
            ALERTS_GROUP,
            "30s",
            tuple(alert for alerts in _ALERTS for alert in alerts(scope, links)),
        ),
    )
