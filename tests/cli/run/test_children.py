import asyncio
import os
import select
import signal
import subprocess
import sys

import pytest

from modelmonitor_cli.run import children
from modelmonitor_cli.run.children import Child

STUBBORN = """
import signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("up", flush=True)
signal.pause()
"""
DEADLINE_SECONDS = 20

PARENT = """
import asyncio, sys
from modelmonitor_cli.run.children import Child

async def main():
    child = await Child.start("child", [sys.executable, "-c", "import signal; signal.pause()"], {})
    print(child.pid, flush=True)
    await child.wait()

asyncio.run(main())
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the kernel's promise on Linux")
def test_a_child_ends_with_its_parent_even_if_that_is_killed() -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdout=subprocess.PIPE, env=environment
    ) as parent:
        assert parent.stdout is not None
        child = os.pidfd_open(int(parent.stdout.readline()))
        parent.kill()
        ended, _, _ = select.select([child], [], [], DEADLINE_SECONDS)
        os.close(child)
    assert ended, "the child outlived its parent"


async def test_a_child_that_ignores_the_signal_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "GRACE_SECONDS", 0.05)
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb") as output, os.fdopen(writer, "wb") as child_output:
        child = await Child.start("stubborn", [sys.executable, "-c", STUBBORN], {}, child_output)
        assert await asyncio.to_thread(output.readline) == b"up\n"
        await asyncio.wait_for(child.end(), DEADLINE_SECONDS)
    assert child.status == -signal.SIGKILL


async def test_ending_a_child_that_has_ended_is_no_error() -> None:
    child = await Child.start("short", [sys.executable, "-c", ""], {})
    assert await asyncio.wait_for(child.wait(), DEADLINE_SECONDS) == 0
    await asyncio.wait_for(child.end(), DEADLINE_SECONDS)
    assert child.status == 0
