"""`make demo`: the tour from its first chapter to its last."""

import argparse
import asyncio
import contextlib
import signal
import sys
from datetime import UTC, datetime
from typing import Final

from demo import alarm, opening, processes, prometheus, story
from demo.breaks import BREAKS
from demo.client import Clients, added_latency_seconds
from demo.costs import accounts, latency_sentence, processor_time
from demo.failure import DemoError
from demo.processes import Places
from demo.rows import Source, held_out
from demo.terminal import Screen
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
        server = await opening.served(screen, place, running)
        place = processes.with_free_ports(place)
        pair = await opening.watched(screen, place, running)
        lacking = await prometheus.missing()
        await opening.judged(screen, place, running, lacking)
        source = Source(held_out(FOLDER / "heldout.parquet"), SEED)
        stage = story.Stage(Clients(_urls(place)[1], source), source, screen, place.status_page)
        before = await _judged_by_rows(stage, place, server, pair)
        await _judged_by_prometheus(stage, place, lacking, before)
        if keep:
            await _kept(stage, place, lacking)


async def _judged_by_rows(
    stage: story.Stage, place: Places, server: Child, pair: Child
) -> alarm.Broken:
    """Chapters 5 to 7; when things were broken."""
    latencies = await added_latency_seconds(*_urls(place), stage.source)
    async with stage.clients.sending():
        before = await _chapters(stage)
        stage.screen.step(7, "What it costs")
        spent = await processor_time(stage.clients, server.pid, pair.pid)
    sentences = (latency_sentence(*latencies), *spent, await accounts(place, stage.clients))
    for sentence in sentences:
        stage.screen.say(sentence)
    return before


async def _chapters(stage: story.Stage) -> alarm.Broken:
    stage.screen.step(5, "Healthy traffic: held-out rows, one or a few a request")
    await story.healthy(stage)
    stage.screen.step(6, "Four things break, as they do in life")
    since = datetime.now(UTC)
    for number, one in enumerate(BREAKS, 1):
        await story.broken(stage, number, one)
    return alarm.Broken(since, datetime.now(UTC))


async def _judged_by_prometheus(
    stage: story.Stage, place: Places, lacking: str | None, before: alarm.Broken
) -> None:
    stage.screen.step(8, "An alert fires")
    if lacking is None:
        await alarm.raised(stage, place.prometheus, before)
        return
    for sentence in alarm.would(lacking):
        stage.screen.say(sentence)


async def _kept(stage: story.Stage, place: Places, lacking: str | None) -> None:
    stage.screen.say("")
    stage.screen.say(f"healthy traffic goes on; look at {stage.status_page}", "bold")
    if lacking is None:
        stage.screen.say(f"alerts: http://{place.prometheus}/alerts", "bold")
    stage.screen.say("Ctrl-C ends everything")
    async with stage.clients.sending(KEPT_PAUSE_SECONDS):
        await asyncio.Event().wait()


def _urls(place: Places) -> tuple[str, str]:
    """The model: direct, and watched."""
    return f"http://{place.model_server}/predict", f"http://{place.watched}/predict"


if __name__ == "__main__":
    sys.exit(main())
