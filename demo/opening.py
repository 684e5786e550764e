"""The tour's first chapters: a model is served, its baseline built, all that watches is started."""

import contextlib
from pathlib import Path

from demo import processes, prometheus, story
from demo.processes import Places, started
from demo.terminal import Screen
from modelmonitor_cli.run.addresses import answers
from modelmonitor_cli.run.children import Child


async def served(screen: Screen, place: Places, running: contextlib.AsyncExitStack) -> Child:
    """The team's model, trained and behind its server."""
    screen.step(1, "A team has a model and a server for it")
    screen.command(processes.train_command(place))
    said = await processes.finished("training", processes.train_command(place), place.folder)
    training, rest, error = said.split()
    screen.say(
        f"results of powerlifting meets: {int(training):,} rows to train with, {int(rest):,} held "
        f"out; it predicts the deadlift within {error} kg on average"
    )
    screen.command(processes.serve_command(place))
    server, log = await _child("model server", processes.serve_command(place), place, running)
    await processes.ready(server, log, lambda: answers(place.model_server))
    screen.say(f"LitServe answers on http://{place.model_server}/predict")
    return server


async def watched(screen: Screen, place: Places, running: contextlib.AsyncExitStack) -> Child:
    """Its baseline, and the sidecar pair in front of the server."""
    screen.step(2, "Its training rows become a baseline")
    command = processes.baseline_command(place)
    screen.command(command)
    await processes.finished("baseline build", command, place.folder)
    screen.step(3, "The sidecars go in front; the server is not touched")
    command = processes.run_command(place, story.WINDOW)
    screen.command(command)
    pair, log = await _child("modelmonitor run", command, place, running)
    await processes.ready(pair, log, lambda: processes.announced(log))
    screen.say(f"status page: {place.status_page}  (open it now, it is live)", "bold")
    return pair


async def judged(
    screen: Screen, place: Places, running: contextlib.AsyncExitStack, lacking: str | None
) -> None:
    """Rules and dashboard of the monitor; a Prometheus with them, unless one is lacking."""
    screen.step(4, "The monitor becomes rules for Prometheus and a dashboard for Grafana")
    screen.command(prometheus.render_command(place))
    await processes.finished("render", prometheus.render_command(place), place.folder)
    screen.say(f"{prometheus.dashboard(place)} is for Grafana: Dashboards, New, Import")
    prometheus.prepare(place)
    if lacking:
        screen.say(f"{lacking}; with one, this would follow:", "yellow")
        screen.command(prometheus.run_command(place))
        return
    screen.command(prometheus.run_command(place))
    child, log = await _child("prometheus", prometheus.run_command(place), place, running)
    await processes.ready(child, log, lambda: prometheus.is_ready(place.prometheus))
    screen.say(
        f"Prometheus: http://{place.prometheus}/  (it scrapes the sidecars each 5 s from now on)"
    )


async def _child(
    name: str, command: list[str], place: Places, running: contextlib.AsyncExitStack
) -> tuple[Child, Path]:
    child, log = await started(name, command, place.folder)
    running.push_async_callback(child.end)
    return child, log
