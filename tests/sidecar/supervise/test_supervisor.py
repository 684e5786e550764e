"""What PID 1 promises, seen from outside: a real supervisor, real kills, real sockets."""

import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

DEADLINE_SECONDS = 20.0

ECHO = """
def main(listening, life):
    serve(listening, life, lambda life: [os.getpid(), life.number, life.deaths])
"""

# Everything a test may want to do to the worker from outside.
RESOURCES = """
import resource
from pathlib import Path
def main(listening, life):
    serve(listening, life, lambda life: {
        "files": resource.getrlimit(resource.RLIMIT_NOFILE),
        "core": resource.getrlimit(resource.RLIMIT_CORE),
        "filter": Path("/proc/self/coredump_filter").read_text().strip(),
        "data": resource.getrlimit(resource.RLIMIT_DATA),
    })
"""

Start = Callable[..., Any]


def eventually(condition: Callable[[], bool]) -> None:
    """Wait for something another process does; fails after a long time."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.005)


def test_connections_during_twenty_kills_wait_and_none_is_refused(start: Start) -> None:
    supervised = start(ECHO)
    pids = []
    for _ in range(20):
        pid, _, _ = json.loads(supervised.ask())
        pids.append(pid)
        supervised.kill_and_wait(pid)
    _, number, deaths = json.loads(supervised.ask())

    assert len(set(pids)) == 20
    assert (number, deaths) == (21, {"SIGKILL": 20})


def test_fifty_kills_leak_no_descriptor(start: Start) -> None:
    supervised = start(ECHO)
    pid, _, _ = json.loads(supervised.ask())
    own = Path(f"/proc/{supervised.process.pid}/fd")
    before = len(list(own.iterdir()))
    worker_before = len(list(Path(f"/proc/{pid}/fd").iterdir()))
    for _ in range(50):
        supervised.kill_and_wait(pid)
        pid, _, _ = json.loads(supervised.ask())

    assert len(list(own.iterdir())) == before
    # The worker's accepted connection may still be closing while we look.
    eventually(lambda: len(list(Path(f"/proc/{pid}/fd").iterdir())) == worker_before)


def test_the_parent_of_workers_has_one_thread(start: Start) -> None:
    supervised = start(ECHO)
    supervised.ask()

    assert len(list(Path(f"/proc/{supervised.process.pid}/task").iterdir())) == 1
    assert supervised.said() == ""


def test_a_module_that_starts_a_thread_on_import_is_told_of(start: Start) -> None:
    thread = (
        "import threading\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()"
    )
    supervised = start(thread + ECHO)

    assert json.loads(supervised.ask())[1] == 1
    assert "the_worker started 1 threads on import; workers may hang" in supervised.said()


def test_orphans_are_reaped(start: Start) -> None:
    supervised = start("""
    def orphan():
        reading, writing = os.pipe()
        if (child := os.fork()) == 0:
            if (grandchild := os.fork()) == 0:
                os.read(reading, 1)  # lives until the worker says so, then is nobody's child
                os._exit(0)
            os.write(writing, b"")
            os._exit(grandchild % 256)
        os.waitpid(child, 0)
        os.write(writing, b"x")

    def main(listening, life):
        for _ in range(5):
            orphan()
        serve(listening, life, lambda life: os.getpid())
    """)
    worker = json.loads(supervised.ask())
    own = supervised.process.pid

    eventually(lambda: children(own) == [worker])


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_an_order_to_end_is_forwarded_as_sigterm_and_the_workers_status_is_ours(
    start: Start, number: signal.Signals
) -> None:
    supervised = start("""
    def main(listening, life):
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))
        serve(listening, life, lambda life: 0)
    """)
    supervised.ask()

    assert supervised.end(number) == 7
    assert supervised.said() == ""


def test_a_worker_that_will_not_end_is_killed_after_its_grace(start: Start) -> None:
    supervised = start(
        """
    def main(listening, life):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        serve(listening, life, lambda life: 0)
    """,
        "{'grace_seconds': 0.1}",
    )
    supervised.ask()

    assert supervised.end() == 128 + signal.SIGKILL
    assert "did not end within 0.1 s and is killed" in supervised.said()


def test_nobody_waits_in_a_backlog_that_no_worker_serves_any_more(start: Start) -> None:
    supervised = start("""
    def finish(listening):
        listening.close()
        print("closed", flush=True)
        time.sleep(60)

    def main(listening, life):
        signal.signal(signal.SIGTERM, lambda *_: finish(listening))
        serve(listening, life, lambda life: 0)
    """)
    supervised.ask()
    supervised.process.send_signal(signal.SIGTERM)
    assert supervised.process.stdout.readline() == "closed\n"

    with pytest.raises(ConnectionRefusedError):
        supervised.ask()


def test_ctrl_c_on_the_whole_group_does_not_interrupt_the_worker(start: Start) -> None:
    supervised = start("""
    def main(listening, life):
        serve(listening, life, lambda life: os.getpid())
    """)
    pid = json.loads(supervised.ask())
    os.kill(pid, signal.SIGINT)

    assert json.loads(supervised.ask()) == pid


def test_a_worker_that_returns_is_started_again(start: Start) -> None:
    supervised = start("""
    def main(listening, life):
        if life.number > 2:
            serve(listening, life, lambda life: [life.number, life.deaths])
        return 0 if life.number == 1 else None
    """)

    assert json.loads(supervised.ask()) == [3, {"exit 0": 2}]


@pytest.mark.parametrize(
    "crash",
    ["raise RuntimeError('no such volume')", "def", "os._exit(3)", "os.kill(os.getpid(), 11)"],
)
def test_a_module_that_crashes_on_import_is_tried_again_until_it_does_not(
    start: Start, rewrite: Callable[[str], None], crash: str
) -> None:
    supervised = start(crash)
    eventually(lambda: supervised.said().count("the worker ended") >= 2)

    assert "the_worker cannot be imported; each worker tries again" in supervised.said()
    assert supervised.process.poll() is None
    rewrite("# another length, so that no cached byte code is taken for it\n" + ECHO)
    assert json.loads(supervised.ask())[1] >= 3


def test_a_worker_that_raises_says_why_and_is_replaced(start: Start) -> None:
    supervised = start("""
    def main(listening, life):
        if life.number == 1:
            raise RuntimeError("as told")
        serve(listening, life, lambda life: life.deaths)
    """)

    assert json.loads(supervised.ask()) == {"exit 1": 1}
    assert "RuntimeError: as told" in supervised.said()
    assert "test: the worker ended (exit 1) after" in supervised.said()


def test_workers_that_die_at_their_start_do_not_spin(start: Start) -> None:
    supervised = start("def main(listening, life): pass", "{'quick_seconds': 0.5}")

    eventually(lambda: "the next starts in 0.1 s" in supervised.said())
    assert "the next starts in 0.05 s" in supervised.said()
    assert supervised.said().count("at once") == 3
    assert supervised.end() == 0


def test_a_fork_that_fails_is_tried_again(start: Start) -> None:
    before = """
