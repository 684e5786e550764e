"""Texts that are the same for all monitors but for the monitor's name, made once.

Rules and dashboard of a monitor are a hundred and eighty kilobytes, of which its names are a few
hundred bytes; to make them takes twenty milliseconds, to put the names in takes one.  All places
are replaced in one pass, so a monitor that bears a placeholder's name gets into no other's.
"""

import re
from typing import Final

from modelmonitor_api.errors import InputError
from modelmonitor_api.grammar import is_dns_name
from modelmonitor_api.names import dashboard_uid

NAMESPACE: Final = "zz-some-namespace-zz"
MONITOR: Final = "zz-some-monitor-zz"
_UID: Final = dashboard_uid(NAMESPACE, MONITOR)
_PLACES: Final = re.compile("|".join((NAMESPACE, MONITOR, _UID)))


def put_in(text: str, namespace: str, monitor: str) -> str:
    """`text`, made for NAMESPACE and MONITOR, for another monitor.

    InputError where a name is no DNS name: only those mean nothing in JSON, PromQL and regular
    expressions, and need no quoting.

    >>> put_in(f"{NAMESPACE}/{MONITOR}", MONITOR, "churn")
    'zz-some-monitor-zz/churn'
    """
    for field, name in (("metadata.namespace", namespace), ("metadata.name", monitor)):
        if not is_dns_name(name):
            raise InputError(field, f"is {name!r}; it must be a DNS name, as Kubernetes demands")
    names = {NAMESPACE: namespace, MONITOR: monitor, _UID: dashboard_uid(namespace, monitor)}
    return _PLACES.sub(lambda place: names[place[0]], text)
