"""Which requests are inferences, of which model, and under which name they are counted.

A model's own paths come first (exact, or a prefix ending in ``*``), then the paths that the payload
protocols claim.  A monitor without paths that has seen no claimed path takes every POST for an
inference.  It refuses to know payloads.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote_to_bytes

from modelmonitor_api.names import OTHER, UNKNOWN_VERSION
from modelmonitor_api.protocols import PROTOCOLS
from modelmonitor_api.spec import Model

EVERY_POST: Final = "*"
MAX_PATH_VERSIONS: Final = 50
"""Versions taken from paths are chosen by clients; beyond these they count as `OTHER`."""
LONGEST_PATH_VERSION: Final = 128
"""In characters; a longer one would be a label in dozens of series, and counts as `OTHER`."""


@dataclass(frozen=True, slots=True)
class Route:
    """Where a request belongs: the labels of its counters, and whether it is an inference."""

    label: str
    model: str
    version: str
    inference: bool


NO_ROUTE: Final = Route(OTHER, OTHER, UNKNOWN_VERSION, inference=False)


@dataclass(frozen=True, slots=True)
class Claim:
    """A path template of a protocol; the first ``{}`` is the model, the second the version."""

    template: str
    pattern: re.Pattern[str]


CLAIMS: Final = tuple(
    Claim(template, re.compile(re.escape(template).replace(r"\{\}", "([^/:]+)")))
    for protocol in PROTOCOLS
    for template in protocol.claims
)


class Routes:
    """The routes of one configuration.

    `saw_claim` becomes true with the first claimed path, and then "every POST" no longer holds;
    whoever keeps results of `match` must then ask again.
    """

    def __init__(self, models: Iterable[Model], pod_labels: Mapping[str, str]) -> None:
        self._models = tuple(models)
        self._labels = pod_labels
        self._path_versions: set[str] = set()
        self._exact = {path: m for m in self._models for path in m.paths if path[-1:] != "*"}
        self._prefixes = sorted(
            ((path[:-1], m) for m in self._models for path in m.paths if path[-1:] == "*"),
            key=lambda entry: -len(entry[0]),
        )
        self._pathless = tuple(model for model in self._models if not model.paths)
        self.saw_claim = False

    def match(self, path: bytes) -> Route:
        """The route of a POST that is no probe."""
        text = (unquote_to_bytes(path) if b"%" in path else path).decode("utf-8", "replace")
        return self._own(text) or self._claimed(text) or self._open() or NO_ROUTE

    def expected(self) -> tuple[Route, ...]:
        """One for each model, before anybody asked: by its first path, or by any.

        Its version is the one that requests will have, or unknown where only they tell.
        """
        return tuple(
            self._route(next(iter(model.paths), EVERY_POST), model, "") for model in self._models
        )

    def _own(self, path: str) -> Route | None:
        model = self._exact.get(path)
        if model is not None:
            return self._route(path, model, path)
        for prefix, candidate in self._prefixes:
            if path.startswith(prefix):
                return self._route(prefix + "*", candidate, path)
        return None

    def _claimed(self, path: str) -> Route | None:
        for claim in CLAIMS:
            match = claim.pattern.fullmatch(path)
            if match is not None:
                self.saw_claim = True
                model = self._named(match[1] if match.re.groups else None)
                return self._route(claim.template, model, path) if model else None
        return None

    def _open(self) -> Route | None:
        if self.saw_claim or len(self._models) != 1 or not self._pathless:
            return None
        return self._route(EVERY_POST, self._models[0], "")

    def _named(self, name: str | None) -> Model | None:
        """The model without paths that a claimed path speaks of; the only one needs no name."""
        if len(self._models) == 1 and self._pathless:
            return self._pathless[0]
        return next((model for model in self._pathless if model.name == name), None)

    def _route(self, label: str, model: Model, path: str) -> Route:
        return Route(label, model.name, self._version(model, path), inference=True)

    def _version(self, model: Model, path: str) -> str:
        version = model.version
        if version.source == "Fixed":
            return version.value or UNKNOWN_VERSION
        if version.source == "PodLabel":
            return self._labels.get(version.label) or UNKNOWN_VERSION
        return self._path_version(path) if version.source == "Path" else UNKNOWN_VERSION

    def _path_version(self, path: str) -> str:
        for claim in CLAIMS:
            match = claim.pattern.fullmatch(path)
            if match is not None and match.re.groups == 2:
                return self._bounded(match[2])
        return UNKNOWN_VERSION

    def _bounded(self, version: str) -> str:
        full = len(self._path_versions) >= MAX_PATH_VERSIONS
        if len(version) > LONGEST_PATH_VERSION or (full and version not in self._path_versions):
            return OTHER
        self._path_versions.add(version)
        return version
