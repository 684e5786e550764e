"""The monitor of the stories: how its pods look to Prometheus, and what its alerts have to say.

Rates are a minute, whatever the step between two values.  It refuses to know rules.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote_plus

from modelmonitor_api import names, recorded
from modelmonitor_operator.render.rules.alerts.annotations import Links
from modelmonitor_operator.testing_alerts import Told, series

OWN: Final = {recorded.L_NAMESPACE: "team-a", names.L_MONITOR: "churn"}
MODEL: Final = {**OWN, names.L_MODEL: "churn-model"}
VERSION: Final = {**MODEL, names.L_VERSION: "v1"}
BASELINE: Final = {**VERSION, names.L_BASELINE: "0badcafe"}
SIDECAR: Final = {**OWN, names.L_MODEL: names.OTHER, names.L_VERSION: names.UNKNOWN_VERSION}
WHOLE_MODEL: Final = {**MODEL, names.L_VERSION: "all"}
WHOLE_MONITOR: Final = {**OWN, names.L_MODEL: names.OTHER, names.L_VERSION: "all"}

RUNBOOK: Final = "https://runbooks.example/modelmonitor"
GRAFANA: Final = "https://grafana.example"
LINKS: Final = Links(RUNBOOK, GRAFANA)


def told(
    alert: str,
    labels: Mapping[str, str],
    severity: str,
    summary: str,
    description: str,
) -> Told:
    """The alert with its links; one of a feature opens the dashboard there."""
    feature = labels.get(names.L_FEATURE)
    place = "" if feature is None else f"?var-feature={quote_plus(feature)}"
    return Told(
        {**labels, recorded.L_SEVERITY: severity},
        {
            "summary": summary,
            "description": description,
            "runbook_url": f"{RUNBOOK}/{alert}.md",
            "dashboard_url": f"{dashboard(labels)}{place}",
        },
    )


@dataclass(frozen=True, slots=True)
class Wording:
    """Which alert says what, about whom; `{}` in the description is the number of the moment."""

    alert: str
    labels: Mapping[str, str]
    severity: str
    summary: str
    description: str

    def told(self, number: str | None) -> dict[str, list[Told]]:
        """By name; None: nothing is told."""
        if number is None:
            return {}
        description = self.description.format(number)
        return {
            self.alert: [told(self.alert, self.labels, self.severity, self.summary, description)]
        }


def dashboard(labels: Mapping[str, str]) -> str:
    """Of the monitor that these labels name."""
    return f"{GRAFANA}/d/{uid_of(labels)}"


def uid_of(labels: Mapping[str, str]) -> str:
    """Of that dashboard."""
    return names.dashboard_uid(labels[recorded.L_NAMESPACE], labels[names.L_MONITOR])


def target(pod: str, of: Mapping[str, str], port: int = names.PORT_PROXY_ADMIN) -> dict[str, str]:
    """Labels of a series of one pod, as it is scraped there."""
    where = {"job": "team-a/churn", "instance": f"{pod}:{port}", "pod": pod}
    return {**of, **where}


def info(own: Mapping[str, str] = OWN) -> dict[str, str]:
    """Where the dashboard of a monitor is, for ever."""
    where = target("pod-0", {**SIDECAR, **own}, names.PORT_COLLECTOR)
    labels = {**where, names.L_DASHBOARD: uid_of(own)}
    return {series(names.MONITOR_INFO, **labels): "1x2400"}


def setting(name: str, value: float) -> dict[str, str]:
    """A setting of the model, for ever."""
    labels = {**target("pod-0", MODEL, names.PORT_COLLECTOR), names.L_SETTING: name}
    return {series(names.SETTING, **labels): f"{value}x2400"}


def growing(*stretches: tuple[float, int], start: float = 0) -> str:
    """A counter: so much more with each step, for so many steps, one stretch after another.

    >>> growing((2, 3), (0, 2))
    '0+2x3 6+0x1'
    """
    written, value = [], start
    for number, (step, steps) in enumerate(stretches):
        first = value if number == 0 else value + step
        written.append(f"{first:.15g}+{step:.15g}x{steps if number == 0 else steps - 1}")
        value += step * steps
    return " ".join(written)


def level(*stretches: tuple[float, int]) -> str:
    """A gauge: such a value, for so many steps.

    >>> level((5, 3), (0, 2))
    '5x2 0x1'
    """
    return " ".join(f"{value:g}x{steps - 1}" for value, steps in stretches)
