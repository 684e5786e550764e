"""The two Prometheis that the rules promise to run in: 2.42 or later 2.x, and 3.x.

CI fails without them; elsewhere a test says what it misses.
"""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

FOLDER_OF_3: Final = "MODELMONITOR_PROMETHEUS3"
_REMEDY: Final = {
    "2": "put the binaries of Prometheus 2.42 or later 2.x on the path (Debian: prometheus)",
    "3": f"set {FOLDER_OF_3} to a folder that holds the binaries of a Prometheus 3",
}


def prometheus(major: str) -> Path:
    """The server of that major version."""
    return _checked("prometheus", major)


def promtool() -> Path:
    """The tool on the path, of version 2."""
    return _checked("promtool", "2")


def _checked(tool: str, major: str) -> Path:
    folder = os.environ.get(FOLDER_OF_3, "") if major == "3" else None
    found = shutil.which(tool, path=folder) if folder != "" else None
    if found is None:
        _missing(f"{tool} {major} is not there; {_REMEDY[major]}")
    said = subprocess.run([found, "--version"], capture_output=True, text=True, check=True)
    if f"version {major}." not in said.stdout + said.stderr:
        _missing(f"{found} is no version {major}; {_REMEDY[major]}")
    return Path(found)


def _missing(sentence: str) -> None:
    verdict = pytest.fail if os.environ.get("CI") else pytest.skip
    verdict(sentence)
