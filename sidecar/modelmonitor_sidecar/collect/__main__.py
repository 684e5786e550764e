"""`modelmonitor-collector`: binds the sockets and becomes the supervisor of the collector's worker.

Loads neither numpy nor the worker; the supervisor imports that by name.
"""

import os
import sys
from collections.abc import Sequence
from typing import Final

from modelmonitor_api.errors import InputError
from modelmonitor_sidecar.collect.settings import Settings, read_settings
from modelmonitor_sidecar.supervise.limits import container_memory_bytes
from modelmonitor_sidecar.supervise.listen import ListenError, listen, listen_unix
from modelmonitor_sidecar.supervise.plan import Plan
from modelmonitor_sidecar.supervise.pulse import Pulse
from modelmonitor_sidecar.supervise.recorder import FlightRecorder
from modelmonitor_sidecar.supervise.supervisor import supervise

NAME: Final = "modelmonitor-collector"
WORKER: Final = "modelmonitor_sidecar.collect.worker"
GRACE_SECONDS: Final = 3.0
SILENT_SECONDS: Final = 30.0
"""Longer than any payload takes that the decoders let pass."""
WRONG_INPUT: Final = 1
WRONG_USAGE: Final = 2
_ONE_THREAD: Final = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit status and prints one sentence where something is wrong."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    try:
        settings = read_settings(words, os.environ, container_memory_bytes())
    except InputError as error:
        return _complain(str(error), WRONG_USAGE)
    for variable in _ONE_THREAD:  # threads would not survive the fork, and cost memory
        os.environ[variable] = "1"
    try:
        return supervise(_plan(settings))
    except ListenError as error:
        return _complain(str(error), WRONG_INPUT)


def _plan(settings: Settings) -> Plan:
    pulse, recorder = Pulse(), FlightRecorder()
    frames, metrics = listen_unix(settings.socket), listen(settings.listen, "--listen")
    status = None if settings.status == settings.listen else listen(settings.status, "--status")
    return Plan(
        name=NAME,
        module=WORKER,
        sockets=(frames, metrics),
        arguments=(status, settings, pulse, recorder),
        grace_seconds=GRACE_SECONDS,
        memory_bytes=settings.memory_bytes,
        pulse=pulse,
        silent_seconds=SILENT_SECONDS,
        recorder=recorder,
    )


def _complain(sentence: str, status: int) -> int:
    print(f"{NAME}: {sentence}", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
