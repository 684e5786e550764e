"""`modelmonitor-proxy`: binds the sockets and becomes the supervisor of the proxy's worker.

The worker is Python and the standard library alone, so it is loaded right away: trying it in a
child first would cost a third of the time until the first byte is served.
"""

import importlib
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from modelmonitor_sidecar.proxy.drain_command import DrainError, drain
from modelmonitor_sidecar.proxy.settings import NAME, ProxySettings, read_settings
from modelmonitor_sidecar.supervise.address import AddressError
from modelmonitor_sidecar.supervise.limits import raise_descriptor_limit
from modelmonitor_sidecar.supervise.listen import ListenError, listen
from modelmonitor_sidecar.supervise.plan import Plan
from modelmonitor_sidecar.supervise.supervisor import supervise

WORKER: Final = "modelmonitor_sidecar.proxy.worker"
GRACE_SECONDS: Final = 3.0
"""The worker promises to end within a second of SIGTERM; this is for a machine that is busy."""
WRONG_INPUT: Final = 1
WRONG_USAGE: Final = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit status and prints one sentence where something is wrong."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    try:
        if words[:1] == ["drain"]:
            drain(words[1:])
            return 0
        return supervise(_plan(read_settings(words, os.environ)))
    except AddressError as error:
        _complain(str(error))
        return WRONG_USAGE
    except (ListenError, DrainError) as error:
        _complain(str(error))
        return WRONG_INPUT


def _plan(settings: ProxySettings) -> Plan:
    raise_descriptor_limit()
    with suppress(Exception):  # the supervisor says so, and goes on trying
        importlib.import_module(WORKER)
    traffic = listen(settings.listen, "--listen")
    admin = listen(settings.admin, "--admin")
    return Plan(
        name=NAME,
        module=WORKER,
        sockets=(traffic, admin),
        arguments=(settings,),
        grace_seconds=GRACE_SECONDS,
    )


def _complain(sentence: str) -> None:
    print(f"{NAME}: {sentence}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
