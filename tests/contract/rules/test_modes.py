"""Rules of one monitor and rules of all give the same, and one monitor's touch no other's."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest

from modelmonitor_api import names, recorded
from modelmonitor_cli.testing_fleet import Pod, fleet, small, source, write_monitor
from modelmonitor_operator.render.rules.alerts.annotations import Links
from modelmonitor_operator.render.rules.groups import monitor_groups, shared_groups
from modelmonitor_operator.render.rules.service_group import CONTAINER_MEMORY
from modelmonitor_operator.testing_rules import Labels, Samples
from modelmonitor_sidecar.testing_scrapes import Recording

MONITORS: Final = {"team-a": ("5m",), "team-b": ("1m", "5m")}
"""Two monitors of one name, by namespace."""
END: Final = 600
MOMENTS: Final = [300, END]
"""While the version is young, and after its rollout."""

OBJECTIVES: Final = {
    "availability": "99",
    "latency": {"milliseconds": 100, "percentile": "95"},
}
EVERY_NAME: Final = {
    value for value in vars(recorded).values() if str(value).startswith("modelmonitor:")
}

Evaluated = Callable[..., Iterator[dict[int, Samples]]]


def requests(namespace: str) -> list[dict[str, str]]:
    """Of the proxies: ten requests in ten seconds, two of ten fail."""
    own = {
        "namespace": namespace, "modelmonitor": "churn", "model": "churn",
        "model_version": "unknown", "job": "watch", "instance": f"{namespace}:24081",
        "pod": "a",
    }  # fmt: skip
    counters: list[tuple[str, dict[str, str], int]] = [
        (names.REQUESTS, {"code": "200", "route": "r"}, 8),
        (names.REQUESTS, {"code": "500", "route": "r"}, 2),
        (names.REQUESTS_WITHIN_OBJECTIVE, {"objective_milliseconds": "100"}, 8),
        (f"{names.REQUEST_DURATION}_sum", {"route": "r"}, 2),
        (f"{names.REQUEST_DURATION}_count", {"route": "r"}, 10),
    ]
    memory = {"namespace": namespace, "pod": "a", "container": "server"}
    found = [_series(CONTAINER_MEMORY, memory, f"1e9x{END}")]
    for name, labels, each in counters:
        values = " ".join(f"_x9 {each * step}" for step in range(1, END // 10 + 1))
        found.append(_series(name, {**own, **labels}, values))
    return found


def _series(name: str, labels: dict[str, str], values: str) -> dict[str, str]:
    inside = ",".join(f'{label}="{text}"' for label, text in labels.items())
    return {"series": f"{name}{{{inside}}}", "values": values}


class WithRequests(Recording):
    """The collectors' series, and the proxies'."""

    def input_series(self, step_seconds: int = 1) -> list[dict[str, str]]:
        of_proxies = [one for namespace in MONITORS for one in requests(namespace)]
        return super().input_series(step_seconds) + of_proxies


def asked_for(samples: Samples) -> dict[tuple[str, Labels], float]:
    """Without windows that their monitor does not ask for, which only rules of all count."""
    return {
        (name, labels): value
        for (name, labels), value in samples.items()
        if name not in (recorded.COUNTED_ROWS, recorded.CONTINUITY) or _wanted(dict(labels))
    }


def _wanted(labels: dict[str, str]) -> bool:
    source, _, window = labels["window"].rpartition("-")
    return source in ("batch", "requests") or window in MONITORS[labels["namespace"]]


@pytest.mark.promtool
def test_both_modes_record_the_same(tmp_path: Path, evaluated: Evaluated) -> None:
    recording = WithRequests()
    for namespace, windows in MONITORS.items():
        folder = write_monitor(
            tmp_path / namespace, small(), namespace, windows=[*windows], objectives=OBJECTIVES
        )
        pods = [Pod("a", age=5), Pod("b", rows=5, first=11, restarts=(433,))]
        fleet(folder, pods, END, source(len(windows), 0.5), into=recording)

    every = list(evaluated(shared_groups(Links()), recording, MOMENTS))
    for namespace, windows in MONITORS.items():
        alone = monitor_groups(namespace, "churn", windows, Links())
        for one, shared in zip(evaluated(alone, recording, MOMENTS), every, strict=True):
            named = set()
            for moment in MOMENTS:
                own = of_namespace(asked_for(shared[moment]), namespace)
                assert asked_for(one[moment]) == pytest.approx(own, rel=1e-9, abs=1e-9)
                named |= {name for name, _ in own}
            assert named == EVERY_NAME


def of_namespace(
    samples: dict[tuple[str, Labels], float], namespace: str
) -> dict[tuple[str, Labels], float]:
    wanted = ("namespace", namespace)
    return {key: value for key, value in samples.items() if wanted in key[1]}
