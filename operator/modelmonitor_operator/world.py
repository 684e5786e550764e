"""What a reconcile sees: one frozen picture of everything around a monitor.

Made by `observe`, judged by `preflight` and `plan`.  It refuses to know how it was come by.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from modelmonitor_api.baseline import Baseline
from modelmonitor_operator.cluster import Raw
from modelmonitor_operator.kinds import OPTIONAL, Kind, Reference


@dataclass(frozen=True, slots=True)
class Rival:
    """Another monitor of the namespace; `created` is a timestamp of the API."""

    name: str
    created: str
    selector: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why no pod could be made, and when that was said (empty: nobody knows, so now)."""

    message: str
    at: str = ""

    def is_before(self, time: str) -> bool:
        """It was said before this timestamp of the API."""
        return bool(self.at) and self.at < time


@dataclass(frozen=True, slots=True)
class Workload:
    """What makes pods that the monitor selects; `refused` is why it could make none."""

    kind: str
    name: str
    template: Raw
    refused: Refusal | None = None


@dataclass(frozen=True, slots=True)
class SeenPod:
    """A running pod that the monitor selects.

    `image`: of its proxy, None without sidecars.  `stuck`: why the image of its sidecars cannot
    be had, None where it can.
    """

    name: str
    raw: Raw
    owner_kind: str | None
    image: str | None
    stuck: str | None = None


@dataclass(frozen=True, slots=True)
class KnownBaseline:
    """A baseline and the beginning of its digest, which takes time to compute.

    `source_bytes`: how large it was where it was read.
    """

    baseline: Baseline
    digest8: str
    source_bytes: int = 0


@dataclass(frozen=True, slots=True)
class SeenBaseline:
    """A ConfigMap that the monitor names: the baseline in it, or what is wrong with it."""

    known: KnownBaseline | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class LoadedBaseline:
    """One that the sidecars are told of now, and for which model and version (None: all)."""

    model: str
    version: str | None
    known: KnownBaseline


@dataclass(frozen=True, slots=True)
class Binding:
    """What one Prometheus, or (an empty name) Grafana's operator, says of one of our objects."""

    kind: str
    prometheus: str
    accepted: str
    message: str = ""


@dataclass(frozen=True, slots=True)
class OwnedObject:
    """An object that was made for the monitor, by this or by an earlier reconcile."""

    reference: Reference
    uid: str


@dataclass(frozen=True, slots=True)
class World:
    """All of it.  `prometheuses` is None where the operator may not look at them."""

    served: frozenset[Kind] = frozenset(OPTIONAL)
    namespace_labels: Mapping[str, str] = field(default_factory=dict)
    namespace_ends: bool = False
    rivals: Sequence[Rival] = ()
    workloads: Sequence[Workload] = ()
    pods: Sequence[SeenPod] = ()
    services: Sequence[Raw] = ()
    network_policies: Sequence[Raw] = ()
    quotas: Sequence[Raw] = ()
    limit_ranges: Sequence[Raw] = ()
    foreign_pod_monitors: Sequence[Raw] = ()
    prometheuses: Sequence[Raw] | None = ()
    baselines: Mapping[str, SeenBaseline] = field(default_factory=dict)
    loaded: Sequence[LoadedBaseline] = ()
    owned: Sequence[OwnedObject] = ()
    bindings: Sequence[Binding] = ()
    grafana: Sequence[Binding] = ()
