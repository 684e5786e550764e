"""The tour's chapters, and what each must show for the tour to have kept its promise."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final, Never

from demo.breaks import Break
from demo.client import Clients
from demo.failure import DemoError
from demo.rows import Source
from demo.terminal import Screen
from demo.verdicts import Feature, Snapshot, snapshot

WINDOW_ROWS: Final = 500
WINDOW: Final = f"{WINDOW_ROWS}r"
HEALTHY_WINDOWS: Final = 6
PATIENCE_WINDOWS: Final = 12
"""After so many windows without the verdict the tour has failed."""
POLL_SECONDS: Final = 0.25
STALL_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class Stage:
    """All that a chapter needs."""

    clients: Clients
    source: Source
    screen: Screen
    status_page: str


async def healthy(stage: Stage) -> None:
    """Rows as the model knows them; every feature must stay ok."""
    stage.screen.say(
        f"each {WINDOW_ROWS} rows are judged; an alarm needs two such windows in a row"
    )
    start = await _now(stage)
    async with aclosing(_watch(stage, "healthy traffic")) as moments:
        async for now in moments:
            if now.drifting:
                _fail(f"{', '.join(now.drifting)} drifted although nothing was wrong")
            if now.judged_rows >= start.judged_rows + HEALTHY_WINDOWS * WINDOW_ROWS:
                break
    stage.screen.say(stage.clients.pace())
    stage.screen.say(
        f"{HEALTHY_WINDOWS} windows of {WINDOW_ROWS} rows were judged: "
        f"all {len(now.features)} features are ok",
        "green",
    )


async def broken(stage: Stage, number: int, one: Break) -> None:
    """Break it, wait for the alarm, heal it, wait until all is ok again."""
    stage.screen.say("")
    stage.screen.say(f"{number}. {one.title}: {one.story}", "bold")
    onset = await _now(stage)
    one.apply(stage.source)
    try:
        found = await _until_found(stage, one, onset.rows)
    finally:
        stage.source.heal()
    await _until_healed(stage, found)


async def _until_found(stage: Stage, one: Break, onset_rows: int) -> Snapshot:
    culprits: list[Feature] = []
    async with aclosing(_watch(stage, one.title)) as moments:
        async for now in moments:
            culprits = [feature for name, feature in now.alarmed.items() if name in one.culprits]
            if culprits:
                break
            if now.rows > onset_rows + PATIENCE_WINDOWS * WINDOW_ROWS:
                _fail(f"{one.title!r} was not found within {PATIENCE_WINDOWS * WINDOW_ROWS:,} rows")
    rows = now.judged_rows - onset_rows
    for feature in culprits:
        stage.screen.say(
            f"   {feature.name}: {', '.join(feature.alarms)}, {rows:,} rows after the onset", "red"
        )
        for sentence in feature.evidence:
            stage.screen.say(f"     {sentence}")
    others = [name for name in now.alarmed if name not in one.culprits]
    if others:
        stage.screen.say(f"   it moves with them: {', '.join(others)}", "dim")
    return now


async def _until_healed(stage: Stage, since: Snapshot) -> None:
    async with aclosing(_watch(stage, "mended")) as moments:
        async for now in moments:
            if not now.alarmed and not now.not_ok:
                break
            if now.rows > since.rows + PATIENCE_WINDOWS * WINDOW_ROWS:
                _fail(f"{', '.join(now.not_ok or now.alarmed)} did not become ok again")
    stage.screen.say(
        f"   mended: all ok again {now.judged_rows - since.rows:,} rows later", "green"
    )


async def _watch(stage: Stage, what: str) -> AsyncGenerator[Snapshot, None]:
    """One snapshot after the other; fails where rows no longer arrive."""
    clock = asyncio.get_running_loop().time
    last, since = -1, clock()
    try:
        while True:
            now = await _now(stage)
            if now.rows > last:
                last, since = now.rows, clock()
            elif clock() > since + STALL_SECONDS:
                _fail(f"no row was counted for {STALL_SECONDS:g} s; {stage.clients.failed} failed")
            stage.screen.live(f"{what}: {stage.clients.pace()}", now.features)
            yield now
            await asyncio.sleep(POLL_SECONDS)
    finally:
        stage.screen.quiet()


async def _now(stage: Stage) -> Snapshot:
    clock = asyncio.get_running_loop().time
    deadline = clock() + STALL_SECONDS
    while True:
        try:
            return await snapshot(stage.status_page, WINDOW)
        except OSError as error:  # while the collector's worker is being replaced
            if clock() > deadline:
                _fail(f"{stage.status_page}api/status does not answer ({error})")
            await asyncio.sleep(POLL_SECONDS)


def _fail(sentence: str) -> Never:
    raise DemoError(sentence)
