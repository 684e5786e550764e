"""A model server of uvicorn that leaves as it is told to; it knows nothing of us.

python serve_and_leave.py abruptly     told to end, it is gone at once
python serve_and_leave.py politely     told to end, it is not ready, serves for a while, and ends

GET /leave, for a preStop hook, begins the polite way and answers when its while is over.
"""

import asyncio
import json
import os
import sys
import threading
from collections.abc import Awaitable, Callable
from types import FrameType
from typing import Any

import uvicorn

WHILE_SECONDS = 3.0
ANSWER = json.dumps({"prediction": 1, "score": 0.7}).encode()
Send = Callable[[dict[str, Any]], Awaitable[None]]


class App:
    """Answers everything; while it leaves it closes connections, so that clients go elsewhere."""

    leaving = False

    async def __call__(
        self, scope: dict[str, Any], receive: Callable[[], Awaitable[dict[str, Any]]], send: Send
    ) -> None:
        """One request."""
        while (await receive()).get("more_body"):
            pass
        if scope["path"] == "/leave":
            self.leaving = True
            await asyncio.sleep(WHILE_SECONDS)
        status = 503 if self.leaving and scope["path"] == "/ready" else 200
        headers = [(b"content-type", b"application/json")]
        headers += [(b"connection", b"close")] if self.leaving else []
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": ANSWER})


class Abrupt(uvicorn.Server):
    """Breaks off whatever it is doing."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """The signal's handler."""
        os._exit(0)


class Polite(uvicorn.Server):
    """Serves on until everybody knows that it leaves."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """The signal's handler."""
        app.leaving = True
        threading.Timer(WHILE_SECONDS, super().handle_exit, (sig, frame)).start()


if __name__ == "__main__":
    app = App()
    config = uvicorn.Config(
        app, host="0.0.0.0", port=8080, lifespan="off", access_log=False, log_level="warning"
    )
    {"abruptly": Abrupt, "politely": Polite}[sys.argv[1]](config).run()
