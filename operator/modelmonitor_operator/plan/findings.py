"""What is said of a monitor, condition by condition, from what was seen.

Each message says what to do.  It refuses to know how a status is written, and since when.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from modelmonitor_api import conditions
from modelmonitor_api.names import LABEL_INJECT, PORT_NAME_COLLECTOR, PORT_NAME_PROXY
from modelmonitor_operator.kinds import (
    CONFIG_MAP,
    GRAFANA_DASHBOARD,
    POD_MONITOR,
    PROMETHEUS_RULE,
    Kind,
    Reference,
)
from modelmonitor_operator.plan.baselines import Chosen
from modelmonitor_operator.plan.desired import Subject, has_pod_monitor, rules_kind
from modelmonitor_operator.plan.protocols import declared_opaque
from modelmonitor_operator.plan.selected import selection
from modelmonitor_operator.plan.targets import Target
from modelmonitor_operator.preflight.problem import Problem, Situation
from modelmonitor_operator.preflight.traffic import (
    services_have_addresses,
    services_reach_proxy,
    services_use_names,
)
from modelmonitor_operator.render.monitored_service import monitored_name
from modelmonitor_operator.world import World

State = Literal["True", "False", "Unknown"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One condition without its times."""

    type: str
    status: State
    reason: str
    message: str


Refusals = Mapping[Reference, str]
"""What the API server would not have, and its words."""


def spec_valid() -> Finding:
    """Nothing is wrong with the text."""
    return Finding(conditions.SPEC_VALID, "True", "Valid", "the resource can be used as written")


def spec_invalid(sentence: str) -> Finding:
    """What the schema let pass; objects stay as they were."""
    message = f"{sentence}; until it is mended the objects made before stay as they are"
    return Finding(conditions.SPEC_VALID, "False", "Invalid", message)


def armed(problem: Problem | None, target: Target) -> Finding:
    """Whether new pods get sidecars."""
    if problem is not None:
        return Finding(conditions.ARMED, "False", problem.reason, problem.message)
    if not target.pods and not target.workloads:
        return Finding(
            conditions.ARMED,
            "True",
            "NothingSelected",
            "spec.selector selects no pod yet; the first that come get sidecars",
        )
    return Finding(conditions.ARMED, "True", "Armed", "new pods get sidecars")


def baselines_loaded(chosen: Chosen, left_out: tuple[str, ...]) -> Finding:
    """Whether the sidecars are told of every baseline that the monitor names."""
    loaded = conditions.BASELINES_LOADED
    if chosen.problems:
        return Finding(loaded, "False", "Unreadable", "; ".join(chosen.problems))
    if left_out:
        return Finding(
            loaded,
            "False",
            "TooLarge",
            f"a ConfigMap has no room for {', '.join(left_out)}: build smaller baselines "
            "(--ignore, fewer --bins), or take old versions out of spec.models[].baselines",
        )
    if not chosen.used:
        return Finding(
            loaded,
            "True",
            "NoneNamed",
            "spec.models[].baselines names none; requests are watched, drift is not judged",
        )
    return Finding(loaded, "True", "Loaded", f"{len(chosen.used)} in use")


def injected(problem: Problem | None, target: Target) -> Finding:
    """Whether running pods have sidecars; a restart is never ours to do."""
    name = conditions.INJECTED
    if not target.pods:
        return _nobody_runs(target)
    if target.pending and problem is not None:
        return Finding(
            name,
            "True",
            "StillInjected",
            f"{target.pending} of {target.pods} pods still have sidecars, which forward and count; "
            f"new ones come without: {target.command}",
        )
    if target.pending:
        return Finding(
            name,
            "False",
            "PendingRestart",
            f"{target.pending} of {target.pods} pods run without sidecars or with older ones: "
            f"{target.command}",
        )
    if target.injected < target.pods:
        message = f"{target.injected} of {target.pods} pods have sidecars; see condition Armed"
        return Finding(name, "False", "NotArmed", message)
    return Finding(name, "True", "Injected", f"all {target.pods} pods have sidecars")


def _nobody_runs(target: Target) -> Finding:
    """Or nobody who wants to be watched."""
    if not target.opted_out:
        return Finding(conditions.INJECTED, "Unknown", "NoPods", "no selected pod runs")
    return Finding(
        conditions.INJECTED,
        "Unknown",
        "OptedOut",
        f'all {target.opted_out} pods bear the label {LABEL_INJECT}: "false": '
        "take it off to have them watched",
    )


def capturing(situation: Situation, target: Target) -> Finding:
    """Whether requests come to the sidecars, as far as Services tell."""
    name, monitor = conditions.CAPTURING, situation.monitor
    has_own = monitor.routing == "MonitoredService"
    problem = services_use_names(situation) or services_have_addresses(situation)
    if problem is not None:
        return Finding(name, "False", problem.reason, problem.message)
    if not target.injected:
        return Finding(name, "Unknown", "NoPods", "no pod with sidecars runs")
    if not has_own and not services_reach_proxy(situation):
        (port,) = monitor.ports
        message = (
            f"no Service leads to the pods by targetPort {port}; "
            "requests that come to the port's number are missed"
        )
        return Finding(name, "Unknown", "NoService", message)
    opaque = declared_opaque(situation)
    if opaque is not None:
        message = (
            f"{opaque}: connections and bytes are counted, requests and features are not; "
            "serve HTTP/1 in the open on this port to have them watched"
        )
        return Finding(name, "False", "Opaque", message)
    if has_own:
        message = f"requests sent to Service {monitored_name(monitor)} are captured, others are not"
        return Finding(name, "True", "MonitoredService", message)
    return Finding(name, "True", "ServicesLeadToProxy", "Services reach the port by its name")


