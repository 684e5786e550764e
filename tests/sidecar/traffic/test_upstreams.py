"""Where the model server may listen, and whom it takes its clients for."""

import http.client
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from modelmonitor_sidecar.testing_processes import ProxyProcess, eventually, free_port

Start = Callable[..., ProxyProcess]
DEADLINE_SECONDS = 30.0


def host_address() -> str:
    """This machine's own address; without a network, a loopback address that is not 127.0.0.1."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing
        except OSError:
            return "127.0.0.3"
        return str(probe.getsockname()[0])


def source_seen(proxy: ProxyProcess, listening: socket.socket) -> str:
    """The address that a server sees its client come from."""
    listening.settimeout(DEADLINE_SECONDS)
    with socket.create_connection(("127.0.0.1", proxy.port), DEADLINE_SECONDS) as client:
        served, peer = listening.accept()
        with served:
            served.sendall(b"here")
            assert client.recv(16) == b"here"
    return str(peer[0])


@pytest.mark.parametrize("host", ["127.0.0.1", "the host's own"])
def test_a_server_on_one_address_only_is_found_and_sees_the_pods_address(
    start: Start, host: str
) -> None:
    pod = host_address()
    with socket.create_server((pod if host == "the host's own" else host, 0)) as listening:
        proxy = start(
            str(listening.getsockname()[1]), flags=(), environment={"MODELMONITOR_POD_IP": pod}
        )

        assert source_seen(proxy, listening) == pod
        assert source_seen(proxy, listening) == pod
        assert proxy.total("modelmonitor_proxy_plain_dials_total") == 0


def test_a_server_on_the_ipv6_loopback_only_is_found_and_the_plain_dial_is_told(
    start: Start,
) -> None:
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as listening:
        proxy = start(
            str(listening.getsockname()[1]),
            flags=(),
            environment={"MODELMONITOR_POD_IP": host_address()},
        )

        assert source_seen(proxy, listening) == "::1"
        assert proxy.total("modelmonitor_proxy_plain_dials_total") > 0


def test_a_server_that_moves_to_another_address_is_found_again(start: Start) -> None:
    port = free_port()
    proxy = start(str(port), flags=(), environment={"MODELMONITOR_POD_IP": "127.0.0.3"})
    for host in ("127.0.0.1", "127.0.0.3", "127.0.0.1"):
        with socket.create_server((host, port)) as listening:
            assert source_seen(proxy, listening) == "127.0.0.3"


def test_a_source_that_is_not_ours_costs_no_connection(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        upstream = f"127.0.0.1:{listening.getsockname()[1]}"
        proxy = start(upstream, flags=("--source", "192.0.2.7"))

        assert source_seen(proxy, listening) == "127.0.0.1"
        assert proxy.total("modelmonitor_proxy_plain_dials_total") == 1


APP = """
async def app(scope, receive, send):
    client = f"{scope['client'][0]} over {scope['scheme']}".encode()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": client})
"""


@pytest.fixture
def uvicorn(tmp_path: Path) -> Iterator[int]:
    """A uvicorn with its own defaults, which believe 127.0.0.1."""
    (tmp_path / "the_app.py").write_text(APP)
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "the_app:app", "--port", str(port)]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    environment.pop("FORWARDED_ALLOW_IPS", None)
    with (tmp_path / "uvicorn.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
    eventually(lambda: answers(port), "uvicorn answers")
    yield port
    process.terminate()
    process.wait()


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1.0).close()
    except OSError:
        return False
    return True


def ask_with_forged_headers(port: int) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE_SECONDS)
    headers = {"X-Forwarded-For": "6.6.6.6", "X-Forwarded-Proto": "https"}
    connection.request("GET", "/", headers=headers)
    answer = connection.getresponse().read().decode()
    connection.close()
    return answer


def test_uvicorn_behind_the_proxy_does_not_believe_a_forged_header(
    uvicorn: int, start: Start
) -> None:
    run = start(f"127.0.0.1:{uvicorn}", flags=("--source", "127.0.0.2"))
    pod = host_address()
    in_pod = start(str(uvicorn), flags=(), environment={"MODELMONITOR_POD_IP": pod})

    assert ask_with_forged_headers(uvicorn) == "6.6.6.6 over https", "else the test tests nothing"
    assert ask_with_forged_headers(run.port) == "127.0.0.2 over http"
    assert ask_with_forged_headers(in_pod.port) == f"{pod} over http"
