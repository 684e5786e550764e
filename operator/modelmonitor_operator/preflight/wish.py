"""Whether injection is wanted here at all, and from this monitor."""

from collections.abc import Iterator, Mapping
from typing import Final

from modelmonitor_api.names import LABEL_INJECT
from modelmonitor_operator.inject.pods import inner
from modelmonitor_operator.preflight.problem import Problem, Situation
from modelmonitor_operator.world import Rival

INJECTION_OFF: Final = "InjectionOff"
SUSPENDED: Final = "Suspended"
OVERLAP: Final = "Overlap"
EXCLUDED: Final = "NamespaceExcluded"
OPTED_OUT: Final = "NamespaceOptedOut"
UNWANTED: Final = (SUSPENDED, EXCLUDED, OPTED_OUT)
"""Somebody said that these pods are to have no sidecars."""


def injection_is_on(situation: Situation) -> Problem | None:
    """The platform may leave it to `modelmonitor inject`."""
    if situation.settings.injection.mode != "Off":
        return None
    return Problem(
        INJECTION_OFF,
        "pods are not injected in this cluster (chart value injection.mode is Off): "
        "put the sidecars into the manifest with `modelmonitor inject`",
    )


def is_not_suspended(situation: Situation) -> Problem | None:
    """Somebody wants it to rest."""
    if not situation.monitor.suspend:
        return None
    return Problem(SUSPENDED, "spec.suspend is true: set it to false to watch again")


def namespace_takes_part(situation: Situation) -> Problem | None:
    """The platform's list is stronger than the namespace's label, and that than a monitor."""
    namespace = situation.monitor.namespace
    if namespace in situation.settings.excluded_namespaces:
        return Problem(
            EXCLUDED,
            f"no pod of namespace {namespace} is injected (chart value "
            "injection.excludedNamespaces): run the model server in another namespace",
        )
    if situation.world.namespace_labels.get(LABEL_INJECT) == "false":
        return Problem(
            OPTED_OUT,
            f'namespace {namespace} bears the label {LABEL_INJECT}: "false": '
            "take it off to have its pods watched",
        )
    return None


def is_the_oldest(situation: Situation) -> Problem | None:
    """Of several monitors of a pod the older has it; of the same age, the first by name."""
    for rival in older_rivals(situation):
        if _share_pods(situation, rival.selector):
            return Problem(
                OVERLAP,
                f"ModelMonitor {rival.name} is older and selects pods that spec.selector selects, "
                f"too; it keeps them: narrow one of the selectors, or delete {rival.name}",
            )
    return None


def older_rivals(situation: Situation) -> Iterator[Rival]:
    """From the oldest on."""
    own = (situation.created, situation.monitor.name)
    for rival in sorted(situation.world.rivals, key=lambda one: (one.created, one.name)):
        if (rival.created, rival.name) < own:
            yield rival


def _share_pods(situation: Situation, other: Mapping[str, str]) -> bool:
    """There is a pod of both, or every pod of the one is a pod of the other."""
    own = situation.monitor.selector
    if own.items() <= other.items() or other.items() <= own.items():
        return True
    seen = [one.template for one in situation.world.workloads]
    seen += [one.raw for one in situation.world.pods]
    return any(other.items() <= inner(one, "metadata", "labels").items() for one in seen)
