"""The selected pods, counted: how many there are, which have sidecars, which need a restart."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from modelmonitor_api.names import CONTAINER_PROXY
from modelmonitor_operator.inject.pods import has_opted_out, image_of, inner
from modelmonitor_operator.inject.scraping import is_scraped_otherwise
from modelmonitor_operator.preflight.problem import Problem
from modelmonitor_operator.preflight.wish import UNWANTED
from modelmonitor_operator.settings import PlanSettings
from modelmonitor_operator.world import SeenPod, Workload, World

RESTARTED: Final = ("Deployment", "StatefulSet", "DaemonSet")
"""Kinds that `kubectl rollout restart` knows."""
MAX_NAMED: Final = 20


@dataclass(frozen=True, slots=True)
class Target:
    """`pending`: run without sidecars or with other ones than new pods get, or with unwanted ones.

    `versions`: how many pods have which image of the sidecars.  `opted_out` are counted in nothing
    else.
    """

    pods: int
    injected: int
    pending: int
    command: str
    versions: tuple[tuple[str, int], ...]
    workloads: int
    opted_out: int = 0


def target_of(
    namespace: str, world: World, settings: PlanSettings, problem: Problem | None
) -> Target:
    """`problem` is what keeps new pods from getting sidecars.

    Sidecars that stand in a manifest a new pod would have again: no restart changes them.
    """
    pods = [pod for pod in world.pods if not has_opted_out(pod.raw)]
    versions = [_version(pod.image) for pod in pods if pod.image is not None]
    written = {image_of(one.template, CONTAINER_PROXY) for one in world.workloads} - {None}
    pending = [
        pod for pod in pods if pod.image not in written and _is_pending(pod, settings, problem)
    ]
    return Target(
        pods=len(pods),
        injected=len(versions),
        pending=len(pending),
        command=_command(namespace, pending, world.workloads),
        versions=tuple(sorted(Counter(versions).items())),
        workloads=len(world.workloads),
        opted_out=len(world.pods) - len(pods),
    )


def _is_pending(pod: SeenPod, settings: PlanSettings, problem: Problem | None) -> bool:
    """A new one would be different."""
    if problem is None:
        return not _is_current(pod, settings)
    return problem.reason in UNWANTED and pod.image is not None


def _is_current(pod: SeenPod, settings: PlanSettings) -> bool:
    """It is as a new one would be: another image, or no way to scrape it, needs a new pod.

    An owner who uses the annotations has said how; a new pod would have no others.
    """
    annotated = is_scraped_otherwise(inner(pod.raw, "metadata", "annotations"))
    by_annotations = settings.injection.scrape_by == "Annotations"
    return pod.image == settings.injection.image and (annotated or not by_annotations)


def _command(namespace: str, pending: Sequence[SeenPod], workloads: Sequence[Workload]) -> str:
    """Pods that belong to nothing have to be made again by who made them."""
    if not pending:
        return ""
    names = sorted(
        f"{one.kind.lower()}/{one.name}"
        for one in workloads
        if one.kind in RESTARTED and not has_opted_out(one.template)
    )
    if names:
        return f"kubectl -n {namespace} rollout restart {' '.join(names[:MAX_NAMED])}"
    pods = sorted(f"pod/{pod.name}" for pod in pending)
    return f"kubectl -n {namespace} delete {' '.join(pods[:MAX_NAMED])}"


def _version(image: str) -> str:
    """The tag of an image, the digest where there is no tag, else the image."""
    name, _, digest = image.partition("@")
    _, colon, tag = name.rpartition("/")[2].partition(":")
    return (tag if colon else digest or name)[:128]
