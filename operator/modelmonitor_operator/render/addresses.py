"""Addresses in alerts and dashboards: from the administrator, never from a monitor's author."""

import re
from typing import Final

from modelmonitor_api.errors import InputError

_PLAIN: Final = re.compile(r"https?://[A-Za-z0-9._~:/@%+,;=-]+")


PLAIN_URL: Final = (
    "must begin with https:// or http:// and have letters, digits and . _ ~ : / @ % + , ; = - only"
)
"""What an address must be, in words."""


def is_plain_url(url: str) -> bool:
    """Whether nobody reads more into it than an address.

    `$` and `{` would be read by Grafana, `{{` by Prometheus, brackets by Markdown, `javascript:`
    by browsers.
    """
    return _PLAIN.fullmatch(url) is not None


def checked_url(url: str) -> str:
    """The address without a last slash; InputError where it is more than a plain one."""
    if not is_plain_url(url):
        raise InputError("the runbook's address", PLAIN_URL)
    return url.rstrip("/")
