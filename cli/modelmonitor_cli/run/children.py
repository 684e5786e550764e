"""Child processes that end when their parent does, whatever ended it.

It refuses to know what the children are for.
"""

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import IO, Final

PR_SET_PDEATHSIG: Final = 1
GRACE_SECONDS: Final = 5.0


class Child:
    """One process in a group of its own: a terminal's Ctrl-C reaches the parent alone.

    Invariant: on Linux the kernel sends it SIGTERM when the parent dies, even by SIGKILL.
    """

    def __init__(self, name: str, process: asyncio.subprocess.Process) -> None:
        self.name = name
        self._process = process

    @classmethod
    async def start(
        cls,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        output: IO[bytes] | None = None,
    ) -> "Child":
        """Start `command` with `environment` added to this process's own.

        What it prints goes to `output`, by default to where this process prints.
        """
        process = await asyncio.create_subprocess_exec(
            *command,
            env={**os.environ, **environment},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            process_group=0,
            preexec_fn=_dying_with(os.getpid()),
        )
        return cls(name, process)

    @property
    def pid(self) -> int:
        """The process, and its group."""
        return self._process.pid

    @property
    def status(self) -> int | None:
        """The exit status, negative for a signal, or None while it runs."""
        return self._process.returncode

    async def wait(self) -> int:
        """The exit status, once it has ended."""
        return await self._process.wait()

    async def end(self) -> None:
        """SIGTERM, and SIGKILL to the whole group for what is left after the grace period."""
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._process.wait(), GRACE_SECONDS)
        self.kill()
        await self._process.wait()

    def kill(self) -> None:
        """SIGKILL to the whole group, at once."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)


def _dying_with(parent: int) -> Callable[[], None] | None:
    """What the child does before it becomes its program."""
    if not sys.platform.startswith("linux"):
        return None  # signals still end the children; only a SIGKILL of the parent leaves them
    prctl = ctypes.CDLL(None).prctl

    def before_program() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # the parent died before the kernel was asked
            os.kill(os.getpid(), signal.SIGTERM)

    return before_program
