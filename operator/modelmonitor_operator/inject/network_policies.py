"""Network policies that let traffic to the app's port pass, which now arrives at the proxy's.

The port's name leads to the proxy, but some network plugins find names in containers only, not in
sidecars; so only the proxy's number lets pass for certain.  It refuses to know policies of service
meshes and of network plugins.
"""

from modelmonitor_operator.inject.pods import Raw, entries, inner
from modelmonitor_operator.inject.selectors import selects


def stops_proxy(policy: Raw, labels: Raw, app: int | str, proxy: int) -> bool:
    """Whether a NetworkPolicy for pods with these labels lets `app` pass and not `proxy`.

    `app` is the port's number, or its name.
    """
    if not selects(inner(policy, "spec", "podSelector"), labels):
        return False
    rules = [entries(rule, "ports") for rule in entries(inner(policy, "spec"), "ingress")]
    named = [ports for ports in rules if any(_covers(port, app) for port in ports)]
    return any(not any(_covers(port, proxy) for port in ports) for ports in named)


def _covers(port: Raw, wanted: int | str) -> bool:
    """A range ends in `endPort`; an entry without a port is for every one."""
    first, last = port.get("port"), port.get("endPort")
    if first is None:
        return True
    if not isinstance(first, int) or not isinstance(wanted, int):
        return bool(first == wanted)
    return first <= wanted <= (last if isinstance(last, int) else first)
