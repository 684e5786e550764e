"""The proxies that are compared, each in front of the same upstream, and the upstream itself.

All of them run at once and idle while another is measured.  Addresses are loopback only.
"""

import contextlib
import json
import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import workload
from processes import tree

import tools
from modelmonitor_cli.testing import eventually

READY_SECONDS = 20.0
POLL_SECONDS = 0.02
END_SECONDS = 10.0
POD_ADDRESS = "127.0.0.2"


@dataclass(frozen=True, slots=True)
class Peer:
    """One way to the upstream: where it listens, and the process at the root of what it costs."""

    name: str
    port: int
    root: int | None

    @property
    def address(self) -> str:
        """HOST:PORT."""
        return f"127.0.0.1:{self.port}"

    def pids(self) -> list[int]:
        """All its processes; none for the direct way."""
        return [] if self.root is None else tree(self.root)


@dataclass(frozen=True, slots=True)
class Pair:
    """The project's own two processes in front of an upstream."""

    proxy: Peer
    collector_root: int
    proxy_metrics: str
    collector: str

    def collector_pids(self) -> list[int]:
        """The collector's supervisor and worker."""
        return tree(self.collector_root)


NGINX_COMMON = """
daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log error;
worker_processes 1; worker_rlimit_nofile 20000;
events {{ worker_connections 20000; }}
http {{
  access_log off; keepalive_requests 1000000000; keepalive_timeout 600s;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  {server}
}}
"""
NGINX_UPSTREAM = """
  server {{ listen 127.0.0.1:{port} backlog=4096;
    location / {{ default_type application/json; return 200 '{answer}'; }} }}
"""
NGINX_PROXY = """
  upstream model {{ server 127.0.0.1:{upstream}; keepalive 64; keepalive_requests 1000000000; }}
  server {{ listen 127.0.0.1:{port} backlog=4096; client_max_body_size 0;
    location / {{ proxy_pass http://model; proxy_http_version 1.1;
                  proxy_set_header Connection ""; }} }}
"""


@contextlib.contextmanager
def cheap_upstream(folder: Path) -> Iterator[Peer]:
    """nginx that returns one fixed answer: about as little as a server can do."""
    port = free_port()
    server = NGINX_UPSTREAM.format(port=port, answer=workload.ANSWER)
    with _nginx("direct", folder / "upstream", port, server) as peer:
        yield Peer("direct", peer.port, None)


@contextlib.contextmanager
def reading_upstream(folder: Path) -> Iterator[Peer]:
    """Reads bodies to their end before it answers, and answers of any size."""
    port = free_port()
    command = [str(tools.BINARIES / "upstream"), "-listen", f"127.0.0.1:{port}"]
    with started(command, folder / "upstream.log", port):
        yield Peer("direct", port, None)


@contextlib.contextmanager
def nginx_proxy(folder: Path, upstream: int) -> Iterator[Peer]:
    """One worker, connections to the upstream kept alive."""
    port = free_port()
    server = NGINX_PROXY.format(port=port, upstream=upstream)
    with _nginx("nginx", folder / "nginx", port, server) as peer:
        yield peer


@contextlib.contextmanager
def _nginx(name: str, folder: Path, port: int, server: str) -> Iterator[Peer]:
    folder.mkdir()
    configuration = folder / "nginx.conf"
    configuration.write_text(NGINX_COMMON.format(folder=folder, server=server))
    command = [str(tools.nginx()), "-p", str(folder), "-c", str(configuration)]
    with started(command, folder / "log", port) as process:
        yield Peer(name, port, process.pid)


@contextlib.contextmanager
def envoy_proxy(folder: Path, upstream: int) -> Iterator[Peer]:
    """One worker thread, no access log, no statistics sink."""
    port = free_port()
    configuration = folder / "envoy.json"
    configuration.write_text(json.dumps(_envoy_configuration(port, upstream)))
    command = [str(tools.ENVOY), "-c", str(configuration), "--concurrency", "1"]
    command += ["-l", "error", "--disable-hot-restart"]
    with started(command, folder / "envoy.log", port) as process:
        yield Peer("envoy", port, process.pid)


