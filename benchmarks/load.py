"""Runs the load generators and reads what they say."""

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import workload

import tools

MICROSECONDS_A_NANOSECOND = 1e-3
FEW_CONNECTIONS = 64


@dataclass(frozen=True, slots=True)
class Load:
    """What one run of a generator saw; latencies in microseconds."""

    requests: int
    failed: int
    seconds: float
    p50: float
    p99: float
    p999: float

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.requests / self.seconds


def closed_loop(address: str, request: Path, connections: int, seconds: float) -> Load:
    """Each connection sends again when it was answered."""
    command = [str(tools.BINARIES / "closedloop"), "-address", address]
    command += ["-connections", str(connections), "-duration", f"{seconds}s"]
    told = json.loads(_output([*command, "-request", str(request)]))
    if told["failed"]:
        raise RuntimeError(f"{told['failed']} connections failed on {address}: {told['fault']}")
    return Load(
        told["requests"],
        told["failed"],
        told["seconds"],
        told["p50_us"],
        told["p99_us"],
        told["p999_us"],
    )


def open_loop(address: str, body: Path, rate: int, seconds: float) -> Load:
    """vegeta sends on time whatever the answers do, on as many connections as that takes."""
    results = body.with_name("vegeta.bin")
    target = f"POST http://{address}{workload.PATH}\nContent-Type: application/json\n@{body}\n"
    command = [str(tools.BINARIES / "vegeta"), "attack", "-rate", str(rate)]
    command += ["-duration", f"{seconds}s", "-workers", str(FEW_CONNECTIONS), "-output"]
    command += [str(results), "-max-body", "0"]
    subprocess.run(command, input=target.encode(), check=True)
    rows = _output([str(tools.BINARIES / "vegeta"), "encode", "-to", "csv", str(results)])
    return _load([line.split(",", 3)[1:3] for line in rows.splitlines()], seconds)


def _load(rows: Sequence[Sequence[str]], seconds: float) -> Load:
    """From status and latency in nanoseconds of every request."""
    failed = sum(status != "200" for status, _ in rows)
    latencies = sorted(int(latency) * MICROSECONDS_A_NANOSECOND for _, latency in rows)

    def quantile(share: float) -> float:
        return latencies[int(share * (len(latencies) - 1))]

    return Load(len(rows), failed, seconds, quantile(0.5), quantile(0.99), quantile(0.999))


def _output(command: Sequence[str]) -> str:
    return subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout
