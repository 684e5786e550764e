"""The command `modelmonitor-proxy` where it cannot start, and its preStop hook."""

import socket
import threading
from collections.abc import Iterator

import pytest

from modelmonitor_sidecar.proxy.__main__ import main


@pytest.fixture
def taken() -> Iterator[socket.socket]:
    """A socket that listens on a free port."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def test_a_taken_port_is_one_sentence(
    taken: socket.socket, capsys: pytest.CaptureFixture[str]
) -> None:
    port = taken.getsockname()[1]

    assert main(["--listen", f"127.0.0.1:{port}", "--upstream", "127.0.0.1:1"]) == 1
    assert capsys.readouterr().err == (
        f"modelmonitor-proxy: cannot listen on 127.0.0.1:{port}: "
        "the address is in use; choose another with --listen\n"
    )


def test_a_wrong_flag_is_one_sentence_and_another_status(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--listen", "here", "--upstream", "127.0.0.1:1"]) == 2
    assert capsys.readouterr().err == (
        "modelmonitor-proxy: --listen: 'here' is no address; "
        "write HOST:PORT, for instance 127.0.0.1:9000\n"
    )


def answering(server: socket.socket, answer: bytes) -> threading.Thread:
    """Answer one connection, whatever it asks."""

    def serve() -> None:
        connection, _ = server.accept()
        with connection:
            assert connection.recv(4096).startswith(b"POST /drain HTTP/1.0\r\n")
            connection.sendall(answer)

    thread = threading.Thread(target=serve)
    thread.start()
    return thread


def test_drain_tells_the_running_proxy(
    taken: socket.socket, capsys: pytest.CaptureFixture[str]
) -> None:
    thread = answering(taken, b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    assert main(["drain", "--admin", f"*:{taken.getsockname()[1]}"]) == 0
    thread.join()
    assert capsys.readouterr() == ("", "")


def test_drain_to_somebody_else_is_a_sentence(
    taken: socket.socket, capsys: pytest.CaptureFixture[str]
) -> None:
    thread = answering(taken, b"HTTP/1.1 404 Not Found\r\n\r\n")
    address = f"127.0.0.1:{taken.getsockname()[1]}"

    assert main(["drain", "--admin", address]) == 1
    thread.join()
    assert capsys.readouterr().err == (
        f"modelmonitor-proxy: {address} answered 'HTTP/1.1 404 Not Found' to /drain; "
        "is --admin the proxy's admin address?\n"
    )


def test_drain_without_a_proxy_is_a_sentence(
    taken: socket.socket, capsys: pytest.CaptureFixture[str]
) -> None:
    port = taken.getsockname()[1]
    taken.close()

    assert main(["drain", "--admin", f"127.0.0.1:{port}"]) == 1
    assert capsys.readouterr().err == (
        f"modelmonitor-proxy: no proxy answers on 127.0.0.1:{port} (Connection refused); "
        "name its address with --admin\n"
    )
