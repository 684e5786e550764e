"""What the sidecars of one pod expose, and by how much each counter rises with a row.

A pair is asked in earnest for a while; the pages before and after are what longer times are made
of, so that no name and no label of theirs is written here a second time.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from prometheus import subject
from prometheus.replicas import Replica, model_server, replicas
from prometheus.traffic import BATCH_ROWS, Client, Source

from modelmonitor_api import names
from modelmonitor_api.names import CONTAINER_COLLECTOR, CONTAINER_PROXY
from modelmonitor_cli.testing import Sample, eventually, fetched, samples, total

REQUESTS: Final = 400
_UNASKED: Final = ("_size_bytes_", "_time_to_first_byte_", "_payloads_")
"""Parts of names that no rule and no dashboard asks for."""
_COUNTERS: Final = ("_total", "_bucket", "_count", "_sum")
_PATHS: Final = (
    (CONTAINER_PROXY, "/metrics"),
    (CONTAINER_COLLECTOR, "/metrics"),
    (CONTAINER_COLLECTOR, "/metrics/baseline"),
)

Identity = tuple[str, str, tuple[tuple[str, str], ...]]
"""Container, name, labels."""
Values = Mapping[Identity, float]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Exposed:
    """One series; `healthy` and `drifted`: what one row adds, 0 of what is no counter."""

    container: str
    sample: Sample
    healthy: float
    drifted: float

    @property
    def name(self) -> str:
        return self.sample.name

    @property
    def counts(self) -> bool:
        """Whether it begins at 0 and rises."""
        return self.name.endswith(_COUNTERS)

    @property
    def whole(self) -> bool:
        """Whether it counts rows or requests, not seconds or sums of values."""
        return self.counts and not self.name.endswith(("_sum", "_squares_total", "_seconds_total"))


def exposed(monitor: Path, baseline: Path, folder: Path) -> Sequence[Exposed]:
    """All series of one pod, after healthy rows and after rows that drifted."""
    with model_server() as upstream:
        flags = ["--upstream", upstream, "--monitor", str(monitor), "--baseline", str(baseline)]
        with replicas(("pages",), flags, folder) as (pod,):
            _ask(pod, subject.rows, 1)
            before = _values(pod)
            _ask(pod, subject.rows, REQUESTS)
            between = _values(pod)
            _ask(pod, subject.drifted, REQUESTS)
            after = _values(pod)
    rows = float(REQUESTS * BATCH_ROWS)
    return [
        Exposed(
            key[0],
            Sample(key[1], dict(key[2]), value),
            (between.get(key, 0.0) - before.get(key, 0.0)) / rows,
            (value - between.get(key, 0.0)) / rows,
        )
        for key, value in after.items()
        if not math.isnan(value) and not any(part in key[1] for part in _UNASKED)
    ]


def _ask(pod: Replica, source: Source, requests: int) -> None:
    """So many requests, one after the other, and until all their rows are counted."""
    wanted = total(pod.pair.features(), names.ROWS) + requests * BATCH_ROWS
    client = Client(pod.address, requests, source)
    client.send(requests)
    assert client.failed == 0
    assert eventually(lambda: total(pod.pair.features(), names.ROWS) == wanted)


def _values(pod: Replica) -> Values:
    addresses = {
        CONTAINER_PROXY: pod.target.proxy_metrics,
        CONTAINER_COLLECTOR: pod.target.collector,
    }
    return {
        (container, one.name, tuple(one.labels.items())): one.value
        for container, path in _PATHS
        for one in samples(fetched(f"http://{addresses[container]}{path}"))
    }
