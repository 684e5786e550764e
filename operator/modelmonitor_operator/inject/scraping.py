"""Annotations by which a Prometheus without prometheus-operator finds the proxy of a pod.

By that custom a pod can name one port: the proxy's, with requests, errors and latency.  A pod whose
owner uses the annotations keeps its own.  It refuses to know who reads them.
"""

from collections.abc import Mapping
from typing import Final

from modelmonitor_api.names import (
    ANNOTATION_SCRAPE,
    ANNOTATION_SCRAPE_PATH,
    ANNOTATION_SCRAPE_PORT,
    PATH_METRICS,
)
from modelmonitor_operator.inject.settings import InjectionSettings

SCRAPE_KEYS: Final = (ANNOTATION_SCRAPE, ANNOTATION_SCRAPE_PORT, ANNOTATION_SCRAPE_PATH)


def scrape_annotations(settings: InjectionSettings) -> Mapping[str, str]:
    """What is put on a pod; nothing where a PodMonitor finds it."""
    if settings.scrape_by != "Annotations":
        return {}
    values = ("true", str(settings.ports.admin), PATH_METRICS)
    return dict(zip(SCRAPE_KEYS, values, strict=True))


def is_scraped_otherwise(annotations: Mapping[str, str]) -> bool:
    """The owner of the pod has one of the annotations, for a port of the app."""
    return any(key in annotations for key in SCRAPE_KEYS)
