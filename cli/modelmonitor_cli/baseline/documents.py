"""Reads baselines from files, as JSON or packed."""

from pathlib import Path

from modelmonitor_api.baseline import Baseline
from modelmonitor_api.baseline_reading import read_baseline
from modelmonitor_api.errors import InputError


def read_file(path: Path) -> Baseline:
    """The baseline in a file; InputError names the file and the field."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(
            str(path), f"cannot be read ({error.strerror}); check the path and its permissions"
        ) from None
    return read_baseline(data, str(path))