def rules_applied(subject: Subject, refusals: Refusals) -> Finding:
    """Whether what Prometheus needs is there: where to scrape, and what to judge."""
    name = conditions.RULES_APPLIED
    refused = _refused(refusals, (POD_MONITOR, PROMETHEUS_RULE))
    if refused:
        return Finding(name, "False", "Refused", refused)
    if subject.settings.render.mode == "Shared":
        return Finding(name, "True", "Shared", "the rules of all monitors judge this one, too")
    kind = rules_kind(subject)
    if kind is None:
        return Finding(
            name,
            "False",
            "PrometheusOperatorMissing",
            "the cluster has no kind PrometheusRule: install prometheus-operator, or set the "
            "chart value rules.delivery to Auto",
        )
    if kind is CONFIG_MAP:
        return Finding(
            name,
            "True",
            "InConfigMap",
            f"the rules are a rule file in ConfigMap {subject.monitor.name}-modelmonitor-rules: "
            "mount it into Prometheus, and let Prometheus scrape the ports "
            f"{_left_to_scrape(subject)} of the pods",
        )
    if has_pod_monitor(subject):
        return Finding(name, "True", "Applied", "PodMonitor and PrometheusRule are in place")
    message = f"PrometheusRule is in place; let Prometheus scrape {_left_to_scrape(subject)}, too"
    return Finding(name, "True", "Applied", message)


def rules_selected(subject: Subject, situation: Situation) -> Finding:
    """Whether a Prometheus takes them."""
    name, render = conditions.RULES_SELECTED, subject.settings.render
    kinds = {"PodMonitor"} if has_pod_monitor(subject) else set()
    if render.mode != "Shared" and rules_kind(subject) is PROMETHEUS_RULE:
        kinds.add("PrometheusRule")
    if not kinds:
        message = "without prometheus-operator nobody can tell: see Prometheus' own page of rules"
        return Finding(name, "Unknown", "PrometheusOperatorMissing", message)
    monitor = subject.monitor
    labels = {**render.labels, **monitor.prometheus_labels}
    found = selection(monitor.namespace, labels, kinds, situation.world)
    return Finding(name, found.status, found.reason, found.message)


def dashboard_applied(subject: Subject, world: World, refusals: Refusals) -> Finding:
    """Whether the dashboard lies where Grafana's sidecar or operator takes it from."""
    name = conditions.DASHBOARD_APPLIED
    refused = _refused(refusals, (GRAFANA_DASHBOARD,))
    if refused:
        return Finding(name, "False", "Refused", refused)
    unwanted = [one.message for one in world.grafana if one.accepted == "False"]
    if unwanted:
        message = f"grafana-operator does not show GrafanaDashboard: {unwanted[0]}: " + _SHOW
        return Finding(name, "False", "NotInGrafana", message)
    message = "the ConfigMap is in place for Grafana's sidecar"
    if GRAFANA_DASHBOARD in subject.served and subject.settings.render.grafana_instances:
        message = "ConfigMap and GrafanaDashboard are in place"
    return Finding(name, "True", "Applied", message)


def ready(findings: tuple[Finding, ...], refusals: Refusals) -> Finding:
    """The summary: spec valid, armed, objects accepted.  It waits for no pod and no traffic."""
    for finding in findings:
        if finding.type in _NEEDED and finding.status != "True" and finding.reason not in _FINE:
            return Finding(conditions.READY, "False", finding.reason, finding.message)
    refused = _refused(refusals, None)
    if refused:
        return Finding(conditions.READY, "False", "Refused", refused)
    return Finding(conditions.READY, "True", "Ready", "everything asked for is in place")


def _left_to_scrape(subject: Subject) -> str:
    """Annotations name one port of a pod: the proxy's."""
    if subject.settings.render.scrape_by == "Annotations":
        return f"{PORT_NAME_COLLECTOR} (its annotations lead to {PORT_NAME_PROXY})"
    return f"{PORT_NAME_PROXY} and {PORT_NAME_COLLECTOR}"


_NEEDED = (
    conditions.SPEC_VALID,
    conditions.ARMED,
    conditions.RULES_APPLIED,
    conditions.DASHBOARD_APPLIED,
)
_FINE = ("InjectionOff", "NotInGrafana")
"""Whoever switched injection off for all does it in manifests; and nobody waits for a Grafana."""
_SHOW = "set the chart value grafana.instanceSelector to labels of a Grafana that can be reached"


def _refused(refusals: Refusals, kinds: tuple[Kind, ...] | None) -> str:
    """Of these kinds, or (None) of all."""
    return "; ".join(
        f"{reference}: {words}"
        for reference, words in sorted(refusals.items(), key=lambda item: item[0])
        if kinds is None or reference.kind in kinds
    )