import os
def failing_fork(fork=os.fork, calls=[]):
    calls.append(1)
    if len(calls) == 2:  # the first is the trial of the import
        raise OSError(11, "Resource temporarily unavailable")
    return fork()
os.fork = failing_fork
"""
    supervised = start(ECHO, before=before)

    assert json.loads(supervised.ask())[1] == 1
    assert "cannot start a worker (Resource temporarily unavailable)" in supervised.said()


def test_a_worker_without_a_pulse_is_killed(start: Start) -> None:
    supervised = start(
        """
    def main(listening, pulse, life):
        if life.number == 1:
            time.sleep(60)
        def answer(life):
            pulse.beat()
            return life.deaths
        serve(listening, life, answer)
    """,
        "dict(pulse=pulse, silent_seconds=0.5, arguments=(pulse,))",
    )

    assert json.loads(supervised.ask()) == {"silent": 1}
    assert "the worker ended (silent)" in supervised.said()


def test_a_payload_that_killed_twice_is_condemned_for_the_third_worker(start: Start) -> None:
    supervised = start(
        """
    POISON = b"p" * 16
    def main(listening, recorder, life):
        recorder.takes(b"g" * 16)
        recorder.done(b"g" * 16)
        if not recorder.is_condemned(POISON):
            recorder.takes(POISON)
            os.kill(os.getpid(), signal.SIGSEGV)
        serve(listening, life, lambda life: [life.number, recorder.is_condemned(b"g" * 16)])
    """,
        "dict(recorder=recorder, arguments=(recorder,))",
    )

    assert json.loads(supervised.ask()) == [3, False]


def test_a_worker_beyond_its_memory_fails_alone(start: Start) -> None:
    supervised = start(
        """
    def main(listening, life):
        if life.number == 1:
            bytearray(200 << 20)
        serve(listening, life, lambda life: life.deaths)
    """,
        "{'memory_bytes': 100 << 20}",
    )

    assert json.loads(supervised.ask()) == {"exit 1": 1}
    assert "MemoryError" in supervised.said()


def test_workers_have_all_descriptors_and_dump_no_core(start: Start) -> None:
    limits = json.loads(start(RESOURCES, "{'memory_bytes': 300 << 20}").ask())

    soft, hard = limits["files"]
    assert soft == hard
    # 1 byte stops a dump to a file and to a pipe; where the hard limit was 0 it stays 0.
    assert limits["core"] in ([0, 0], [1, 1])
    assert limits["filter"] == "00000000"
    assert limits["data"] == [300 << 20, 300 << 20]


def test_a_crash_leaves_no_core(start: Start) -> None:
    supervised = start(ECHO)
    pid, _, _ = json.loads(supervised.ask())
    os.kill(pid, signal.SIGSEGV)

    eventually(lambda: json.loads(supervised.ask())[2] == {"SIGSEGV": 1})
    assert [file for file in supervised.folder.iterdir() if file.name.startswith("core")] == []


def test_a_supervisor_that_is_killed_takes_its_worker_along(start: Start) -> None:
    supervised = start(ECHO)
    pid, _, _ = json.loads(supervised.ask())
    supervised.process.kill()
    supervised.process.wait()

    eventually(lambda: not running(pid))


def running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False
