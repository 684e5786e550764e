"""One proxy for the session, and the comparison with a direct connection."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from modelmonitor_sidecar.testing_processes import ProxyProcess, start_proxy
from modelmonitor_sidecar.testing_traffic import Exchange, Script, exchange

Same = Callable[[Script, Script], Exchange]
Start = Callable[..., ProxyProcess]


@pytest.fixture(scope="session")
def model() -> Iterator[socket.socket]:
    """Where the scripted model servers of the session listen."""
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listening:
        yield listening


@pytest.fixture(scope="session")
def proxy(model: socket.socket, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProxyProcess]:
    """A proxy in front of `model`, without configuration and without a collector."""
    upstream = f"127.0.0.1:{model.getsockname()[1]}"
    folder = tmp_path_factory.mktemp("proxy")
    started = start_proxy(folder, upstream, ["--source", "127.0.0.2"])
    yield started
    started.end()
    assert started.said.count("Traceback") == 0, started.said


@pytest.fixture
def same(model: socket.socket, proxy: ProxyProcess) -> Same:
    """Play two scripts directly and through the proxy; both must see the same, in order."""

    def compare(client: Script, server: Script) -> Exchange:
        direct = exchange(model.getsockname(), model, client, server)
        proxied = exchange(("127.0.0.1", proxy.port), model, client, server)
        assert proxied.client == direct.client
        assert proxied.server == direct.server
        return proxied

    return compare


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start proxies of the test's own; they are ended after it."""
    started: list[ProxyProcess] = []

    def starter(
        upstream: str,
        flags: tuple[str, ...] = ("--source", "127.0.0.2"),
        environment: dict[str, str] | None = None,
        before: str = "",
    ) -> ProxyProcess:
        folder = tmp_path / f"proxy-{len(started)}"
        folder.mkdir(exist_ok=True)
        started.append(start_proxy(folder, upstream, flags, environment, before))
        return started[-1]

    yield starter
    for one in started:
        one.process.terminate()
        one.process.wait()
