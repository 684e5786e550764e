"""Which keys the chart's values have, as far as a command may be misled by one that they have not.

Values that the commands read are known to the last key; what only the chart's own objects are made
of is let through.  The chart's `values.schema.json` says the same, and a test holds them together.
"""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, Final, TypeAlias

from modelmonitor_api.errors import InputError

Keys: TypeAlias = "Mapping[str, Keys | None]"
"""The keys of a mapping, and those beneath them; None: whatever there is."""


def _plain(*names: str) -> Keys:
    return dict.fromkeys(names)


_RESOURCES: Final = _plain("cpu", "memory", "cpuLimit")
_PAIR: Final[Keys] = {"proxy": _RESOURCES, "collector": _RESOURCES}

CHART_KEYS: Final[Keys] = {
    **_plain("global", "commonLabels", "crds", "operator", "injection", "webhook"),
    "sidecar": {
        "image": _plain("repository", "tag", "digest", "pullPolicy"),
        "seriesBudget": None,
        "ports": _plain("proxy", "admin", "collector"),
        "sizes": {"Small": _PAIR, "Medium": _PAIR, "Large": _PAIR},
        "prePull": None,
    },
    "security": _plain("assignedUser"),
    "rules": _plain("mode", "delivery", "runbookUrl"),
    "prometheus": _plain("labels", "scrapeIntervalSeconds", "scrapeBy"),
    "grafana": _plain("url", "instanceSelector", "clusterLabel", "fleetDashboard"),
}


def check_keys(values: Mapping[str, Any], known: Keys = CHART_KEYS, place: str = "") -> None:
    """InputError for the first key that the chart does not have, with the likeliest one meant.

    What should be a mapping and is none is somebody else's affair.
    """
    for key, value in values.items():
        at = f"{place}.{key}".lstrip(".")
        if key not in known:
            raise InputError(at, f"is no value of the chart; {_mend(str(key), known)}")
        inner = known[key]
        if inner is not None and isinstance(value, Mapping):
            check_keys(value, inner, at)


def _mend(key: str, known: Keys) -> str:
    close = get_close_matches(key, known, n=1)
    return f"write {close[0]}" if close else f"there are {', '.join(known)}"
