"""What the collector is told while it runs: the document, the baselines, the pod's labels.

Never missing, never broken: without a usable document there are defaults, with a broken one the
last good stays, and the state says so.  `poll` costs one system call a file and never raises.
"""

import logging
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal

from modelmonitor_api.errors import InputError, NewerFormatError
from modelmonitor_api.names import CONFIG_FILE, UNKNOWN_VERSION
from modelmonitor_api.sidecar_config import SidecarConfig, parse_config
from modelmonitor_api.spec import Model, ModelMonitor
from modelmonitor_sidecar.collect.baselines import Baselines
from modelmonitor_sidecar.pod_labels import parse_labels
from modelmonitor_sidecar.watched import Content, WatchedFile

State = Literal["loaded", "missing", "broken", "newer"]

STATES: Final[tuple[State, ...]] = ("loaded", "missing", "broken", "newer")

log = logging.getLogger(__name__)


class Configuration:
    """The document in use, its baselines, and the pod's labels."""

    def __init__(self, config_dir: Path, labels_file: Path, monitor: str) -> None:
        self.current = defaults(monitor)
        self.state: State = "missing"
        self.baselines = Baselines(config_dir)
        self._problem: str | None = None
        self._labels: Mapping[str, str] = MappingProxyType({})
        self._document = WatchedFile(config_dir / CONFIG_FILE)
        self._labels_file = WatchedFile(labels_file)
        self.poll()

    def poll(self) -> bool:
        """Look at all files; True where something is different now."""
        document, labels = self._document.look(), self._labels_file.look()
        changed = document is not None and self._read(document)
        if labels is not None and labels.data is not None:
            self._labels = MappingProxyType(parse_labels(labels.data.decode("utf-8", "replace")))
            changed = True
        return self.baselines.poll() or changed

    def fixed_version(self, model: Model) -> str:
        """The model's version as far as it does not depend on the request."""
        source = model.version
        if source.source == "PodLabel":
            return self._labels.get(source.label) or UNKNOWN_VERSION
        return (source.value if source.source == "Fixed" else None) or UNKNOWN_VERSION

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong, a sentence each; a document that is not there is no problem yet."""
        own = () if self._problem is None else (self._problem,)
        return (*own, *self.baselines.problems.values())

    def _read(self, document: Content) -> bool:
        if document.data is None:
            self._refuse("missing", f"{self._document.path}: {document.problem}")
            return False
        try:
            self.current = parse_config(document.data, str(self._document.path))
        except (InputError, MemoryError) as error:
            self._refuse("newer" if isinstance(error, NewerFormatError) else "broken", str(error))
            return False
        self.state, self._problem = "loaded", None
        self.baselines.use(self.current.baselines)
        return True

    def _refuse(self, state: State, sentence: str) -> None:
        self.state, self._problem = state, sentence if state != "missing" else None
        log.warning("%s (the last good configuration, or the defaults, are in use)", sentence)


def defaults(monitor: str) -> SidecarConfig:
    """What is in use as long as no document was read: one model, named like the monitor."""
    return SidecarConfig(ModelMonitor(monitor, "default", models=(Model(monitor),)))
