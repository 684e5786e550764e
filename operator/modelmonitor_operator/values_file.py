"""Reads the chart's values from a file, for the processes that are started with one."""

from pathlib import Path

import yaml

from modelmonitor_api.errors import InputError


def read_values(file: Path) -> dict[str, object]:
    """The mapping in it; InputError names the file and what is wrong."""
    try:
        values = yaml.safe_load(file.read_bytes())
    except OSError as error:
        raise InputError(str(file), f"cannot be read ({error.strerror}); check the name") from None
    except yaml.YAMLError as error:
        raise InputError(str(file), f"is no YAML ({error}); mend it") from None
    if not isinstance(values, dict):
        raise InputError(str(file), "is no mapping; give the chart's values, as in values.yaml")
    return values
