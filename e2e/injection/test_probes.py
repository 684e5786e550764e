"""What names the app's port goes to the app, whatever becomes of the sidecars.

So does kubectl, where no container is named.
"""

import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from e2e.cluster import watching, workloads
from e2e.cluster.kubectl import Place
from modelmonitor_cli.testing import eventually, free_ports
from modelmonitor_cli.testing_team import monitor

pytestmark = pytest.mark.timeout(600)

# A machine with much to do may take longer than the usual second to answer.
QUICK = {"periodSeconds": 1, "failureThreshold": 2, "timeoutSeconds": 5}
SIGNALLED = """
import os, signal, sys
for pid in filter(str.isdigit, os.listdir("/proc")):
    if int(pid) not in (1, os.getpid()):
        os.kill(int(pid), getattr(signal, sys.argv[1]))
"""
ASKED = """
import sys, requests
try:
    print(requests.post("http://churn/predict", json={"age": 1}, timeout=3).status_code)
except requests.RequestException:
    print("nothing")
"""


def _to(path: str) -> dict[str, Any]:
    return {"httpGet": {"path": path, "port": "http"}}


@pytest.fixture(scope="module")
def team(installed: None) -> Iterator[Place]:
    """A team whose app has every kind of probe, and hooks, on the port's name."""
    probes = {f"{kind}Probe": {**_to(f"/{kind}"), **QUICK} for kind in ("liveness", "readiness")}
    probes["startupProbe"] = {**_to("/startup"), "periodSeconds": 1, "failureThreshold": 60}
    hooks = {"preStop": _to("/stop")}
    with watching.new_team() as place:
        place.apply(monitor(models=watching.MODELS))
        assert watching.begins_to_inject(place)
        of = watching.template(watching.server(**probes, lifecycle=hooks))
        place.apply(workloads.deployment(of))
        place.rolled_out("deployment/churn")
        assert watching.serves(place)
        yield place


@pytest.fixture
def pod(team: Place) -> str:
    """The name of its only pod."""
    (only,) = team.pods()
    assert watching.sidecars(only) == watching.SIDECARS
    name: str = only["metadata"]["name"]
    return name


def _heard(team: Place, pod: str) -> list[str]:
    """The paths that the app was asked for."""
    return team.run("logs", pod).split()


@contextmanager
def _hanging(team: Place, pod: str) -> Iterator[None]:
    """All but PID 1 of both sidecars are stopped: they do nothing and do not end."""

    def signalled(name: str) -> None:
        for container in sorted(watching.SIDECARS):
            team.run("exec", pod, "-c", container, "--", "/venv/bin/python", "-c", SIGNALLED, name)

    signalled("SIGSTOP")
    try:
        yield
    finally:
        signalled("SIGCONT")


def _asked(team: Place) -> str:
    return team.run("exec", "client", "--", workloads.PYTHON, "-c", ASKED).strip()


def test_every_probe_that_names_the_port_reaches_the_app_and_none_is_counted(
    team: Place, pod: str
) -> None:
    assert {"/startup", "/readiness", "/liveness"} <= set(_heard(team, pod))
    requests, _ = watching.counted(team)
    heard = len(_heard(team, pod))
    assert eventually(lambda: len(_heard(team, pod)) > heard + 3)
    assert watching.counted(team)[0] == requests


def test_with_both_sidecars_hanging_probes_still_reach_the_app_and_it_stays_ready(
    team: Place, pod: str
) -> None:
    with _hanging(team, pod):
        assert _asked(team) == "nothing"
        heard = len(_heard(team, pod))
        assert eventually(lambda: len(_heard(team, pod)) > heard + 4)
        (only,) = team.pods()
        ready = {one["type"]: one["status"] for one in only["status"]["conditions"]}
        assert ready["Ready"] == "True"
        (app,) = only["status"]["containerStatuses"]
        assert app["restartCount"] == 0
    assert eventually(lambda: _asked(team) == "200")


def test_a_hook_that_names_the_port_reaches_the_app(team: Place, pod: str) -> None:
    with subprocess.Popen(
        ["kubectl", "-n", team.namespace, "logs", "-f", pod], stdout=subprocess.PIPE, text=True
    ) as logs:
        team.delete(f"pod/{pod}")
        assert logs.stdout is not None
        assert "/stop" in logs.stdout.read().split()
    team.rolled_out("deployment/churn")


def test_exec_and_logs_without_a_container_go_to_the_app(team: Place, pod: str) -> None:
    command = team.run("exec", pod, "--", "cat", "/proc/1/cmdline")
    assert "/programs/serve.py" in command
    assert "/readiness" in _heard(team, pod)


def test_attach_without_a_container_goes_to_the_app(team: Place, pod: str) -> None:
    with subprocess.Popen(
        ["kubectl", "-n", team.namespace, "attach", "-q", pod],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as attached:
        assert attached.stdout is not None
        assert attached.stdout.readline().strip() in ("/readiness", "/liveness")
        attached.terminate()


@pytest.mark.parametrize(("target", "port"), [("pod", "8080"), ("service", "80")])
def test_a_forwarded_port_leads_to_the_model(team: Place, pod: str, target: str, port: str) -> None:
    (local,) = free_ports(1)
    name = f"pod/{pod}" if target == "pod" else "service/churn"
    command = ["kubectl", "-n", team.namespace, "port-forward", name, f"{local}:{port}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as forwarding:
        assert forwarding.stdout is not None
        assert "Forwarding" in forwarding.stdout.readline()
        with urllib.request.urlopen(f"http://127.0.0.1:{local}/here", timeout=30) as answer:
            assert answer.read() == b"yes"
        forwarding.terminate()
    assert "/here" in _heard(team, pod)
