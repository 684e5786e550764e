"""`make demo`: the tour from its first chapter to its last."""

import argparse
import asyncio
import contextlib
import signal
import sys
from pathlib import Path
from typing import Final

from demo import processes, story
from demo.breaks import BREAKS
from demo.client import Clients, added_latency_seconds
from demo.costs import accounts, latency_sentence, processor_time
from demo.failure import DemoError
from demo.processes import Places, started
from demo.rows import Source, held_out
from demo.terminal import Screen
from modelmonitor_cli.run.addresses import answers
from modelmonitor_cli.run.children import Child

FOLDER: Final = processes.HERE.parent / ".demo"
SEED: Final = 11
INTERRUPTED: Final = 130
KEPT_PAUSE_SECONDS: Final = 0.2
"""Enough traffic for a lively page, little enough to leave the machine to its owner."""


def main() -> int:
    """Run the tour; 0 where it showed all that it promises, 1 where not."""
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--keep", action="store_true", help="go on with healthy traffic at the end")
    screen, keep = Screen(), parser.parse_args().keep
    try:
        asyncio.run(_tour(screen, keep=keep))
    except (KeyboardInterrupt, asyncio.CancelledError):
        screen.quiet()
        screen.say("ended; nothing is left running")
        return 0 if keep else INTERRUPTED
    except (DemoError, OSError) as error:
        screen.quiet()
        print(f"make demo: {str(error) or repr(error)}", file=sys.stderr)
        return 1
    return 0


async def _tour(screen: Screen, *, keep: bool) -> None:
    tour = asyncio.current_task()
    assert tour is not None
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, tour.cancel)
    async with contextlib.AsyncExitStack() as running:
        running.enter_context(processes.alone(FOLDER))
        place = processes.places(FOLDER)
        server = await _served(screen, place, running)
        place = processes.with_free_ports(place)
        pair = await _watched(screen, place, running)
        source = Source(held_out(FOLDER / "heldout.parquet"), SEED)
        urls = (f"http://{place.model_server}/predict", f"http://{place.watched}/predict")
        latencies = await added_latency_seconds(*urls, source)
        clients = Clients(urls[1], source)
        await clients.start()
        stage = story.Stage(clients, source, screen, place.status_page)
        try:
            await _chapters(stage)
            screen.step(6, "What it costs")
            spent = await processor_time(clients, server.pid, pair.pid)
        finally:
            await clients.stop()
        for sentence in (latency_sentence(*latencies), *spent, await accounts(place, clients)):
            screen.say(sentence)
        if keep:
            await _kept(stage)


async def _served(screen: Screen, place: Places, running: contextlib.AsyncExitStack) -> Child:
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


async def _watched(screen: Screen, place: Places, running: contextlib.AsyncExitStack) -> Child:
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


async def _chapters(stage: story.Stage) -> None:
    stage.screen.step(4, "Healthy traffic: held-out rows, one or a few a request")
    await story.healthy(stage)
    stage.screen.step(5, "Four things break, as they do in life")
    for number, one in enumerate(BREAKS, 1):
        await story.broken(stage, number, one)


async def _kept(stage: story.Stage) -> None:
    stage.screen.say("")
    stage.screen.say(f"healthy traffic goes on; look at {stage.status_page}", "bold")
    stage.screen.say("Ctrl-C ends everything")
    await stage.clients.start(KEPT_PAUSE_SECONDS)
    try:
        await asyncio.Event().wait()
    finally:
        await stage.clients.stop()


async def _child(
    name: str, command: list[str], place: Places, running: contextlib.AsyncExitStack
) -> tuple[Child, Path]:
    child, log = await started(name, command, place.folder)
    running.push_async_callback(child.end)
    return child, log


if __name__ == "__main__":
    sys.exit(main())
