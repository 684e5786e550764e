"""A pod that sends steadily to Services, and what they answered.

It needs no API server while it sends; it is told to stop and read through one.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from e2e.cluster import workloads
from e2e.cluster.kubectl import Place
from modelmonitor_cli.testing import eventually

START_SECONDS: Final = 60.0
END_SECONDS: Final = 60.0
FRESH: Final = "fresh"
KEPT: Final = "kept"

Counts = Mapping[str, int]


@dataclass(slots=True)
class Load:
    """What was sent; `counts` is empty until the load has ended.

    `counts[NAME][CLIENT]`: how many of each status or error, for each address and each of two
    clients, FRESH (a connection a request) and KEPT.
    """

    counts: dict[str, dict[str, Counts]] = field(default_factory=dict)

    def failed(self, name: str) -> int:
        """Requests to this address that got no answer or another than 200."""
        clients = self.counts[name].values()
        return sum(count for one in clients for outcome, count in one.items() if outcome != "200")

    def answered(self, name: str) -> int:
        """Requests to it that got 200."""
        return sum(one.get("200", 0) for one in self.counts[name].values())

    def of(self, name: str, outcome: str) -> int:
        """Requests to it that ended so."""
        return sum(one.get(outcome, 0) for one in self.counts[name].values())


@contextmanager
def steady_load(place: Place, rate: float, addresses: Mapping[str, str]) -> Iterator[Load]:
    """Each client of each address sends so many requests a second while this lasts."""
    words = [f"{name}={url}" for name, url in addresses.items()]
    place.apply(_pod(workloads.program("send_steadily.py", str(rate), *words)))
    load = Load()
    try:
        assert eventually(lambda: "sending" in _said(place), START_SECONDS), _said(place)
        yield load
        place.run("exec", "load", "--", "touch", "/tmp/stop")
        assert eventually(lambda: "{" in _said(place), END_SECONDS), _said(place)
        load.counts = json.loads(_said(place).splitlines()[-1])
        print(json.dumps(load.counts))
    finally:
        place.run("delete", "pod", "load", "--now", "--ignore-not-found")


def address(place: Place, service: str = "churn") -> str:
    """Where a Service's model is asked: its number, for a name server is not what is tried here."""
    return f"http://{place.get(f'service/{service}')['spec']['clusterIP']}/predict"


def _pod(container: dict[str, Any]) -> dict[str, Any]:
    named = {**container, "name": "load"}
    spec = workloads.pod_template(named, restartPolicy="Never")["spec"]
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "load"}, "spec": spec}


def _said(place: Place) -> str:
    try:
        return place.run("logs", "load")
    except AssertionError:  # it has not begun, or the API server is away
        return ""
