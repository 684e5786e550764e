"""The sidecars pod by pod: are they scraped, configured, connected?"""

from typing import Final

from modelmonitor_api import names
from modelmonitor_operator.render.dashboard import fields
from modelmonitor_operator.render.dashboard.columns import Column, values_by_labels
from modelmonitor_operator.render.dashboard.panel import Panel
from modelmonitor_operator.render.dashboard.scope import L_POD, Scope
from modelmonitor_operator.render.promql import Expression, call, copied, max_by, time

_STALE_SECONDS: Final = 60
_YES: Final = fields.texts({"1": ("yes", fields.GREEN), "0": ("no", fields.RED)})
_POD: Final = (L_POD,)


def pods_table(scope: Scope) -> Panel:
    """A row for each pod, the one that was scraped longest ago first."""
    states = {
        "proxy configuration": ("proxy_configuration", names.PROXY_CONFIGURATION),
        "collector configuration": ("collector_configuration", names.COLLECTOR_CONFIGURATION),
    }
    labels = (L_POD, *(label for label, _ in states.values()))
    aged = {
        "unit": "s",
        "thresholds": fields.thresholds(fields.GREEN, (_STALE_SECONDS, fields.RED)),
    }
    return (
        values_by_labels(
            "Sidecars by pod",
            "When each sidecar was last scraped, when it was started, and whether its "
            "configuration is the newest; what is empty was not scraped.",
            labels,
            [
                Column("proxy scraped", _scraped(scope, names.PROXY_START_TIME), aged),
                Column("collector scraped", _scraped(scope, names.COLLECTOR_START_TIME), aged),
                Column("connected", _last(scope, names.PROXY_COLLECTOR_CONNECTED), _connected()),
                Column("proxy runs", _runs(scope, names.PROXY_START_TIME), {"unit": "s"}),
                Column("collector runs", _runs(scope, names.COLLECTOR_START_TIME), {"unit": "s"}),
                Column("baselines broken", _last(scope, names.COLLECTOR_BASELINES_BROKEN)),
                *(Column("", _state(scope, metric, label)) for label, metric in states.values()),
            ],
        )
        .saying("not scraped")
        .sized(24, 8)
    )


def _scraped(scope: Scope, metric: str) -> Expression:
    """Seconds since."""
    return max_by(_POD, time() - call("timestamp", scope.select(metric)))


def _runs(scope: Scope, start_time: str) -> Expression:
    return max_by(_POD, time() - scope.select(start_time))


def _last(scope: Scope, metric: str) -> Expression:
    return max_by(_POD, scope.select(metric))


def _state(scope: Scope, metric: str, label: str) -> Expression:
    """1 with the state that holds under a label of its own."""
    holds = scope.select(metric).equals(1)
    return max_by((L_POD, label), copied(holds, names.L_STATE, label))


def _connected() -> dict[str, object]:
    return fields.colored_cells(_YES)
