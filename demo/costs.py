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
MEASURED_SECONDS: Final = 5.0
_MODEL: Final = 'model="deadlift"'


def latency_sentence(direct_seconds: float, watched_seconds: float) -> str:
    """The medians side by side."""
    return (
        f"a request takes {direct_seconds * MILLI:.1f} ms direct and "
        f"{watched_seconds * MILLI:.1f} ms watched (medians of {PAIRS_TO_COMPARE}, taken in turns)"
    )


async def processor_time(clients: Clients, server: int, pair: int) -> list[str]:
    """What each part spends on a request while nobody looks at the status page; Linux only."""
    if not sys.platform.startswith("linux"):
        return []
    before, requests = _spent(server, pair), clients.requests
    await asyncio.sleep(MEASURED_SECONDS)
    after, requests = _spent(server, pair), clients.requests - requests
    each = ", ".join(
        f"{name} {(after[name] - before[name]) / requests * MICRO:,.0f} us" for name in after
    )
    rate = requests / MEASURED_SECONDS
    return [f"processor time of a request: {each} (at {rate:,.0f} a second; busier is cheaper)"]


def _spent(server: int, pair: int) -> dict[str, float]:
    return {
        "model server": processor_seconds(server),
        "proxy": processor_seconds(pair, "modelmonitor_sidecar.proxy"),
        "collector": processor_seconds(pair, "modelmonitor_sidecar.collect"),
    }


async def accounts(place: Places, clients: Clients) -> str:
    """Requests and their copies, equal at rest; DemoError where one failed or is missing."""
    if clients.failed:
        raise DemoError(f"{clients.failed} requests failed; see the logs in .demo")
    return await asyncio.to_thread(_accounts, place, clients.requests + PAIRS_TO_COMPARE)


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
