"""Nine days of three pods as OpenMetrics: a daily season, a new version, then drift.

Version 1 runs for six days, then pods of version 2 take the place of all but one of its pods, which
stays until the last day; two features drift a day and a half after the change; on the last day
traffic is five times the usual for some hours.  Scraped every two
minutes, and what does not change every four: within the five for which Prometheus sees a sample.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from prometheus.pages import Exposed
from prometheus.scraping import Target, target_labels
from prometheus.subject import MODEL, NAMESPACE, VERSION

from modelmonitor_api import names
from modelmonitor_sidecar.exposition import label_text

MINUTE: Final = 60
SCRAPE: Final = 2 * MINUTE
SELDOM: Final = 2
"""Every second scrape is enough for what does not change."""
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
BEGIN: Final = 1_772_409_600
"""2026-03-02, a Monday, UTC."""
DAYS: Final = 9
END: Final = BEGIN + DAYS * DAY
NEW_VERSION_AT: Final = BEGIN + 6 * DAY
DRIFT_AT: Final = NEW_VERSION_AT + DAY + DAY // 2
RUSH: Final = (END - 10 * HOUR, END - 4 * HOUR)
NEW_VERSION: Final = "2"
LAST_OLD_POD_AT: Final = END - 2 * HOUR
ROWS_A_SCRAPE: Final = 120.0
RUSH_FACTOR: Final = 5.0
SERVER_BYTES: Final = 4e8
CONTAINER_MEMORY: Final = "container_memory_working_set_bytes"

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

_STARTS: Final = (names.PROXY_START_TIME, names.COLLECTOR_START_TIME)


@dataclass(frozen=True, slots=True)
class Pod:
    """Scraped from `begin` on, until `end`."""

    number: int
    version: str
    begin: int
    end: int

    @property
    def target(self) -> Target:
        address = f"10.0.{self.version}.{self.number}"
        return Target(
            f"{MODEL}-{self.version}-{self.number}",
            f"{address}:{names.PORT_PROXY_ADMIN}",
            f"{address}:{names.PORT_COLLECTOR}",
        )


def pods() -> Iterator[Pod]:
    """Three of the first version, and three that take their places."""
    changes = (NEW_VERSION_AT, NEW_VERSION_AT + 6 * MINUTE, LAST_OLD_POD_AT)
    for number, change in enumerate(changes):
        yield Pod(number, VERSION, BEGIN, change)
        yield Pod(number, NEW_VERSION, change, END)


def day_text(series: Sequence[Exposed], day: int) -> Iterator[str]:
    """All samples of one day, series by series; it ends as OpenMetrics must."""
    begin = BEGIN + day * DAY
    for pod in pods():
        seconds = np.arange(max(begin, pod.begin), min(begin + DAY, pod.end), SCRAPE)
        if len(seconds):
            yield from _pod_text(pod, series, seconds)
    yield "# EOF\n"


def _pod_text(pod: Pod, series: Sequence[Exposed], seconds: Integers) -> Iterator[str]:
    healthy, drifted = rows_until(pod, seconds)
    texts = list(map(str, seconds.tolist()))
    for one in series:
        values = _values(pod, one, healthy, drifted)
        every = 1 if values[0] != values[-1] else SELDOM
        yield _lines(_identity(pod, one), values[::every], texts[::every])
    labels = label_text({"namespace": NAMESPACE, "pod": pod.target.pod, "container": "server"})
    memory = np.full(len(seconds), SERVER_BYTES)
    yield _lines(f"{CONTAINER_MEMORY}{{{labels}}}", memory, texts)


def rows_until(pod: Pod, seconds: Integers) -> tuple[Floats, Floats]:
    """Rows since the pod's begin that were healthy, and that drifted."""
    scrapes = np.arange(pod.begin, int(seconds[-1]) + 1, SCRAPE)
    each = traffic(scrapes)
    drifting = scrapes >= DRIFT_AT
    healthy, drifted = np.cumsum(each * ~drifting), np.cumsum(each * drifting)
    wanted = (seconds - pod.begin) // SCRAPE
    return healthy[wanted], drifted[wanted]


def traffic(seconds: Integers) -> Floats:
    """Rows of a scrape: most at noon, fewest at midnight."""
    season = 1.0 - 0.7 * np.cos(2.0 * np.pi * (seconds % DAY) / DAY)
    rush = np.where((seconds >= RUSH[0]) & (seconds < RUSH[1]), RUSH_FACTOR, 1.0)
    return np.asarray(ROWS_A_SCRAPE * season * rush, dtype=np.float64)


def _values(pod: Pod, one: Exposed, healthy: Floats, drifted: Floats) -> Floats:
    if one.name in _STARTS:
        return np.full(len(healthy), float(pod.begin - 1))
    if not one.counts:
        return np.full(len(healthy), one.sample.value)
    values = one.healthy * healthy + one.drifted * drifted
    return np.rint(values) if one.whole else np.round(values, 3)


def _identity(pod: Pod, one: Exposed) -> str:
    version = one.sample.labels.get(names.L_VERSION)
    own = {**one.sample.labels, **target_labels(pod.target, one.container)}
    if version == VERSION:
        own[names.L_VERSION] = pod.version
    return f"{one.name}{{{label_text(own)}}}"


def _lines(identity: str, values: Floats, seconds: Iterable[str]) -> str:
    pairs = zip(values.tolist(), seconds, strict=True)
    return "".join([f"{identity} {value!r} {second}\n" for value, second in pairs])
