"""One picture of the world for tests of plans, and what a plan made and said."""

from dataclasses import replace
from typing import Any

from modelmonitor_operator.kinds import Reference
from modelmonitor_operator.plan.findings import Finding
from modelmonitor_operator.plan.planning import Plan, findings
from modelmonitor_operator.render.settings import RenderSettings
from modelmonitor_operator.testing_monitors import SETTINGS, pod, pod_template, with_settings
from modelmonitor_operator.world import SeenPod, Workload, World

SERVED = World(workloads=[Workload("Deployment", "churn", pod_template())])
GRAFANA = RenderSettings(grafana_instances={"dashboards": "grafana"})
ANNOTATED = with_settings(
    render=RenderSettings(scrape_by="Annotations"),
    injection=replace(SETTINGS.injection, scrape_by="Annotations"),
)


def seen(name: str, image: str | None) -> SeenPod:
    """A pod of a ReplicaSet with sidecars of that image, or without."""
    return SeenPod(name, pod(name, image), "ReplicaSet", image)


def names(planned: Plan) -> list[str]:
    """Of all objects, each with its kind."""
    return [str(one.reference) for one in planned.apply]


def made(planned: Plan, reference: str) -> Any:
    """The one object of that kind and name."""
    (found,) = (one for one in planned.apply if str(one.reference) == reference)
    return found.manifest()


def told(planned: Plan, type_: str, refusals: dict[Reference, str] | None = None) -> Finding:
    """The one finding of that condition."""
    (found,) = (one for one in findings(planned.draft, refusals or {}) if one.type == type_)
    return found
