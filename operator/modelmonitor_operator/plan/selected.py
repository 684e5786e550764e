"""Whether any Prometheus takes a monitor's objects, and what they lack if none does.

prometheus-operator says it itself where it is asked to (`status.bindings`); until it has said it of
every kind labels are compared, as it compares them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from modelmonitor_operator.cluster import Raw
from modelmonitor_operator.inject.pods import inner
from modelmonitor_operator.inject.selectors import selects
from modelmonitor_operator.world import Binding, World

_SELECTORS: Final = (
    ("PodMonitor", "podMonitorSelector", "podMonitorNamespaceSelector"),
    ("PrometheusRule", "ruleSelector", "ruleNamespaceSelector"),
)


@dataclass(frozen=True, slots=True)
class Selection:
    """The condition RulesSelected: its status, reason and message."""

    status: Literal["True", "False", "Unknown"]
    reason: str
    message: str


def selection(
    namespace: str, labels: Mapping[str, str], kinds: set[str], world: World
) -> Selection:
    """Of objects of these kinds, with these labels, in this namespace."""
    if kinds <= {one.kind for one in world.bindings}:
        return _bound(world.bindings)
    refused = _refused(world.bindings)
    if refused is not None:
        return refused
    if world.prometheuses is None:
        return Selection(
            "Unknown",
            "MayNotLook",
            "the operator may not list Prometheus objects: grant it that role, or compare the "
            "labels of the objects with ruleSelector and podMonitorSelector yourself",
        )
    if not world.prometheuses:
        return Selection(
            "False", "NoPrometheus", "there is no Prometheus object in the cluster: create one"
        )
    return _compared(namespace, labels, kinds, world)


def _bound(bindings: Sequence[Binding]) -> Selection:
    names = ", ".join(sorted({one.prometheus for one in bindings}))
    taken = Selection("True", "Accepted", f"taken by Prometheus {names}")
    return _refused(bindings) or taken


def _refused(bindings: Sequence[Binding]) -> Selection | None:
    for one in bindings:
        if one.accepted == "False":
            return Selection(
                "False",
                "NotAccepted",
                f"Prometheus {one.prometheus} does not take the {one.kind}: "
                f"{one.message or 'see its events'}",
            )
    return None


def _compared(
    namespace: str, labels: Mapping[str, str], kinds: set[str], world: World
) -> Selection:
    lacking = []
    for prometheus in world.prometheuses or ():
        missing = list(_missing(prometheus, namespace, labels, kinds, world))
        if not missing:
            name = _name(prometheus)
            return Selection("True", "Selected", f"selected by Prometheus {name}")
        lacking.append(f"Prometheus {_name(prometheus)} {missing[0]}")
    return Selection("False", "NotSelected", "; ".join(sorted(lacking)[:5]))


def _missing(
    prometheus: Raw,
    namespace: str,
    labels: Mapping[str, str],
    kinds: set[str],
    world: World,
) -> Iterator[str]:
    spec = inner(prometheus, "spec")
    for kind, by_labels, by_namespace in _SELECTORS:
        if kind not in kinds:
            continue
        if not _wants_namespace(prometheus, by_namespace, namespace, world.namespace_labels):
            yield (
                f"takes no {kind} of namespace {namespace}: change its {by_namespace}, or the "
                "namespace's labels"
            )
        selector = spec.get(by_labels)
        if selector is None:
            yield f"takes no {kind} at all ({by_labels} is not set): set it"
        elif not selects(selector, labels):
            yield _mend(kind, by_labels, selector, labels)


def _mend(kind: str, by_labels: str, selector: Raw, labels: Mapping[str, str]) -> str:
    wanted = inner(selector, "matchLabels")
    absent = [f"{k}: {v}" for k, v in sorted(wanted.items()) if labels.get(k) != v]
    if not absent:
        return f"takes a {kind} by an expression that these labels do not meet: see {by_labels}"
    return (
        f"takes only a {kind} with the label {', '.join(absent)}: add it to "
        "spec.prometheus.labels, or for all monitors to the chart value prometheus.labels"
    )


def _wants_namespace(prometheus: Raw, key: str, namespace: str, labels: Mapping[str, str]) -> bool:
    """Without a selector of namespaces it is its own."""
    selector = inner(prometheus, "spec").get(key)
    if selector is None:
        return bool(prometheus["metadata"]["namespace"] == namespace)
    return selects(selector, labels)


def _name(prometheus: Raw) -> str:
    return f"{prometheus['metadata']['namespace']}/{prometheus['metadata']['name']}"
