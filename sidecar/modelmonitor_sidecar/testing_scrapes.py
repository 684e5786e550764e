"""What Prometheus would hold of replicas that it scrapes, as input of promtool's unit tests.

The labels of targets are added to the samples of the real pages, so that rules which are tested on
them cannot drift apart from what the sidecars expose.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from modelmonitor_api import names
from modelmonitor_sidecar.exposition import label_text
from modelmonitor_sidecar.testing_replicas import Integers, Replica, Row

Series = tuple[str, tuple[tuple[str, str], ...]]
"""A name, and labels in their order."""

_SAMPLE: Final = re.compile(r"(\w+)(?:\{(.*)\})? (\S+)")
_LABEL: Final = re.compile(r'(\w+)=("(?:[^"\\]|\\.)*")')
_UNJUDGED: Final = re.compile(
    r"modelmonitor_(collector_(?!start_time)|series|payloads|feature_value|feature_absent)"
)
"""What no recorded series of rows is made of."""


@dataclass(frozen=True, slots=True)
class Look:
    """What one scrape saw of a replica; `counted` None: it was gone."""

    at_seconds: float
    started_seconds: float
    counted: Mapping[Row, Integers] | None


@dataclass(frozen=True, slots=True)
class Target:
    """A replica as it is scraped, with all looks at its counters."""

    namespace: str
    replica: Replica
    looks: list[Look] = field(default_factory=list)

    @property
    def labels(self) -> str:
        """The text of what a PodMonitor adds."""
        return label_text(
            {
                "namespace": self.namespace,
                "job": f"{self.namespace}/watch",
                "instance": f"{self.replica.pod}:{names.PORT_COLLECTOR}",
                "pod": self.replica.pod,
            }
        )


def samples(page: str, without: Collection[str] = ()) -> Iterator[tuple[str, str, float]]:
    """Name, label text and value of each sample that rules of rows may be made of."""
    for line in page.splitlines():
        match = _SAMPLE.fullmatch(line)
        left_out = _UNJUDGED.match(line) or any(part in line for part in without)
        if match is not None and not left_out:
            yield match[1], match[2] or "", float(match[3])


@lru_cache(maxsize=1 << 16)
def labels_of(text: str, more: str) -> tuple[tuple[str, str], ...]:
    """The labels of two label texts, in order."""
    found = _LABEL.findall(f"{text},{more}")
    return tuple(sorted((name, json.loads(value)) for name, value in found))


class Recording:
    """All samples of all targets, but for those of which `without` has a part of the text."""

    def __init__(self, *without: str) -> None:
        self.targets: list[Target] = []
        self._without = without
        self._values: dict[Series, dict[int, float | None]] = {}
        self._seen: dict[tuple[str, str], set[Series]] = {}

    def target(self, namespace: str, replica: Replica) -> Target:
        """Find a replica."""
        target = Target(namespace, replica)
        self.targets.append(target)
        return target

    def scrape(self, target: Target, now_seconds: int) -> None:
        """The live counters."""
        self._add(target, "live", target.replica.page(), now_seconds)
        counted = target.replica.counted()
        target.looks.append(Look(now_seconds, target.replica.started, counted))

    def scrape_baselines(self, target: Target, now_seconds: int) -> None:
        """What they are compared with."""
        self._add(target, "baseline", target.replica.baseline_page(), now_seconds)

    def gone(self, target: Target, now_seconds: int) -> None:
        """A target that is not found any more: all of its series end."""
        for kind in ("live", "baseline"):
            self._add(target, kind, "", now_seconds)
        target.looks.append(Look(now_seconds, 0.0, None))

    def input_series(self, step_seconds: int = 1) -> list[dict[str, str]]:
        """One place each so many seconds, of which all scrapes are multiples: a value, or none."""
        return [
            {"series": written(one), "values": " ".join(_values(points, step_seconds))}
            for one, points in self._values.items()
        ]

    def _add(self, target: Target, kind: str, page: str, now_seconds: int) -> None:
        found = {
            (name, labels_of(labels, target.labels)): value
            for name, labels, value in samples(page, self._without)
        }
        seen = self._seen.setdefault((target.labels, kind), set())
        for ended in seen - set(found):
            self._values[ended][now_seconds] = None
        for one, value in found.items():
            self._values.setdefault(one, {})[now_seconds] = value
        self._seen[target.labels, kind] = set(found)


def written(series: Series) -> str:
    """As promtool's tests name a series."""
    name, labels = series
    return f"{name}{{{','.join(f'{label}={json.dumps(text)}' for label, text in labels)}}}"


def _values(points: Mapping[int, float | None], step_seconds: int) -> Iterator[str]:
    """In promtool's notation; `stale` is where the series ended."""
    following = 0
    for at, value in sorted(points.items()):
        place, rest = divmod(at, step_seconds)
        assert rest == 0, f"a scrape at {at} s is no multiple of {step_seconds} s"
        if place > following:
            yield f"_x{place - following}"
        yield "stale" if value is None else repr(value)
        following = place + 1
