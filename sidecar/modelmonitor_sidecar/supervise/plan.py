"""What the supervisor is asked to keep alive."""

import socket
from collections.abc import Mapping
from dataclasses import dataclass, field

from modelmonitor_sidecar.supervise.patience import QUICK_SECONDS
from modelmonitor_sidecar.supervise.pulse import Pulse
from modelmonitor_sidecar.supervise.recorder import FlightRecorder


@dataclass(frozen=True, slots=True)
class Life:
    """What a worker is told about those before it.

    `number` counts from 1; `deaths` counts lives that ended unasked, by cause: the signal's name
    ("SIGKILL"), "exit N", or "silent" (no heartbeat).
    """

    number: int
    deaths: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """One worker: ``import_module(module).main(*sockets, *arguments, life)`` in a forked child.

    `name` opens every message on standard error.  `grace_seconds` is how long the worker may take
    to end after SIGTERM.  `memory_bytes` bounds the worker's private memory (None: no bound).  With
    a `pulse`, a worker that has not beaten for `silent_seconds` is killed.  A `recorder` is settled
    after each death.  A life shorter than `quick_seconds` is a failed start; after some of those in
    a row the next one waits.
    """

    name: str
    module: str
    sockets: tuple[socket.socket, ...]
    arguments: tuple[object, ...] = ()
    grace_seconds: float = 5.0
    memory_bytes: int | None = None
    pulse: Pulse | None = None
    silent_seconds: float = 30.0
    recorder: FlightRecorder | None = None
    quick_seconds: float = QUICK_SECONDS
