"""Sends rows to several addresses at an even pace until /tmp/stop is there; counts the answers.

python send_steadily.py REQUESTS_PER_SECOND NAME=URL...

Two clients for each address: `fresh` makes a connection for each request, `kept` keeps them as
urllib3 does, with its ordinary retries.  The pace is that of each client.  Prints JSON:
{NAME: {CLIENT: {STATUS or ERROR: COUNT}}}
"""

import http.client
import json
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import urllib3

STOP = Path("/tmp/stop")
BODY = json.dumps({"age": 41, "income": 52_000.0, "plan": "pro"}).encode()
HEADERS = {"Content-Type": "application/json"}
TIMEOUT_SECONDS = 20.0
Ask = Callable[[], int]


def fresh(url: str) -> Ask:
    """A connection a request."""
    address = urlsplit(url)

    def ask() -> int:
        connection = http.client.HTTPConnection(address.netloc, timeout=TIMEOUT_SECONDS)
        try:
            connection.request("POST", address.path, BODY, {**HEADERS, "Connection": "close"})
            answer = connection.getresponse()
            answer.read()
        finally:
            connection.close()
        return answer.status

    return ask


def kept(url: str) -> Ask:
    """Connections are kept, and taken up again."""
    pool = urllib3.PoolManager(timeout=TIMEOUT_SECONDS)
    return lambda: pool.request("POST", url, body=BODY, headers=HEADERS).status


def send(ask: Ask, rate: float, counts: Counter[str]) -> None:
    """Until told to stop; who is late does not hurry, so as not to make it worse."""
    due = time.monotonic()
    while not STOP.exists():
        try:
            counts[str(ask())] += 1
        except (OSError, http.client.HTTPException, urllib3.exceptions.HTTPError) as error:
            counts[cause(error)] += 1
        due = max(due + 1 / rate, time.monotonic())
        time.sleep(max(0.0, due - time.monotonic()))


def cause(error: BaseException) -> str:
    """The name of the error that all others came from."""
    inner = getattr(error, "reason", None) or error.__cause__ or error.__context__
    return cause(inner) if isinstance(inner, BaseException) else type(error).__name__


def main(rate: float, addresses: dict[str, str]) -> None:
    """One thread a client."""
    clients = {"fresh": fresh, "kept": kept}
    counts = {name: {client: Counter[str]() for client in clients} for name in addresses}
    threads = [
        threading.Thread(target=send, args=(make(url), rate, counts[name][client]))
        for name, url in addresses.items()
        for client, make in clients.items()
    ]
    for one in threads:
        one.start()
    print("sending", flush=True)
    for one in threads:
        one.join()
    print(json.dumps(counts), flush=True)


if __name__ == "__main__":
    main(float(sys.argv[1]), dict(word.split("=", 1) for word in sys.argv[2:]))
