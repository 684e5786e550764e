"""How the C library's allocator gives memory back.

The sketches are large arrays of which most is never touched.  By default glibc, after it has freed
the first of them, takes the next from its heap, clears it, and so makes all of it resident; with a
fixed threshold each comes from the kernel, as untouched zeros, and goes back when it is freed.
"""

import ctypes
from contextlib import suppress
from typing import Final

_M_TRIM_THRESHOLD: Final = -1
_M_MMAP_THRESHOLD: Final = -3
_LARGE_BYTES: Final = 256 << 10
_TRIM_BYTES: Final = 1 << 20


def give_memory_back() -> None:
    """Fix both thresholds; where the C library is another one, nothing happens."""
    with suppress(OSError, AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)
        mallopt(_M_TRIM_THRESHOLD, _TRIM_BYTES)
