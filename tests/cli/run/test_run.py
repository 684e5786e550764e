"""`modelmonitor run` as people meet it: a process in front of a server."""

import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from modelmonitor_api import names
from modelmonitor_cli import testing_chaos as chaos
from modelmonitor_cli.testing import (
    RunningPair,
    accounted,
    eventually,
    fetched,
    free_ports,
    running_pair,
    total,
)

DEADLINE_SECONDS = 20
GOOD: tuple[bytes, dict[str, str]] = (chaos.GOOD, {})


@pytest.fixture
def upstream() -> Iterator[str]:
    with chaos.model_server() as address:
        yield address


@pytest.fixture
def pair(upstream: str, tmp_path: Path) -> Iterator[RunningPair]:
    with running_pair(upstream, baselines=[str(chaos.baseline_file(tmp_path))]) as running:
        yield running


def family(pid: int) -> list[int]:
    """All processes below `pid`."""
    young = chaos.children(pid)
    return [*young, *(grandchild for child in young for grandchild in family(child))]


def all_end(pids: list[int]) -> bool:
    """Whether each of the processes ended before the deadline."""
    for pid in pids:
        try:
            watched = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        ended, _, _ = select.select([watched], [], [], DEADLINE_SECONDS)
        os.close(watched)
        if not ended:
            return False
    return True


def supervisor(pair: RunningPair, module: bytes) -> int:
    """The child of `run` that runs this module."""
    (found,) = (
        child
        for child in chaos.children(pair.process.pid)
        if module in Path(f"/proc/{child}/cmdline").read_bytes()
    )
    return found


def test_requests_and_rows_are_counted_and_the_page_is_there(pair: RunningPair) -> None:
    sent = chaos.send(pair.listen, iter([GOOD] * 25))
    assert (sent.answered, sent.failed) == (25, 0)
    assert eventually(lambda: accounted(pair.requests(), chaos.MODEL) == 25)
    assert total(pair.requests(), names.FRAMES, model=chaos.MODEL, outcome="decoded") == 25
    assert total(pair.features(), names.ROWS, model=chaos.MODEL) == 25 * chaos.ROWS_OF_GOOD
    assert total(pair.features(), names.FEATURE_MISSING_ROWS, feature="b") == 25
    assert "<html" in fetched(f"http://{pair.collector}/")
    assert chaos.MODEL in fetched(f"http://{pair.collector}/api/status")


def test_without_monitor_and_baseline_rows_are_counted_too(upstream: str) -> None:
    with running_pair(upstream) as pair:
        chaos.send(pair.listen, iter([GOOD] * 3))
        rows = 3 * chaos.ROWS_OF_GOOD
        assert eventually(lambda: total(pair.features(), names.ROWS, model="model") == rows)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_everything_well(pair: RunningPair, number: signal.Signals) -> None:
    below = family(pair.process.pid)
    assert len(below) >= 4  # two supervisors, two workers
    pair.process.send_signal(number)
    assert pair.process.wait(DEADLINE_SECONDS) == 0
    assert all_end(below)


def test_a_killed_run_leaves_no_process(pair: RunningPair) -> None:
    below = family(pair.process.pid)
    pair.process.kill()
    assert all_end(below)


def test_the_private_folder_is_gone_afterwards(upstream: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        temporary = Path(name)
        with running_pair(upstream, environment={**os.environ, "TMPDIR": name}) as pair:
            (folder,) = temporary.iterdir()
            assert folder.stat().st_mode & 0o077 == 0
            chaos.send(pair.listen, iter([GOOD]))
        assert list(temporary.iterdir()) == []


def test_a_collector_that_ends_is_started_again_and_traffic_goes_on(pair: RunningPair) -> None:
    os.kill(supervisor(pair, b"modelmonitor_sidecar.collect"), signal.SIGKILL)
    sent = chaos.send(pair.listen, iter([GOOD] * 20))
    assert (sent.answered, sent.failed) == (20, 0)
    assert eventually(lambda: accounted(pair.requests(), chaos.MODEL) == 20)
    sent = chaos.send(pair.listen, iter([GOOD]))
    assert eventually(lambda: total(pair.features(), names.ROWS, model=chaos.MODEL) >= 2)


def test_the_end_of_the_proxy_is_the_end_with_status_1(pair: RunningPair) -> None:
    below = family(pair.process.pid)
    os.kill(supervisor(pair, b"modelmonitor_sidecar.proxy"), signal.SIGKILL)
    assert pair.process.wait(DEADLINE_SECONDS) == 1
    assert all_end(below)


def test_the_server_sees_no_client_from_localhost(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(DEADLINE_SECONDS)
        with running_pair(f"127.0.0.1:{server.getsockname()[1]}") as pair:
            host, port = pair.listen.split(":")
            seen = set()
            with socket.create_connection((host, int(port))):
                while "127.0.0.2" not in seen:  # `run` asks once whether the server is there
                    connection, (peer, _) = server.accept()
                    connection.close()
                    seen.add(peer)


def test_a_server_that_is_not_up_yet_is_a_warning(tmp_path: Path) -> None:
    errors = tmp_path / "errors"
    (port,) = free_ports(1)
    with errors.open("wb") as file, running_pair(f"127.0.0.1:{port}", errors=file) as pair:
        host, listen = pair.listen.split(":")
        with (
            pytest.raises(ConnectionResetError),
            socket.create_connection((host, int(listen)), DEADLINE_SECONDS) as refused,
        ):
            refused.recv(1)
    assert f"--upstream: nobody listens on 127.0.0.1:{port} yet; requests" in errors.read_text()


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (["--monitor", "absent.yaml"],
         "modelmonitor: absent.yaml: cannot be read (No such file or directory); "
         "check the name and its rights"),
        (["--baseline", "absent.json"],
         "modelmonitor: absent.json: cannot be read (No such file or directory); "
         "check the name and its rights"),
    ],
)  # fmt: skip
def test_wrong_input_exits_with_1_and_one_sentence(
    flags: list[str], sentence: str, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "modelmonitor_cli", "run", *flags]
    command += ["--listen", "127.0.0.1:9", "--upstream", "127.0.0.1:8"]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert (ended.returncode, ended.stderr, ended.stdout) == (1, sentence + "\n", "")
