"""What the user asked of `baseline`, checked as far as it can be without the data."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from modelmonitor_api.baseline import MAX_VOCABULARY_WORDS
from modelmonitor_api.errors import InputError
from modelmonitor_api.spec import KINDS, Kind

MAX_BINS: Final = 100
VOCABULARY_WORDS: Final = 2_000
_CONFIG_MAP_NAME: Final = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """One call of `baseline build`."""

    tables: tuple[Path, ...]
    model: str | None = None
    version: str | None = None
    prediction: str | None = None
    scores: tuple[str, ...] = ()
    label: str | None = None
    time: str | None = None
    time_ordered: bool = False
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()
    not_sent: tuple[str, ...] = ()
    bins: int = 10
    vocabulary: int = VOCABULARY_WORDS
    edges_from: Path | None = None

    def __post_init__(self) -> None:
        """Refuse what contradicts itself."""
        if not 2 <= self.bins <= MAX_BINS:
            raise InputError("--bins", f"is {self.bins}; write a number from 2 to {MAX_BINS}")
        if not 0 <= self.vocabulary <= MAX_VOCABULARY_WORDS:
            raise InputError(
                "--vocabulary",
                f"is {self.vocabulary}; write a number from 0 to {MAX_VOCABULARY_WORDS:,}",
            )
        for column, options in self.options_by_column().items():
            if len(options) > 1:
                raise InputError(
                    " and ".join(options), f"both name the column {column!r}; keep one of them"
                )
        self._check_given_edges()

    def _check_given_edges(self) -> None:
        said = {
            "--prediction": self.prediction,
            "--kind": self.kinds,
            "--ignore": self.ignored,
            "--not-sent": self.not_sent,
            "--vocabulary": self.vocabulary != VOCABULARY_WORDS,
        }
        for option, value in said.items():
            if self.edges_from and value:
                raise InputError(option, "comes from the baseline of --edges-from; leave it out")

    def options_by_column(self) -> dict[str, list[str]]:
        """Every column that is no plain input, and the options that say so."""
        named = [
            ("--prediction", self.prediction),
            ("--label", self.label),
            ("--time", self.time),
            *(("--score", column) for column in self.scores),
            *(("--ignore", column) for column in self.ignored),
            *(("--not-sent", column) for column in self.not_sent),
        ]
        options: dict[str, list[str]] = {}
        for option, column in named:
            if column is not None:
                options.setdefault(column, []).append(option)
        return options


@dataclass(frozen=True, slots=True)
class OutputOptions:
    """Where a baseline goes, and in which dress."""

    file: Path | None = None
    configmap: str | None = None
    namespace: str | None = None

    def __post_init__(self) -> None:
        """Refuse names that no cluster takes."""
        for option, name in (("--configmap", self.configmap), ("--namespace", self.namespace)):
            if name is not None and not _CONFIG_MAP_NAME.fullmatch(name):
                raise InputError(
                    option, f"{name!r} is no Kubernetes name; use a-z, 0-9, '-' and '.', e.g. churn"
                )
        if self.namespace and not self.configmap:
            raise InputError("--namespace", "is for a ConfigMap; add --configmap NAME")


def kinds_by_column(assignments: Sequence[str]) -> dict[str, Kind]:
    """Kinds of `COLUMN=KIND`; InputError where one cannot be read."""
    kinds: dict[str, Kind] = {}
    for assignment in assignments:
        column, equals, name = assignment.rpartition("=")
        if not equals or not column:
            raise InputError("--kind", f"{assignment!r} is not COLUMN=KIND, e.g. zip=categorical")
        if name not in KINDS:
            raise InputError(
                f"--kind {assignment}", f"{name!r} is no kind; write one of {', '.join(KINDS)}"
            )
        kinds[column] = KINDS[KINDS.index(name)]
    return kinds
