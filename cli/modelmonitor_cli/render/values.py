"""The chart's values from a file, or their defaults."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import yaml

from modelmonitor_api.errors import InputError
from modelmonitor_cli.render.chart_keys import check_keys
from modelmonitor_operator.render.settings import RenderSettings, read_settings

Settings = TypeVar("Settings")


def read_values(file: Path | None) -> RenderSettings:
    """InputError names the file and the key that is wrong."""
    return settings_in(file, read_settings)


def settings_in(file: Path | None, read: Callable[[Mapping[str, Any]], Settings]) -> Settings:
    """What `read` makes of the values in a file (None: of no values); InputError as above, also for
    a key that the chart does not have.
    """
    values = {} if file is None else _mapping(file)
    try:
        check_keys(values)
        return read(values)
    except InputError as error:
        raise InputError(f"{file or '--values'}: {error.where}", error.problem) from None


def _mapping(file: Path) -> Mapping[str, Any]:
    try:
        values = yaml.safe_load(file.read_bytes())
    except OSError as error:
        raise InputError(str(file), f"cannot be read ({error.strerror}); check the name") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())
        raise InputError(str(file), f"is no YAML ({reason}); mend it") from None
    if values is not None and not isinstance(values, dict):
        raise InputError(str(file), "is no mapping; give the chart's values, as in values.yaml")
    return values or {}
