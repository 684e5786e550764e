"""A file that may be missing, may change, and may be swapped behind a symbolic link.

Kubernetes updates a mounted ConfigMap by exchanging a link two levels up, editors replace files or
write them in place; one `stat` of the resolved file tells all of these.  Refuses to know what is
in the file.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SETTLED_SECONDS: Final = 2.0
"""A file younger than this is read again: the next change may carry the same time stamp."""

_Stamp = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Content:
    """What a look at the file found: its bytes, or why there are none."""

    data: bytes | None
    problem: str | None = None


class WatchedFile:
    """Tells each content once.  A look at an unchanged file costs one system call."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        self.path = path
        self._clock = clock
        self._stamp: _Stamp | None = None
        self._content: Content | None = None

    def look(self) -> Content | None:
        """The content if it differs from the last one told, else None."""
        try:
            content = self._changed()
        except OSError as error:
            self._stamp = None
            content = Content(None, error.strerror or type(error).__name__)
        if content is None or content == self._content:
            return None
        self._content = content
        return content

    def _changed(self) -> Content | None:
        found = self.path.stat()
        stamp = (found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size)
        if stamp == self._stamp:
            return None
        data = self.path.read_bytes()
        age_seconds = self._clock() - found.st_mtime
        self._stamp = stamp if age_seconds > SETTLED_SECONDS else None
        return Content(data)
