"""Labels of alerts that are not about one version of one model: every alert bears all of them."""

from collections.abc import Mapping
from typing import Final

from modelmonitor_api import names

WHOLE_MODEL: Final[Mapping[str, str]] = {names.L_VERSION: "all"}
WHOLE_MONITOR: Final[Mapping[str, str]] = {names.L_MODEL: names.OTHER, **WHOLE_MODEL}
"""The pods and their sidecars, whatever model they serve."""
