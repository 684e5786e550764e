"""The models that are watched, the versions of each, and the statistics that their rows go to.

Statistics belong to (model, version, baseline).  When one of these changes, new statistics begin at
0 and the old ones stay to be scraped once more, for `RETIREMENT_SECONDS`, without change.  Models
and versions that traffic names are bounded: beyond `MAX_VERSIONS` versions of a model, rows go to
the version `__other__`; beyond `MAX_UNKNOWN_MODELS` names that the configuration does not know,
payloads are skipped.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Final

from modelmonitor_api.names import OTHER, UNKNOWN_VERSION
from modelmonitor_api.spec import Model
from modelmonitor_sidecar.collect.configuration import Configuration
from modelmonitor_sidecar.collect.payload_counts import PayloadCounts, Skip
from modelmonitor_sidecar.collect.versions import Version, basis_of
from modelmonitor_sidecar.decode.rows import Decoded

MAX_VERSIONS: Final = 16
MAX_UNKNOWN_MODELS: Final = 16
RETIREMENT_SECONDS: Final = 60.0

_FROM_EXCHANGE: Final = ("Path", "ResponseField")


log = logging.getLogger(__name__)


class CountedModel:
    """One model: its payloads, and its versions by name, which `open_version` makes."""

    def __init__(self, spec: Model, open_version: Callable[[Model, str], Version]) -> None:
        self.spec = spec
        self.payloads = PayloadCounts()
        self.versions: dict[str, Version] = {}
        self.fixed_version = UNKNOWN_VERSION
        self._open = open_version

    def add(self, decoded: Decoded) -> int:
        """Buffer the rows of one payload where they belong; their number."""
        name = decoded.version or self.fixed_version
        version = self.versions.get(name) or self._version(name)
        rows = version.add(decoded)
        self.payloads.decoded += 1
        return rows

    def skipped(self, why: Skip) -> None:
        """A payload that was not looked into."""
        self.payloads.skipped(why)

    def undecodable(self, reason: str) -> None:
        """A payload that nobody can read."""
        self.payloads.undecodable(reason)

    def expect(self, names: Iterable[str]) -> None:
        """Open these versions, so that their series are there before the first row."""
        for name in names:
            self._version(name)

    def _version(self, name: str) -> Version:
        if name not in self.versions and len(self.versions) >= MAX_VERSIONS:
            name = OTHER
        version = self.versions.get(name)
        if version is None:
            version = self.versions[name] = self._open(self.spec, name)
        return version


class CountedModels:
    """All models: the configured ones in their order, then those that only traffic knows.

    `errors` counts faults of decoders; `other` the payloads of models beyond the bound.
    """

    def __init__(self, configuration: Configuration, clock: Callable[[], float]) -> None:
        self.errors = 0
        self.other = PayloadCounts()
        self.models: dict[str, CountedModel] = {}
        self._configuration = configuration
        self._clock = clock
        self._unknown: dict[str, None] = {}  # for its order
        self._retired: list[Version] = []
        self.follow()

    def find(self, name: str) -> CountedModel | None:
        """The model of that name, or None where there are too many names already."""
        model = self.models.get(name)
        if model is not None:
            return model
        if self._configuration.poll():  # the proxy may have read a new one before us
            self.follow()
        if name not in self.models and len(self._unknown) < MAX_UNKNOWN_MODELS:
            self._unknown[name] = None
            self._follow_model(Model(name))
        return self.models.get(name)

    def failed(self, doing: str, error: Exception) -> None:
        """Count and log a fault of ours; its message may quote a payload, type and place do not."""
        self.errors += 1
        log.error("%s failed: %s at %s", doing, type(error).__name__, _place(error.__traceback__))

    def versions(self) -> Iterator[Version]:
        """Every version that is counted, and behind them those that ended a moment ago.

        No two have the same labels: one that goes on under other settings has none of its past.
        """
        seen = set()
        for model in self.models.values():
            for version in model.versions.values():
                seen.add(version.labels)
                yield version
        for version in reversed(self._retired):
            if version.labels not in seen:
                seen.add(version.labels)
                yield version

    def flush(self) -> None:
        """Count all rows that wait."""
        now = self._clock()
        for model in self.models.values():
            for version in model.versions.values():
                self._flush_version(version, now)

    def tick(self) -> None:
        """Move the windows to now, and forget what ended long enough ago."""
        self.flush()
        limit = self._clock() - RETIREMENT_SECONDS
        self._retired = [one for one in self._retired if (one.retired or 0.0) > limit]

    def follow(self) -> None:
        """Do as the configuration says now; what it says of rows that wait came too late."""
        self.flush()
        configured = {model.name: model for model in self._configuration.current.monitor.models}
        self._unknown = {name: None for name in self._unknown if name not in configured}
        for name in set(self.models) - set(configured) - set(self._unknown):
            self._retire(self.models.pop(name).versions.values())
        for spec in (*configured.values(), *map(Model, self._unknown)):
            self._follow_model(spec)
        self.models = {name: self.models[name] for name in (*configured, *self._unknown)}

    def _flush_version(self, version: Version, now: float) -> None:
        try:
            version.flush(now)
        except Exception as error:
            self.failed("counting", error)

    def _follow_model(self, spec: Model) -> None:
        model = self.models.setdefault(spec.name, CountedModel(spec, self._opened))
        model.spec, model.fixed_version = spec, self._configuration.fixed_version(spec)
        varying = spec.version.source in _FROM_EXCHANGE
        before, model.versions = model.versions, {}
        for name, version in before.items():
            if (varying or name == model.fixed_version) and self._still_valid(spec, version):
                version.model = spec
                model.versions[name] = version
        model.expect(before if varying else ())
        model.expect(self._expected(spec) if varying else (model.fixed_version,))
        self._retire(v for name, v in before.items() if model.versions.get(name) is not v)

    def _expected(self, spec: Model) -> list[str]:
        """Versions that the configuration has baselines for."""
        references = self._configuration.current.baselines
        return [r.version for r in references if r.model == spec.name and r.version is not None]

    def _still_valid(self, spec: Model, version: Version) -> bool:
        loaded = self._configuration.baselines.for_model(spec.name, version.name)
        return version.basis == basis_of(spec, loaded, self._configuration.current)

    def _opened(self, spec: Model, name: str) -> Version:
        loaded = self._configuration.baselines.for_model(spec.name, name)
        return Version(spec, name, loaded, basis_of(spec, loaded, self._configuration.current))

    def _retire(self, versions: Iterable[Version]) -> None:
        for version in versions:
            version.retired = self._clock()
            self._retired.append(version)


def _place(trace: TracebackType | None) -> str:
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "nowhere" if trace is None else f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
