"""What the admission policy adds to the CREATE of a pod, with many monitors in its namespace.

    .venv/bin/python benchmarks/operator_policy.py [--monitors 20] [--creates 300]

Dry-run CREATEs of one pod, one after the other, that the last of the monitors selects; in rounds
without the policy and with it, in turn.  KUBECONFIG names an API server that nobody else uses: the
policy is for all its pods.  No operator runs; monitors are armed by hand.
"""

import argparse
import asyncio
import os
import statistics
import sys
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from operator_fleet import Place, Server, connected, go_first, home_of, manifest_of, until
from results import Figure, Part, write

from modelmonitor_api.names import ARMED
from modelmonitor_operator.plan.report import status_manifest
from modelmonitor_operator.render.injection_policy import injection_objects
from modelmonitor_operator.testing_monitors import SETTINGS, pod_template

ROUNDS = 6
MONITORS, CREATES = 20, 300
AT_MOST_MILLISECONDS = 5.0
POLICIES = "/apis/admissionregistration.k8s.io/v1"
PLURALS = ("mutatingadmissionpolicies", "mutatingadmissionpolicybindings")
DRY_RUN = {"dryRun": "All"}


class Pods:
    """CREATEs of one pod, none of which is stored."""

    def __init__(self, server: Server, place: Place) -> None:
        self._server = server
        self._url = f"{server.address}/api/v1/namespaces/{place.namespace}/pods"
        template = pod_template({"app": place.name})
        metadata = {**template["metadata"], "name": "tried"}
        self._body = {"apiVersion": "v1", "kind": "Pod", **template, "metadata": metadata}

    async def tried(self) -> tuple[float, bool]:
        """Milliseconds, and whether the sidecars were put in."""
        begun = time.perf_counter()
        async with self._server.session.post(self._url, json=self._body, params=DRY_RUN) as answer:
            pod: dict[str, Any] = await answer.json()
        took = (time.perf_counter() - begun) * 1_000
        if not answer.ok:
            raise RuntimeError(pod["message"])
        return took, "initContainers" in pod["spec"]

    async def are(self, *, injected: bool) -> bool:
        """Whether the API server acts so on a policy that came or went."""
        return (await self.tried())[1] is injected


@dataclass
class Tried:
    """Milliseconds of each CREATE, and of the API server's CPU for all of them."""

    took: list[float] = field(default_factory=list)
    cpu: float = 0.0

    @property
    def median(self) -> float:
        """Half of the CREATEs took longer."""
        return statistics.median(self.took)

    @property
    def p99(self) -> float:
        """One in a hundred took longer."""
        return statistics.quantiles(self.took, n=100)[98]

    @property
    def cpu_each(self) -> float:
        """Of one CREATE."""
        return self.cpu / len(self.took)


async def measure(monitors: int, creates: int) -> tuple[Tried, Tried]:
    """Without the policy, and with it."""
    prefix = f"policy-{uuid.uuid4().hex[:6]}"
    without, within = Tried(), Tried()
    async with connected() as server:
        await server.define_resource()
        async with server.namespaces(prefix):
            places = [Place(home_of(prefix), f"fleet-{one:05d}") for one in range(monitors)]
            for place in places:
                await _armed(server, place)
            pods = Pods(server, places[-1])
            for _ in range(ROUNDS):
                await _round(server, pods, creates, without)
                async with _policy(server, prefix):
                    await until(partial(pods.are, injected=True))
                    await _round(server, pods, creates, within)
                await until(partial(pods.are, injected=False))
    return without, within


async def _armed(server: Server, place: Place) -> None:
    made = await server.cluster.apply(manifest_of(place))
    await server.cluster.apply_status(status_manifest(made, {"injection": ARMED}))


async def _round(server: Server, pods: Pods, creates: int, tried: Tried) -> None:
    """After some that warm up; what counting itself costs is taken off."""
    for _ in range(creates // 10):
        await pods.tried()
    counted = [(await server.counts()).cpu_seconds for _ in range(2)]
    tried.took += [(await pods.tried())[0] for _ in range(creates)]
    counted.append((await server.counts()).cpu_seconds)
    start, begin, end = counted
    tried.cpu += ((end - begin) - (begin - start)) * 1_000


@asynccontextmanager
async def _policy(server: Server, name: str) -> AsyncIterator[None]:
    """As the chart installs it, under a name of its own."""
    policy, binding = injection_objects(SETTINGS.injection, ["kube-system"])
    policy["metadata"]["name"] = binding["metadata"]["name"] = name
    binding["spec"]["policyName"] = name
    for plural, manifest in zip(PLURALS, (policy, binding), strict=True):
        await _ask(server, "post", plural, manifest)
    try:
        yield
    finally:
        for plural in reversed(PLURALS):
            await _ask(server, "delete", f"{plural}/{name}", None)


async def _ask(server: Server, verb: str, path: str, body: dict[str, Any] | None) -> None:
    url = f"{server.address}{POLICIES}/{path}"
    async with server.session.request(verb, url, json=body) as answer:
        if not answer.ok:
            raise RuntimeError(f"{verb} {path}: {await answer.text()}")


def part_of(monitors: int, without: Tried, within: Tried) -> Part:
    """The section of the report."""
    text = (
        f"Dry-run CREATEs of a pod, one after the other, {len(without.took):,} without the policy "
        f"and {len(within.took):,} with it in {ROUNDS} rounds in turn; {monitors} armed monitors "
        "in the namespace, one of which selects the pod. CPU is the API server's own, which does "
        f"not depend on who else wants the cores; load average {os.getloadavg()[0]:.1f}."
    )
    figures = (
        Figure("CREATE without the policy, median", without.median, "ms"),
        Figure("CREATE with the policy, median", within.median, "ms"),
        Figure("added, median", within.median - without.median, "ms", at_most=AT_MOST_MILLISECONDS),
        Figure("CREATE without the policy, p99", without.p99, "ms"),
        Figure("CREATE with the policy, p99", within.p99, "ms"),
        Figure("added, p99", within.p99 - without.p99, "ms"),
        Figure("CPU of a CREATE without the policy", without.cpu_each, "ms"),
        Figure("CPU of a CREATE with the policy", within.cpu_each, "ms"),
        Figure("added CPU", within.cpu_each - without.cpu_each, "ms"),
    )
    return Part("operator-policy", "Operator: the admission policy", figures, text)


def main() -> None:
    """Everything once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--monitors", type=int, default=MONITORS)
    parser.add_argument("--creates", type=int, default=CREATES)
    asked = parser.parse_args()
    go_first()
    without, within = asyncio.run(measure(asked.monitors, asked.creates))
    part = part_of(asked.monitors, without, within)
    for figure in part.figures:
        sys.stdout.write(f"  {figure.name}: {figure.value:.2f} {figure.unit}\n")
    write(part)


if __name__ == "__main__":
    main()
