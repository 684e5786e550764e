"""One proxy for the session, and the comparison with a direct connection."""

import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from modelmonitor_sidecar.testing_processes import ProxyProcess, start_proxy
from modelmonitor_sidecar.testing_traffic import Exchange, Script, exchange

Same = Callable[[Script, Script], Exchange]
Start = Callable[..., ProxyProcess]
DEADLINE_SECONDS = 30.0


@pytest.fixture
def model() -> Iterator[socket.socket]:
    """Where a model server of the test's own listens."""
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listening:
        listening.settimeout(DEADLINE_SECONDS)
        yield listening


@pytest.fixture(scope="session")
def all_models() -> Iterator[socket.socket]:
    """Where the scripted model servers behind the session's proxy listen, one after the other."""
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listening:
        yield listening


@pytest.fixture
def shared_model(all_models: socket.socket) -> socket.socket:
    """`all_models` without connections that a failed test may have left there."""
    all_models.settimeout(0)
    with suppress(BlockingIOError):
        while True:
            all_models.accept()[0].close()
    return all_models


@pytest.fixture(scope="session")
def proxy(
    all_models: socket.socket, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ProxyProcess]:
    """A proxy in front of `all_models`, without configuration and without a collector."""
    upstream = f"127.0.0.1:{all_models.getsockname()[1]}"
    folder = tmp_path_factory.mktemp("proxy")
    started = start_proxy(folder, upstream, ["--source", "127.0.0.2"])
    yield started
    started.end()
    assert started.said.count("Traceback") == 0, started.said


@pytest.fixture
def same(shared_model: socket.socket, proxy: ProxyProcess) -> Same:
    """Play two scripts directly and through the proxy; both must see the same, in order."""

    def compare(client: Script, server: Script) -> Exchange:
        direct = exchange(shared_model.getsockname(), shared_model, client, server)
        proxied = exchange(("127.0.0.1", proxy.port), shared_model, client, server)
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
