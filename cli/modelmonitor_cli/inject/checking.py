"""Whether objects of a user's file have the form that injection reads.

A cluster refuses other forms by itself; a file may hold anything.  It refuses to judge what is
right, only what can be read.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from modelmonitor_api.errors import InputError
from modelmonitor_operator.inject.references import PLACES
from modelmonitor_operator.inject.workloads import POD_PLACES

SERVICE: Final = "Service"
NETWORK_POLICY: Final = "NetworkPolicy"

Form = Mapping[str, "Form"] | Sequence["Form"] | type
"""Fields of a mapping, entries of a list, or what a value is; only numbers may not be missing."""


class Texts:
    """A mapping of texts, such as labels."""


def _around(form: Form, *place: str) -> Form:
    """The form inside mappings."""
    for key in reversed(place):
        form = {key: form}
    return form


_METADATA: Final[Form] = {"name": str, "namespace": str, "labels": Texts, "annotations": Texts}
_HANDLERS: Final[Form] = {"httpGet": {}, "tcpSocket": {}}
_CONTAINER: Final[Form] = {
    "name": str,
    "ports": [{"name": str, "containerPort": int}],
    "lifecycle": {"preStop": _HANDLERS, "postStart": _HANDLERS},
    **{place[0]: _HANDLERS for place in PLACES if len(place) == 2},
}
_POD: Final[Form] = {
    "metadata": _METADATA,
    "spec": {
        "containers": [_CONTAINER],
        "initContainers": [_CONTAINER],
        "volumes": [{"name": str}],
        "os": {"name": str},
        "nodeSelector": Texts,
    },
}
_SERVICE: Final[Form] = {"spec": {"selector": Texts, "ports": [{"port": int}]}}
_SELECTOR: Final[Form] = {"matchLabels": Texts, "matchExpressions": [{"key": str, "values": [str]}]}
_POLICY: Final[Form] = {"spec": {"podSelector": _SELECTOR, "ingress": [{"ports": [{}]}]}}
_FORMS: Final[Mapping[str, Form]] = {
    SERVICE: _SERVICE,
    NETWORK_POLICY: _POLICY,
    **{kind: _around(_POD, *place) for kind, place in POD_PLACES.items()},
}


def check(content: Mapping[str, Any]) -> None:
    """InputError names the place and the mend; kinds that are not read are not looked at."""
    _check(content, {"kind": str, "metadata": _METADATA}, "")
    _check(content, _FORMS.get(content.get("kind") or "", {}), "")


def _check(value: Any, form: Form, place: str) -> None:
    match form:
        case type():
            _check_value(value, form, place)
        case Mapping():
            if value is not None and not isinstance(value, dict):
                raise InputError(place, f"is {value!r}; it must be a mapping")
            for key, inner in form.items():
                _check((value or {}).get(key), inner, f"{place}.{key}" if place else key)
        case Sequence():
            if value is not None and not isinstance(value, list):
                raise InputError(place, f"is {value!r}; it must be a list")
            for index, entry in enumerate(value or ()):
                _check(entry, form[0], f"{place}[{index}]")


def _check_value(value: object, kind: type, place: str) -> None:
    if kind is int and (not isinstance(value, int) or isinstance(value, bool)):
        raise InputError(place, f"is {value!r}; it must be a whole number")
    if kind is str and not isinstance(value, str | None):
        raise InputError(place, f"is {value!r}; it must be a text: put it in quotes")
    if kind is Texts and not _are_texts(value):
        raise InputError(place, "must be a mapping of texts; put numbers and booleans in quotes")


def _are_texts(value: object) -> bool:
    return value is None or (
        isinstance(value, dict)
        and all(isinstance(key, str) and isinstance(text, str) for key, text in value.items())
    )
