"""The operator's document as the proxy has it: never missing, never broken, never in the way.

Traffic must not depend on a file.  Without a usable document there are defaults, with a broken or
vanished one the last good stays in use; each such case is counted and shown.  Refuses to know what
the parts do with what it says.
"""

import logging
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal

from modelmonitor_api.errors import InputError, NewerFormatError
from modelmonitor_api.names import (
    L_MODEL,
    L_MONITOR,
    L_REASON,
    L_STATE,
    L_VERSION,
    OTHER,
    PROXY_CONFIGURATION,
    PROXY_CONFIGURATION_FAILURES,
    UNKNOWN_VERSION,
)
from modelmonitor_api.sidecar_config import SidecarConfig, parse_config
from modelmonitor_api.spec import Model, ModelMonitor
from modelmonitor_sidecar import exposition
from modelmonitor_sidecar.pod_labels import parse_labels
from modelmonitor_sidecar.watched import Content, WatchedFile

State = Literal["loaded", "missing", "broken", "newer"]

STATES: Final[tuple[State, ...]] = ("loaded", "missing", "broken", "newer")
REASONS: Final = STATES[1:]
POLL_SECONDS: Final = 1.0

_log = logging.getLogger(__name__)


class Configuration:
    """The document in use and the pod's labels.

    `state` says what the last look found; `current` is the file's content when it is "loaded", else
    the last good one or, before there was one, the defaults.  Invariant: `poll` never raises, and
    `current` is always usable.
    """

    def __init__(self, config_file: Path, labels_file: Path, monitor: str) -> None:
        self.current = defaults(monitor)
        self.state: State = "missing"
        self.pod_labels: Mapping[str, str] = MappingProxyType({})
        self._document = WatchedFile(config_file)
        self._labels = WatchedFile(labels_file)
        self._failures: Counter[State] = Counter()
        self._kept = "defaults are"
        self.poll()

    def poll(self) -> bool:
        """Look at the files; True if `current` or `pod_labels` is another one now."""
        try:
            return self._look()
        except Exception:
            if self.state != "broken":  # once, not each second
                _log.exception("the configuration reader failed (%s in use)", self._kept)
            self.state = "broken"
            self._failures["broken"] += 1
            return False

    def metrics(self) -> str:
        """Two families: the state, and the failures to read by reason."""
        monitor = {
            L_MONITOR: self.current.monitor.name,
            L_MODEL: OTHER,
            L_VERSION: UNKNOWN_VERSION,
        }
        states = [
            (exposition.label_text({**monitor, L_STATE: state}), float(state == self.state))
            for state in STATES
        ]
        failures = [
            (exposition.label_text({**monitor, L_REASON: reason}), float(self._failures[reason]))
            for reason in REASONS
        ]
        return exposition.gauge(
            PROXY_CONFIGURATION,
            "1 for what the last look at the configuration found, 0 for the others.",
            states,
        ) + exposition.counter(
            PROXY_CONFIGURATION_FAILURES,
            "Contents of the configuration file that could not be used, by reason.",
            failures,
        )

    def _look(self) -> bool:
        document, labels = self._document.look(), self._labels.look()
        read = document is not None and self._read(document)
        named = labels is not None and self._name(labels)
        return read or named

    def _read(self, document: Content) -> bool:
        if document.data is None:
            return self._refuse("missing", f"{self._document.path}: {document.problem}")
        try:
            self.current = parse_config(document.data, str(self._document.path))
        except NewerFormatError as error:
            return self._refuse("newer", str(error))
        except InputError as error:
            return self._refuse("broken", str(error))
        self.state, self._kept = "loaded", "the last good one stays"
        return True

    def _refuse(self, reason: State, sentence: str) -> bool:
        self._failures[reason] += 1
        self.state = reason
        _log.warning("%s (%s in use)", sentence, self._kept)
        return False

    def _name(self, labels: Content) -> bool:
        # Missing labels are usual outside a cluster, and no reason to forget those once read.
        if labels.data is None:
            return False
        self.pod_labels = MappingProxyType(parse_labels(labels.data.decode("utf-8", "replace")))
        return True


def defaults(monitor: str) -> SidecarConfig:
    """What is in use as long as no document was read: one model, named like the monitor."""
    return SidecarConfig(ModelMonitor(monitor, "default", models=(Model(monitor),)))
