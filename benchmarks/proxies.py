"""CPU and latency of the proxy beside nginx and Envoy; run it alone with

    .venv/bin/python benchmarks/proxies.py [--quick]

All peers stand in front of the same upstream at the same time and take turns.  Writes
.cache/bench/proxies.json.
"""

import contextlib
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import workload
from interleaved import median, rounds
from load import Load, closed_loop, open_loop
from peers import Pair, Peer, cheap_upstream, envoy_proxy, nginx_proxy, our_pair
from processes import cpu_seconds
from results import Figure, Part, write

import tools
from modelmonitor_api import names
from modelmonitor_cli.testing import Sample, accounted, eventually, samples, total

MICROSECONDS = 1e6
CONNECTIONS = 32
OPEN_LOOP_RATE = 2_500
HIGH_RATE = 5_000
WARM_UP_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Plan:
    """How often and how long: the whole takes about rounds * 4 peers * the sum of seconds."""

    rounds: int
    closed_seconds: float
    open_seconds: float
    high_rate_seconds: float


FULL = Plan(rounds=7, closed_seconds=2, open_seconds=4, high_rate_seconds=10)
QUICK = Plan(rounds=2, closed_seconds=1, open_seconds=2, high_rate_seconds=2)


@dataclass(frozen=True, slots=True)
class Bench:
    """All peers, started, and what is sent to them."""

    peers: tuple[Peer, ...]
    pair: Pair
    request: Path
    body: Path


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU in microseconds a request."""

    peer: float
    collector: float
    rate: float


@contextlib.contextmanager
def bench(folder: Path) -> Iterator[Bench]:
    """Everything up, in a scratch folder."""
    payload = workload.body(size=workload.BODY_BYTES)
    request, body = folder / "request", folder / "body.json"
    request.write_bytes(workload.request(payload))
    body.write_bytes(payload)
    (folder / "ours").mkdir()
    with contextlib.ExitStack() as stack:
        direct = stack.enter_context(cheap_upstream(folder))
        nginx = stack.enter_context(nginx_proxy(folder, direct.port))
        envoy = stack.enter_context(envoy_proxy(folder, direct.port))
        pair = stack.enter_context(our_pair(folder / "ours", direct.port))
        up = Bench((direct, nginx, envoy, pair.proxy), pair, request, body)
        for peer in up.peers:
            closed_loop(peer.address, request, CONNECTIONS, WARM_UP_SECONDS)
        wait_for_rest(pair)
        yield up


def cpu_costs(up: Bench, plan: Plan) -> list[list[Cost]]:
    """CPU a request at 32 connections, by peer and round."""

    def measure(peer: Peer) -> Cost:
        watching = up.pair.collector_pids() if peer is up.pair.proxy else []
        own = peer.pids()
        before = cpu_seconds(own), cpu_seconds(watching)
        load = closed_loop(peer.address, up.request, CONNECTIONS, plan.closed_seconds)
        if watching:
            wait_for_rest(up.pair)
        spent = cpu_seconds(own) - before[0], cpu_seconds(watching) - before[1]
        peer_cost, collector_cost = (one * MICROSECONDS / load.requests for one in spent)
        return Cost(peer_cost, collector_cost, load.rate)

    return rounds(up.peers, plan.rounds, measure)


def single_latencies(up: Bench, plan: Plan) -> list[list[Load]]:
    """One connection, one request after the other."""
    return rounds(
        up.peers,
        plan.rounds,
        lambda peer: closed_loop(peer.address, up.request, 1, plan.closed_seconds / 2),
    )


def open_latencies(up: Bench, plan: Plan) -> list[list[Load]]:
    """2,500 requests a second from an open loop."""
    return rounds(
        up.peers,
        plan.rounds,
        lambda peer: open_loop(peer.address, up.body, OPEN_LOOP_RATE, plan.open_seconds),
    )


def added(found: Sequence[Sequence[Load]], quantile: str) -> list[float]:
    """What each peer adds to the direct way, by the medians of the rounds, in the peers' order."""
    typical = [median([getattr(load, quantile) for load in loads]) for loads in found]
    return [one - typical[0] for one in typical]


