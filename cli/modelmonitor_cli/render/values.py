"""The chart's values from a file, or their defaults."""

from pathlib import Path

import yaml

from modelmonitor_api.errors import InputError
from modelmonitor_operator.render.settings import RenderSettings, read_settings


def read_values(file: Path | None) -> RenderSettings:
    """InputError names the file and the key that is wrong."""
    if file is None:
        return RenderSettings()
    try:
        values = yaml.safe_load(file.read_bytes())
    except OSError as error:
        raise InputError(str(file), f"cannot be read ({error.strerror}); check the name") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())
        raise InputError(str(file), f"is no YAML ({reason}); mend it") from None
    if values is not None and not isinstance(values, dict):
        raise InputError(str(file), "is no mapping; give the chart's values, as in values.yaml")
    try:
        return read_settings(values or {})
    except InputError as error:
        raise InputError(f"{file}: {error.where}", error.problem) from None
