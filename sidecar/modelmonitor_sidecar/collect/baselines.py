"""The baseline files that the configuration names: read when they change, kept while they break.

It refuses to know statistics.
"""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from modelmonitor_api.baseline import Baseline, digest
from modelmonitor_api.baseline_reading import MAX_DOCUMENT_BYTES, read_baseline
from modelmonitor_api.errors import InputError
from modelmonitor_api.sidecar_config import BaselineReference
from modelmonitor_sidecar.watched import Content, WatchedFile

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LoadedBaseline:
    """A baseline and the digest of what it says (not of what its file is called)."""

    baseline: Baseline
    digest: str

    @property
    def label(self) -> str:
        """The value of label `baseline`."""
        return self.digest[:8]


class BaselineFile:
    """One file; the last good content stays when it vanishes or breaks."""

    def __init__(self, path: Path) -> None:
        self.loaded: LoadedBaseline | None = None
        self.problem: str | None = "not read yet"
        self._watched = WatchedFile(path, longest_bytes=MAX_DOCUMENT_BYTES)

    def poll(self) -> bool:
        """Look at the file; True where `loaded` is another one now."""
        content = self._watched.look()
        if content is None:
            return False
        before = self.loaded
        self.problem = self._read(content)
        if self.problem is not None:
            kept = "is not used" if before is None else "stays in use as it was"
            log.warning("%s (the baseline %s)", self.problem, kept)
        return self.loaded is not before

    def _read(self, content: Content) -> str | None:
        where = self._watched.path.name
        if content.data is None:
            return f"{where}: {content.problem}"
        try:
            baseline = read_baseline(content.data, where)
        except (InputError, MemoryError) as error:
            return str(error) or f"{where}: needs more memory than the collector has"
        self.loaded = LoadedBaseline(baseline, digest(baseline))
        return None


class Baselines:
    """All files of the configuration, and which of them is for which model and version."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._references: tuple[BaselineReference, ...] = ()
        self._files: dict[str, BaselineFile] = {}

    @property
    def problems(self) -> Mapping[str, str]:
        """What is wrong, by file."""
        return {name: file.problem for name, file in self._files.items() if file.problem}

    def use(self, references: Iterable[BaselineReference]) -> None:
        """Watch the files of these references, and no others."""
        self._references = tuple(references)
        wanted = {reference.file for reference in self._references}
        kept = {name: file for name, file in self._files.items() if name in wanted}
        # Only a file's last name counts: the configuration cannot point out of its folder.
        fresh = {name: BaselineFile(self._folder / Path(name).name) for name in wanted - set(kept)}
        self._files = kept | fresh

    def poll(self) -> bool:
        """Look at every file; True where one is another now."""
        return sum(file.poll() for file in self._files.values()) > 0  # every one is looked at

    def for_model(self, model: str, version: str) -> LoadedBaseline | None:
        """The one for this very version, else the one for all versions, else None."""
        for wanted in (version, None):
            for reference in self._references:
                if reference.model == model and reference.version == wanted:
                    loaded = self._files[reference.file].loaded
                    if loaded is not None:
                        return loaded
        return None
