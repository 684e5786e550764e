"""Network policies that let traffic to the app's number pass, which now arrives at the proxy's.

It refuses to know policies of service meshes and of network plugins.
"""

from modelmonitor_operator.inject.pods import Raw, entries, inner
from modelmonitor_operator.inject.selectors import selects


def stops_proxy(policy: Raw, labels: Raw, app: int, proxy: int) -> bool:
    """Whether a NetworkPolicy for pods with these labels lets `app` pass and not `proxy`."""
    if not selects(inner(policy, "spec", "podSelector"), labels):
        return False
    rules = [entries(rule, "ports") for rule in entries(inner(policy, "spec"), "ingress")]
    named = [ports for ports in rules if any(_covers(port, app) for port in ports)]
    return any(not any(_covers(port, proxy) for port in ports) for ports in named)


def _covers(port: Raw, number: int) -> bool:
    """A range ends in `endPort`; an entry without a number is for every port."""
    first, last = port.get("port"), port.get("endPort")
    if first is None:
        return True
    if not isinstance(first, int):
        return False
    return first <= number <= (last if isinstance(last, int) else first)
