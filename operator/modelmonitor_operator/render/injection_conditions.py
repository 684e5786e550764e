"""Which pods the admission policy injects, as CEL: the reasons of `skips`, turned round.

Whatever it refuses to see here is seen before arming.
"""

from collections.abc import Mapping
from typing import Final

from modelmonitor_api.names import ARMED
from modelmonitor_operator.inject.settings import InjectionSettings
from modelmonitor_operator.inject.sidecars import VOLUMES
from modelmonitor_operator.inject.skips import (
    MIRROR_ANNOTATION,
    OS_LABEL,
    OUR_CONTAINERS,
    OUR_PORT_NAMES,
    Reason,
)
from modelmonitor_operator.render.cel import all_of, literal

PORT: Final = "params.spec.ports[0]"
IS_APP_PORT: Final = f"has(p.name) && p.name == {PORT} && (!has(p.protocol) || p.protocol == 'TCP')"
HAS_APP_PORT: Final = f"has(c.ports) && c.ports.exists(p, {IS_APP_PORT})"

_SELECTED: Final = (
    f"params.?status.?injection.orValue('') == {literal(ARMED)}",
    "has(object.metadata.labels)",
    "params.spec.selector.matchLabels.all(k, k in object.metadata.labels && "
    "object.metadata.labels[k] == params.spec.selector.matchLabels[k])",
)
_CONTAINERS: Final = "object.spec.containers"
_INIT_CONTAINERS: Final = "object.spec.initContainers"

NOT_SKIPPED_BY_ANY: Final[Mapping[Reason, str]] = {
    Reason.MIRROR_POD: "(!has(object.metadata.annotations) || "
    f"!({literal(MIRROR_ANNOTATION)} in object.metadata.annotations))",
    Reason.HOST_NETWORK: "!object.spec.?hostNetwork.orValue(false)",
}
"""Conditions on pods that no monitor and no setting can make injected."""


def injected_pods(settings: InjectionSettings) -> str:
    """One condition; what is cheap and seldom true comes first."""
    return all_of([*_SELECTED, *not_skipped(settings).values()])


def not_skipped(settings: InjectionSettings) -> Mapping[Reason, str]:
    """For each reason the condition that it does not apply; opting out is the object selector's."""
    numbers = ", ".join(str(port) for port in settings.ports.all())
    has_our_name = f"has(p.name) && p.name in {_list(OUR_PORT_NAMES)}"
    return {
        Reason.ALREADY_INJECTED: _no_container(f"c.name in {_list(OUR_CONTAINERS)}"),
        **NOT_SKIPPED_BY_ANY,
        Reason.WINDOWS: "object.spec.?os.?name.orValue('') != 'windows' && "
        f"object.spec.?nodeSelector[?{literal(OS_LABEL)}].orValue('') != 'windows'",
        Reason.POD_RESOURCES: "!has(object.spec.resources)",
        Reason.NAMES_TAKEN: _no_port(has_our_name) + " && (!has(object.spec.volumes) || "
        f"!object.spec.volumes.exists(v, v.name in {_list(VOLUMES)}))",
        Reason.PORTS_TAKEN: _no_port(f"p.containerPort in [{numbers}]"),
        Reason.PORT_MISSING: f"{_CONTAINERS}.exists(c, {HAS_APP_PORT})",
        Reason.PORT_AMBIGUOUS: f"{_CONTAINERS}.exists_one(c, {HAS_APP_PORT}) && "
        f"(!has({_INIT_CONTAINERS}) || !{_INIT_CONTAINERS}.exists(c, "
        f"c.?restartPolicy.orValue('') == 'Always' && {HAS_APP_PORT}))",
    }


def _no_port(predicate: str) -> str:
    return _no_container(f"has(c.ports) && c.ports.exists(p, {predicate})")


def _no_container(predicate: str) -> str:
    return (
        f"!{_CONTAINERS}.exists(c, {predicate}) && "
        f"(!has({_INIT_CONTAINERS}) || !{_INIT_CONTAINERS}.exists(c, {predicate}))"
    )


def _list(texts: tuple[str, ...]) -> str:
    return f"[{', '.join(literal(text) for text in texts)}]"
