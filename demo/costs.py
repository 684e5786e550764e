"""What watching cost, measured: time and processor time a request; and that nothing is lost."""

import asyncio
import re
import sys
import time
import urllib.request
from typing import Final

from demo.client import PAIRS_TO_COMPARE, Clients
from demo.failure import DemoError
from demo.processes import Places, processor_seconds

MICRO: Final = 1e6
MILLI: Final = 1e3
REST_SECONDS: Final = 15.0
_MODEL: Final = 'model="deadlift"'


async def costs(
    place: Places, clients: Clients, latencies: tuple[float, float], pids: tuple[int, int]
) -> list[str]:
    """Sentences; DemoError where a request failed or is not accounted for."""
    if clients.failed:
        raise DemoError(f"{clients.failed} requests failed; see the logs in .demo")
    direct, watched = (seconds * MILLI for seconds in latencies)
    return [
        f"a request takes {direct:.1f} ms direct and {watched:.1f} ms watched "
        f"(medians of {PAIRS_TO_COMPARE}, taken in turns)",
        *_processor_time(clients.requests, pids),
        await asyncio.to_thread(_accounts, place, clients.requests + PAIRS_TO_COMPARE),
    ]


def _processor_time(requests: int, pids: tuple[int, int]) -> list[str]:
    if not sys.platform.startswith("linux"):
        return []
    server, pair = pids
    parts = {
        "model server": processor_seconds(server),
        "proxy": processor_seconds(pair, "modelmonitor_sidecar.proxy"),
        "collector": processor_seconds(pair, "modelmonitor_sidecar.collect"),
    }
    each = ", ".join(
        f"{name} {seconds / requests * MICRO:,.0f} us" for name, seconds in parts.items()
    )
    return [f"processor time for each request, starts included: {each}"]


def _accounts(place: Places, sent: int) -> str:
    deadline = time.monotonic() + REST_SECONDS
    while True:
        text = _fetched(f"http://{place.proxy_metrics}/metrics")
        requests = _total(text, "modelmonitor_requests_total")
        outcomes = {
            outcome: _total(text, "modelmonitor_frames_total", f'outcome="{outcome}"')
            for outcome in ("decoded", "undecodable", "skipped")
        }
        outcomes["dropped"] = _total(text, "modelmonitor_frames_dropped_total")
        if requests == sent == sum(outcomes.values()):
            parts = " + ".join(f"{count:,} {outcome}" for outcome, count in outcomes.items())
            return f"every request is accounted for: {sent:,} = {parts}"
        if time.monotonic() > deadline:
            raise DemoError(
                f"{sent:,} requests were sent, {requests:,} counted, and their copies were "
                f"{outcomes}; these should be equal"
            )
        time.sleep(0.2)


def _total(text: str, name: str, label: str = "") -> int:
    lines = re.findall(rf"^{name}\{{(.*)\}} (\S+)$", text, re.MULTILINE)
    return sum(int(float(value)) for labels, value in lines if _MODEL in labels and label in labels)


def _fetched(url: str) -> str:
    with urllib.request.urlopen(url, timeout=REST_SECONDS) as response:  # noqa: S310 - our own
        return str(response.read().decode())
