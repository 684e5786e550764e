"""Runs the admin server's asyncio loop inside the data path's, one step whenever it has work."""

import asyncio
import selectors
import socket
from typing import Final

from modelmonitor_sidecar.proxy.admin import AdminServer, Pages
from modelmonitor_sidecar.proxy.poller import READ, Poller

STEP_SECONDS: Final = 1.0
"""For the admin server's own timers, which are in seconds."""


class AdminLoop:
    """Serves `pages` on a listening socket until `close`."""

    def __init__(self, poller: Poller, listening: socket.socket, pages: Pages) -> None:
        self._poller = poller
        self._selector = selectors.EpollSelector()
        self._loop = asyncio.SelectorEventLoop(self._selector)
        self._server = AdminServer(pages)
        listening.setblocking(False)
        self._listening = self._loop.run_until_complete(
            self._loop.create_server(self._server.connection, sock=listening)
        )
        poller.watch(self._selector.fileno(), self, READ)
        self._tick()

    def ready(self, _events: int) -> None:
        """See `Ready`: one step of the inner loop handles what is there."""
        self._loop.call_soon(self._loop.stop)
        self._loop.run_forever()

    def close(self) -> None:
        """Stop serving."""
        self._poller.forget(self._selector.fileno())
        self._listening.close()
        self._server.close()
        self.ready(0)
        self._loop.close()
        self._timer.cancel()

    def _tick(self) -> None:
        self.ready(0)
        self._timer = self._poller.call_later(STEP_SECONDS, self._tick)
