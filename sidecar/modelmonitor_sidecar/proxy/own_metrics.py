"""What the proxy says of itself: its worker, its connections, its faults.

Refuses to know requests; those are in `metrics`.
"""

import os
import resource
import time
from pathlib import Path

from modelmonitor_api import names
from modelmonitor_sidecar.exposition import counter, gauge, joined, label_text
from modelmonitor_sidecar.proxy.dial import DialCounts
from modelmonitor_sidecar.proxy.listener import Listener
from modelmonitor_sidecar.supervise.plan import Life


class OwnMetrics:
    """The families of one worker; made when it starts."""

    def __init__(self, life: Life, listener: Listener, dials: DialCounts) -> None:
        self._life = life
        self._listener = listener
        self._dials = dials
        self._started = time.time()

    def text(self, monitor: str, *, loop_failures: int, draining: bool) -> str:
        """All of them, labelled with the monitor's name."""
        common = label_text(
            {
                names.L_MONITOR: monitor,
                names.L_MODEL: names.OTHER,
                names.L_VERSION: names.UNKNOWN_VERSION,
            }
        )
        return "".join(
            (
                self._worker(common),
                self._connections(common),
                counter(
                    names.PROXY_LOOP_FAILURES,
                    "Faults of the proxy itself; the log has the traceback.",
                    [(common, loop_failures + self._listener.failures)],
                ),
                gauge(
                    names.PROXY_DRAINING,
                    "1 after the pod's end was announced.",
                    [(common, draining)],
                ),
            )
        )

    def _worker(self, common: str) -> str:
        usage = resource.getrusage(resource.RUSAGE_SELF)
        deaths = [
            (joined(common, label_text({names.L_CAUSE: cause})), count)
            for cause, count in sorted(self._life.deaths.items())
        ]
        return "".join(
            (
                gauge(
                    names.PROXY_START_TIME,
                    "When the worker that answers was started.",
                    [(common, self._started)],
                ),
                counter(
                    names.PROXY_CPU,
                    "Processor time of the worker.",
                    [(common, usage.ru_utime + usage.ru_stime)],
                ),
                gauge(
                    names.PROXY_MEMORY,
                    "Resident memory of the worker.",
                    [(common, _resident_bytes())],
                ),
                counter(names.PROXY_WORKER_DEATHS, "Workers that ended unasked.", deaths),
            )
        )

    def _connections(self, common: str) -> str:
        outcomes = {"connected": self._dials.connected, "refused": self._dials.refused}
        return "".join(
            (
                gauge(
                    names.PROXY_CONNECTIONS,
                    "Clients accepted and not yet gone.",
                    [(common, self._listener.connections)],
                ),
                counter(
                    names.PROXY_DIALS,
                    "Attempts to reach the model server.",
                    [
                        (joined(common, label_text({names.L_OUTCOME: outcome})), count)
                        for outcome, count in outcomes.items()
                    ],
                ),
                counter(
                    names.PROXY_PLAIN_DIALS,
                    "Connections to the model server without a source address of the pod.",
                    [(common, self._dials.plain)],
                ),
                counter(
                    names.PROXY_ACCEPT_PAUSES,
                    "How often accepting had to wait for descriptors.",
                    [(common, self._listener.exhausted)],
                ),
            )
        )


def _resident_bytes() -> int:
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