def _envoy_configuration(port: int, upstream: int) -> dict[str, object]:
    extension = "type.googleapis.com/envoy.extensions.filters"
    routes = {
        "virtual_hosts": [
            {
                "name": "all",
                "domains": ["*"],
                "routes": [{"match": {"prefix": "/"}, "route": {"cluster": "model"}}],
            }
        ]
    }
    manager = {
        "@type": f"{extension}.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "http",
        "route_config": routes,
        "http_filters": [
            {
                "name": "envoy.filters.http.router",
                "typed_config": {"@type": f"{extension}.http.router.v3.Router"},
            }
        ],
    }
    listener = {
        "address": _envoy_address(port),
        "filter_chains": [
            {
                "filters": [
                    {
                        "name": "envoy.filters.network.http_connection_manager",
                        "typed_config": manager,
                    }
                ]
            }
        ],
    }
    endpoint = {"lb_endpoints": [{"endpoint": {"address": _envoy_address(upstream)}}]}
    cluster = {
        "name": "model",
        "type": "STATIC",
        "load_assignment": {"cluster_name": "model", "endpoints": [endpoint]},
    }
    return {"static_resources": {"listeners": [listener], "clusters": [cluster]}}


def _envoy_address(port: int) -> dict[str, object]:
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}


@contextlib.contextmanager
def our_pair(folder: Path, upstream: int, features: int = workload.FEATURES) -> Iterator[Pair]:
    """`modelmonitor-proxy` and `modelmonitor-collector` as in a pod, every payload copied."""
    workload.write_configuration(folder, features)
    environment = {
        "MODELMONITOR_CONFIG_DIR": str(folder),
        "MODELMONITOR_LABELS_FILE": str(folder / "labels"),
        "MODELMONITOR_SOCKET": str(folder / "frames.sock"),
    }
    port, admin, collector = free_port(), free_port(), free_port()
    watching = [tools.sidecar("modelmonitor-collector"), "--listen", f"127.0.0.1:{collector}"]
    with (
        started(watching, folder / "collector.log", collector, environment) as watcher,
        started(
            proxy_command(port, upstream, admin), folder / "proxy.log", port, environment
        ) as process,
    ):
        for served in (admin, collector):  # the sockets listen before the workers run
            wait_until_served(f"http://127.0.0.1:{served}/metrics")
        proxy = Peer("modelmonitor", port, process.pid)
        yield Pair(proxy, watcher.pid, f"127.0.0.1:{admin}", f"127.0.0.1:{collector}")


def proxy_command(port: int, upstream: int, admin: int) -> list[str]:
    """The proxy's start command, with a source address as in a pod."""
    command = [tools.sidecar("modelmonitor-proxy"), "--listen", f"127.0.0.1:{port}"]
    command += ["--upstream", f"127.0.0.1:{upstream}", "--admin", f"127.0.0.1:{admin}"]
    return [*command, "--source", POD_ADDRESS]


@contextlib.contextmanager
def started(
    command: Sequence[str], log: Path, port: int, environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """The process, once somebody listens on `port`; it is ended afterwards."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(environment or {})},
        )
        try:
            _wait_for(port, process, log)
            yield process
        finally:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(END_SECONDS)
            process.kill()
            process.wait()


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(POLL_SECONDS)
    raise RuntimeError(f"nobody listens on {port}: {log.read_text(errors='replace')[-2_000:]}")


def wait_until_served(url: str) -> None:
    """Until a GET is answered well; RuntimeError when that took too long."""
    if not eventually(lambda: _answers(url), READY_SECONDS):
        raise RuntimeError(f"{url} is not served")


def _answers(url: str) -> bool:
    with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=5):  # noqa: S310
        return True
    return False


def free_port() -> int:
    """A port of 127.0.0.1 that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
