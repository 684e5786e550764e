"""Some eight minutes of three replicas under two Prometheis, told once for all tests.

Healthy traffic; a worker is killed; its whole pod restarts; then two features drift.  Prometheus 3
is away for a minute in the middle of the drift.  One replica is idle throughout.  Each step waits
for what Prometheus itself has seen, never for a time to pass.
"""

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from prometheus import subject
from prometheus.replicas import Replica, model_server, replicas
from prometheus.scraping import write_config
from prometheus.server import Prometheus, Series, running, wait_until
from prometheus.traffic import Client

from modelmonitor_api import names, recorded
from modelmonitor_api.baseline import Baseline
from modelmonitor_api.baseline_reading import read_baseline
from modelmonitor_cli.__main__ import main

WINDOWS: Final = ("1m", "5m")
STEADY, RESTARTED, IDLE = "steady", "restarted", "idle"
AWAY_SECONDS: Final = 60.0
PATIENCE_SECONDS: Final = 300.0
"""Longer than any step takes on a loaded machine; only a failure waits so long."""


@dataclass(frozen=True, slots=True)
class Moments:
    """Seconds since 1970: no counter began anew before `first_restart` or after `last_restart`."""

    first_restart: float
    last_restart: float
    drift: float
    away: float
    back: float
    rest: float
    """From here on no rows came; every Prometheus has seen all of them."""


@dataclass(frozen=True, slots=True)
class Told:
    """What came of it; both servers still run."""

    servers: Mapping[str, Prometheus]
    baseline: Baseline
    rules: Path
    moments: Moments
    healthy_alerts: Mapping[str, Sequence[Series]]
    """Alerts, waiting ones too, at the end of the healthy traffic."""
    answered: Mapping[str, int]
    """Requests answered with 200, by pod, as the clients know it."""


@contextlib.contextmanager
def told(binaries: Mapping[str, Path], folder: Path) -> Iterator[Told]:
    """Everything runs while the tests ask."""
    monitor, baseline = folder / "monitor.yaml", subject.build_baseline(folder)
    subject.write_monitor(monitor, WINDOWS)
    rules = rendered_rules(monitor, folder)
    with contextlib.ExitStack() as stack:
        upstream = stack.enter_context(model_server())
        flags = ["--upstream", upstream, "--monitor", str(monitor), "--baseline", str(baseline)]
        pods = stack.enter_context(replicas((STEADY, RESTARTED, IDLE), flags, folder))
        config = folder / "prometheus.yml"
        write_config(config, [pod.target for pod in pods], rules)
        servers = {
            major: stack.enter_context(running(Prometheus(binary, folder / major, config)))
            for major, binary in binaries.items()
        }
        clients = [Client(pod.address, seed, subject.rows) for seed, pod in enumerate(pods[:2])]
        stack.callback(lambda: [client.stop() for client in clients])
        teller = _Teller(servers, pods[1], clients)
        moments, healthy = teller.tell()
        known = read_baseline(baseline.read_bytes())
        answered = {pod.pod: one.answered for pod, one in zip(pods, clients, strict=False)}
        yield Told(servers, known, rules, moments, healthy, answered)


def rendered_rules(monitor: Path, folder: Path) -> Path:
    """By the command; AssertionError where it refuses."""
    values = folder / "values.yaml"
    values.write_text("prometheus: {scrapeIntervalSeconds: 5}\n")
    words = ["render", str(monitor), "--values", str(values), "-o", str(folder / "rendered")]
    assert main(words) == 0
    return folder / "rendered" / "rules.yaml"


class _Teller:
    """Does one thing after the other, each when all servers have seen the one before."""

    def __init__(
        self, servers: Mapping[str, Prometheus], restarted: Replica, clients: Sequence[Client]
    ) -> None:
        self._servers, self._restarted, self._clients = servers, restarted, clients

    def tell(self) -> tuple[Moments, Mapping[str, Sequence[Series]]]:
        for client in self._clients:
            client.start()
        self._everywhere(_judged("1m", 2), "a verdict")
        first_restart = time.time()
        self._restarted.kill_worker()
        self._everywhere(_began_since(first_restart), "a worker that began anew")
        self._everywhere(_judged_since(first_restart + 60.0), "a minute after that")
        self._restarted.stop()
        self._restarted.start()
        last_restart = time.time()
        self._everywhere(_began_since(last_restart - 60.0), "a pod that began anew")
        self._everywhere(_judged_since(last_restart + 60.0), "a minute after that")
        self._everywhere(f"absent({recorded.ROLLOUT}{{window='1m'}})", "the end of the rollout")
        healthy = {major: server.now("ALERTS") for major, server in self._servers.items()}
        drift = time.time()
        for client in self._clients:
            client.source = subject.drifted
        away, back = self._restart_prometheus()
        self._everywhere(_FIRING, "a firing alert")
        self._everywhere(_DRIFTING, "a drifting window of five minutes")
        rest = self._come_to_rest()
        return Moments(first_restart, last_restart, drift, away, back, rest), healthy

    def _restart_prometheus(self) -> tuple[float, float]:
        server = self._servers["3"]
        wait_until(lambda: bool(server.now(_DRIFTING_SOON)), PATIENCE_SECONDS, "drift")
        server.stop()
        away = time.time()
        wait_until(lambda: time.time() > away + AWAY_SECONDS, PATIENCE_SECONDS, "a minute")
        server.start()
        return away, time.time()

    def _come_to_rest(self) -> float:
        for client in self._clients:
            client.stop()
        quiet = f"sum(increase({names.ROWS}[15s])) == 0"
        self._everywhere(quiet, "no more rows")
        rest = time.time()
        self._everywhere(_judged_since(rest + 60.0), "windows of a minute without rows")
        return rest

    def _everywhere(self, query: str, what: str) -> None:
        for major, server in self._servers.items():
            wait_until(
                lambda one=server: bool(one.now(query)), PATIENCE_SECONDS, f"{what} in {major}.x"
            )


_OWN: Final = f'feature="{subject.DRIFTED[0]}",test="{recorded.DRIFT}"'
_DRIFTING: Final = f'{recorded.VERDICT}{{window="5m",{_OWN}}} == 1'
_DRIFTING_SOON: Final = f'{recorded.VERDICT}{{window="1m",{_OWN}}} == 1'
_FIRING: Final = (
    f'ALERTS{{alertname="{recorded.FEATURE_DRIFT}",alertstate="firing",'
    f'feature="{subject.DRIFTED[0]}"}}'
)


def _judged(window: str, times: int) -> str:
    """So many verdicts that are not for want of rows."""
    return (
        f'count_over_time(({recorded.VERDICT}{{window="{window}",{_OWN}}} >= 0)[5m:30s]) >= {times}'
    )


def _judged_since(moment: float) -> str:
    return f'timestamp({recorded.VERDICT}{{window="1m",{_OWN}}}) > {moment!r}'


def _began_since(moment: float) -> str:
    return f"{names.COLLECTOR_START_TIME} > {moment!r}"