def at_high_rate(up: Bench, plan: Plan) -> list[Figure]:
    """Whether every copy was counted at 5,000 requests a second."""
    before = dropped(up.pair)
    load = open_loop(up.pair.proxy.address, up.body, HIGH_RATE, plan.high_rate_seconds)
    wait_for_rest(up.pair)
    what = f"open loop, {load.requests:,} requests"
    return [
        Figure("copies dropped at 5,000 requests/s", dropped(up.pair) - before, "", 0, note=what),
        Figure("requests failed at 5,000 requests/s", load.failed, "", 0, note=what),
    ]


def dropped(pair: Pair) -> float:
    """Copies that were lost so far, for any reason."""
    return total(_exposed(pair), names.FRAMES_DROPPED)


def wait_for_rest(pair: Pair) -> None:
    """Until the law of frames holds: every request's copy was counted or dropped."""

    def at_rest() -> bool:
        found = _exposed(pair)
        sent = total(found, names.REQUESTS, model=workload.MODEL)
        return accounted(found, workload.MODEL) == sent

    if not eventually(at_rest, 20):
        raise RuntimeError("copies are neither counted nor dropped 20 s after the last request")


def _exposed(pair: Pair) -> list[Sample]:
    url = f"http://{pair.proxy_metrics}/metrics"
    with urllib.request.urlopen(url, timeout=10) as answer:
        return samples(answer.read().decode())


def figures(up: Bench, plan: Plan) -> list[Figure]:
    """All of this part, in the order of the report."""
    costs = cpu_costs(up, plan)
    single = added(single_latencies(up, plan), "p50")
    opened = open_latencies(up, plan)
    return [
        *_cost_figures(costs),
        *_compared("added p50, one connection", single, 1.5),
        *_compared("added p99, 2,500 requests/s", added(opened, "p99"), 2.0),
        *_compared("added p99.9, 2,500 requests/s", added(opened, "p999"), None),
        Figure(
            "requests failed at 2,500 requests/s", sum(load.failed for load in opened[3]), "", 0
        ),
        *at_high_rate(up, plan),
    ]


def _cost_figures(costs: Sequence[Sequence[Cost]]) -> list[Figure]:
    _, nginx, envoy, ours = (median([cost.peer for cost in found]) for found in costs)
    rates = [median([cost.rate for cost in found]) for found in costs]
    note = (
        "requests/s in the closed loop: direct {:,.0f}, nginx {:,.0f}, Envoy {:,.0f}, ours {:,.0f}"
    )
    return [
        Figure("CPU a request, nginx", nginx, "us"),
        Figure("CPU a request, Envoy", envoy, "us"),
        Figure("CPU a request, modelmonitor-proxy", ours, "us", note=note.format(*rates)),
        Figure("that in nginx's", ours / nginx, "times", 1.4),
        Figure("that in Envoy's", ours / envoy, "times", 0.5),
        Figure(
            "CPU a request, modelmonitor-collector",
            median([cost.collector for cost in costs[3]]),
            "us",
            12,
            note="30 features decoded and counted",
        ),
    ]


def _compared(name: str, found: Sequence[float], bound: float | None) -> list[Figure]:
    _, nginx, envoy, ours = found
    return [
        Figure(f"{name}, nginx", nginx, "us"),
        Figure(f"{name}, Envoy", envoy, "us"),
        Figure(f"{name}, modelmonitor-proxy", ours, "us"),
        Figure(f"{name}, in nginx's", ours / nginx if nginx > 0 else None, "times", bound),
    ]


def main(plan: Plan) -> None:
    """Measure and write."""
    tools.generators()
    versions = tools.versions()
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch, bench(Path(scratch)) as up:
        found = figures(up, plan)
    text = (
        f"{workload.BODY_BYTES} bytes of JSON, {workload.FEATURES} features, full capture, "
        f"{CONNECTIONS} connections unless said otherwise; medians of {plan.rounds} rounds in "
        "which the peers take turns. CPU is user and system time of all a peer's processes."
    )
    write(Part("proxies", "Proxy: CPU and latency", found, text, versions))


if __name__ == "__main__":
    main(QUICK if "--quick" in sys.argv else FULL)
