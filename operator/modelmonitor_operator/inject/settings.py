"""What the platform team decides about the sidecars: the chart's values that injection needs.

None of it can be said in a ModelMonitor: whoever may write one must not choose what runs in other
people's pods.  It refuses to know files and the resource.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, get_args

from modelmonitor_api.names import PORT_COLLECTOR, PORT_PROXY, PORT_PROXY_ADMIN, PORT_STATUS
from modelmonitor_api.reading import Fields
from modelmonitor_api.spec import SidecarSize
from modelmonitor_operator.inject.quantities import amount

InjectionMode = Literal["Policy", "Webhook", "Off"]
PullPolicy = Literal["IfNotPresent", "Always", "Never"]
ScrapeBy = Literal["PodMonitor", "Annotations"]
"""How Prometheus finds the sidecars; with both it would count everything twice."""

SIZES: Final[tuple[SidecarSize, ...]] = get_args(SidecarSize)
LOWEST_PORT: Final = 1_024
"""Below it a process needs a privilege that the sidecars do not have."""
HIGHEST_PORT: Final = 65_535

_IMAGE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@-]{0,511}")
_CPU: Final = re.compile(r"[1-9][0-9]{0,5}m|[1-9][0-9]{0,2}(\.[0-9]{1,3})?")
_MEMORY: Final = re.compile(r"[1-9][0-9]{0,5}(Mi|Gi)")


@dataclass(frozen=True, slots=True)
class Resources:
    """Of one container.  Memory is requested and is the limit; `cpu_limit` None: none is set."""

    cpu: str
    memory: str
    cpu_limit: str | None = None


@dataclass(frozen=True, slots=True)
class PairResources:
    """Of both sidecars in one size."""

    proxy: Resources
    collector: Resources


DEFAULT_SIZES: Final[Mapping[SidecarSize, PairResources]] = {
    "Small": PairResources(Resources("50m", "128Mi"), Resources("50m", "192Mi")),
    "Medium": PairResources(Resources("200m", "192Mi"), Resources("200m", "384Mi")),
    "Large": PairResources(Resources("500m", "256Mi"), Resources("500m", "768Mi")),
}


@dataclass(frozen=True, slots=True)
class SidecarPorts:
    """Where the sidecars listen.  Meshes and Knative use 150xx, 41xx, 8012 and 8013."""

    proxy: int = PORT_PROXY
    admin: int = PORT_PROXY_ADMIN
    collector: int = PORT_COLLECTOR

    def all(self) -> tuple[int, ...]:
        """All that nobody else in the pod may use, with the collector's on localhost."""
        return (self.proxy, self.admin, self.collector, PORT_STATUS)


@dataclass(frozen=True, slots=True)
class InjectionSettings:
    """Values of all monitors."""

    image: str
    """Of both sidecars, best with a digest."""
    pull_policy: PullPolicy = "IfNotPresent"
    mode: InjectionMode = "Policy"
    """Who injects; never two."""
    ports: SidecarPorts = SidecarPorts()
    sizes: Mapping[SidecarSize, PairResources] = field(default_factory=lambda: DEFAULT_SIZES)
    scrape_by: ScrapeBy = "PodMonitor"
    assigned_user: bool = False
    """The platform gives each container its user, from a range of the namespace's (OpenShift)."""


def read_injection_settings(
    values: Mapping[str, Any], image: str | None = None
) -> InjectionSettings:
    """From the chart's values; other keys are others' affair.  SpecError names the key.

    `image` is used in place of `sidecar.image`.
    """
    top = Fields(values, "", strict=False)
    injection, sidecar = top.child("injection"), top.child("sidecar")
    pull: PullPolicy = sidecar.child("image").choice(
        "pullPolicy", ("IfNotPresent", "Always", "Never"), "IfNotPresent"
    )
    mode: InjectionMode = injection.choice("mode", ("Policy", "Webhook", "Off"), "Policy")
    return InjectionSettings(
        image=image or _image(sidecar.child("image")),
        pull_policy=pull,
        mode=mode,
        ports=_ports(sidecar.child("ports")),
        sizes=_sizes(sidecar.child("sizes")),
        scrape_by=read_scrape_by(top.child("prometheus")),
        assigned_user=top.child("security").flag("assignedUser"),
    )


def read_scrape_by(prometheus: Fields) -> ScrapeBy:
    """The chart's value `prometheus.scrapeBy`."""
    return prometheus.choice("scrapeBy", get_args(ScrapeBy), "PodMonitor")


def is_image(text: str) -> bool:
    """Whether a text can be the reference of an image.

    >>> is_image("modelmonitor-sidecar:0.1.0"), is_image("a'b")
    (True, False)
    """
    return _IMAGE.fullmatch(text) is not None


def _image(fields: Fields) -> str:
    """``repository:tag@digest``; a digest says more than a tag, so one of both is enough."""
    tag, digest = fields.optional_text("tag"), fields.optional_text("digest")
    image = fields.text("repository")
    image += f":{tag}" if tag else ""
    image += f"@{digest}" if digest else ""
    if not is_image(image):
        fields.refuse("repository", f"makes {image!r}, which is no image; write e.g. team/sidecar")
    return image


def _ports(fields: Fields) -> SidecarPorts:
    ports = SidecarPorts(
        proxy=fields.count("proxy", PORT_PROXY, LOWEST_PORT, HIGHEST_PORT),
        admin=fields.count("admin", PORT_PROXY_ADMIN, LOWEST_PORT, HIGHEST_PORT),
        collector=fields.count("collector", PORT_COLLECTOR, LOWEST_PORT, HIGHEST_PORT),
    )
    if len(set(ports.all())) < len(ports.all()):
        fields.refuse("", f"must all differ, and none may be {PORT_STATUS}, the status page's")
    return ports


def _sizes(fields: Fields) -> Mapping[SidecarSize, PairResources]:
    return {size: _pair(fields.child(size), DEFAULT_SIZES[size]) for size in SIZES}


def _pair(fields: Fields, default: PairResources) -> PairResources:
    return PairResources(
        _resources(fields.child("proxy"), default.proxy),
        _resources(fields.child("collector"), default.collector),
    )


def _resources(fields: Fields, default: Resources) -> Resources:
    return Resources(
        cpu=_matching(fields, "cpu", default.cpu, _CPU),
        memory=_matching(fields, "memory", default.memory, _MEMORY),
        cpu_limit=_cpu_limit(fields, default),
    )


def _cpu_limit(fields: Fields, default: Resources) -> str | None:
    """No API server takes a pod that requests more than its limit."""
    limit = fields.optional_text("cpuLimit")
    if limit is None:
        return None
    requested = fields.text("cpu", default.cpu)
    if amount(_matching(fields, "cpuLimit", limit, _CPU)) < amount(requested):
        fields.refuse("cpuLimit", f"is {limit}, below cpu, {requested}; raise it, or lower cpu")
    return limit


def _matching(fields: Fields, key: str, default: str, form: re.Pattern[str]) -> str:
    text = fields.text(key, default)
    if not form.fullmatch(text):
        fields.refuse(key, f"is {text!r}; write e.g. {default} (in quotes, if it is a number)")
    return text
