"""Addresses that stand in dashboards: from the administrator, never from a monitor's author."""

import re
from typing import Final

from modelmonitor_api.errors import InputError

_URL: Final = re.compile(r"https?://[A-Za-z0-9._~:/@%+,;=-]+")


def checked_url(url: str) -> str:
    """The address without a last slash; InputError where it is more than a plain one.

    `$` and `{` would be read by Grafana, brackets by Markdown, `javascript:` by browsers.
    """
    if not _URL.fullmatch(url):
        raise InputError(
            "the runbook's address",
            "must begin with https:// or http:// and have letters, digits and . _ ~ : / @ % + , "
            "; = - only",
        )
    return url.rstrip("/")
