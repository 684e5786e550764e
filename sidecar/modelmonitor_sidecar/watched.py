"""A file that may be missing, may change, and may be swapped behind a symbolic link.

Kubernetes updates a mounted ConfigMap by exchanging a link two levels up, editors replace files or
write them in place; one `stat` of the resolved file tells all of these.  Whatever stands in the
file's place, a look never waits and never takes more than a bounded part of memory.  Refuses to
know what is in the file.
"""

import errno
import os
import stat
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SETTLED_SECONDS: Final = 2.0
"""A file younger than this is read again: the next change may carry the same time stamp."""

LONGEST_BYTES: Final = 4 << 20
"""Of a document or the pod's labels; a ConfigMap holds one MiB."""

_Stamp = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Content:
    """What a look at the file found: its bytes, or why there are none."""

    data: bytes | None
    problem: str | None = None


class WatchedFile:
    """Tells each content once.  A look at an unchanged file costs one system call."""

    def __init__(
        self,
        path: Path,
        clock: Callable[[], float] = time.time,
        longest_bytes: int = LONGEST_BYTES,
    ) -> None:
        self.path = path
        self._longest_bytes = longest_bytes
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
        data = self._read(found)
        age_seconds = self._clock() - found.st_mtime
        self._stamp = stamp if age_seconds > SETTLED_SECONDS else None
        return Content(data)

    def _read(self, found: os.stat_result) -> bytes:
        if stat.S_ISDIR(found.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if not stat.S_ISREG(found.st_mode):
            raise OSError(errno.EINVAL, "Not a regular file")
        data = b""
        if found.st_size <= self._longest_bytes:
            with open(self.path, "rb", opener=_open_without_waiting) as file:
                data = file.read(self._longest_bytes + 1)
        if max(found.st_size, len(data)) > self._longest_bytes:
            raise OSError(errno.EFBIG, f"Longer than {self._longest_bytes} bytes")
        return data


def _open_without_waiting(path: str, flags: int) -> int:
    """A pipe may have taken the file's place since it was looked at."""
    return os.open(path, flags | os.O_NONBLOCK)
