"""The proxy's worker: one life between a fork and an exit.

Composition root of the data path, the tap and the admin pages.  `main` is what the supervisor's
child calls; `Worker` is the same in a process of one's own, on sockets of one's own.
"""

import gc
import logging
import signal
import socket
import time
from typing import Final

from modelmonitor_api.names import PATH_ALIVE, PATH_STARTED
from modelmonitor_sidecar.exposition import CONTENT_TYPE
from modelmonitor_sidecar.proxy.admin import AdminServer, Page, Pages
from modelmonitor_sidecar.proxy.configuration import POLL_SECONDS, Configuration
from modelmonitor_sidecar.proxy.dial import Dialer
from modelmonitor_sidecar.proxy.listener import Listener
from modelmonitor_sidecar.proxy.metrics import captured, observed
from modelmonitor_sidecar.proxy.own_metrics import OwnMetrics
from modelmonitor_sidecar.proxy.poller import Poller
from modelmonitor_sidecar.proxy.settings import ProxySettings
from modelmonitor_sidecar.proxy.wakeup import Wakeup
from modelmonitor_sidecar.supervise.plan import Life
from modelmonitor_sidecar.tap.budget import Budget
from modelmonitor_sidecar.tap.copier import Copier
from modelmonitor_sidecar.tap.observer import Observer
from modelmonitor_sidecar.tap.shipper import Shipper
from modelmonitor_sidecar.wire.conversation import Conversation, Sight

ANSWER_SECONDS: Final = 0.8
"""After SIGTERM: for exchanges in flight."""
SHIP_SECONDS: Final = 0.15
"""Then: for the collector to acknowledge what it has."""
LOOK_SECONDS: Final = 0.01


def main(traffic: socket.socket, admin: socket.socket, settings: ProxySettings, life: Life) -> int:
    """Serve until SIGTERM; returns the exit status."""
    logging.basicConfig(format="modelmonitor-proxy: %(message)s", level=logging.INFO)
    # What lives now lives on; cycles are broken by hand, so the collector has little to find.
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)
    worker = Worker(traffic, admin, settings, life)
    signal.set_wakeup_fd(worker.wakeup.there.fileno(), warn_on_full_buffer=False)
    signal.signal(signal.SIGTERM, lambda *_: None)  # the wake-up descriptor tells the loop
    worker.run()
    return 0


class Worker:
    """Everything that lives as long as a worker.  `run` returns after `stop` and what follows."""

    def __init__(
        self, traffic: socket.socket, admin: socket.socket, settings: ProxySettings, life: Life
    ) -> None:
        self.poller = Poller()
        self.wakeup = Wakeup(self.poller, self._end)
        self.configuration = Configuration(
            settings.config_file, settings.labels_file, settings.monitor
        )
        current = self.configuration.current
        self._budget = budget = Budget(current.capture_budget_bytes)
        clock = time.perf_counter
        self.shipper = Shipper(self.poller, str(settings.frames_socket), budget, clock)
        self._copier = Copier(budget, self.shipper, clock, time.time)
        self.observer = Observer(current, self.configuration.pod_labels, budget, self._copier)
        sight = Sight(self.observer, clock)
        self.dialer = Dialer(self.poller, settings.upstreams)
        self.listener = Listener(self.poller, traffic, self.dialer, lambda: Conversation(sight))
        self._own = OwnMetrics(life, self.listener, self.dialer.counts)
        self._admin = AdminServer(self.poller, admin, self._pages())
        self.draining = False
        self._ending_since = 0.0
        self.shipper.start()
        # Not at once: a fault in a tick is the loop's to catch, from the first on.
        self.poller.call_later(0.0, self._tick)

    def run(self) -> None:
        """Serve until told to stop."""
        try:
            self.poller.run()
        finally:
            self._admin.close()
            self.shipper.close()
            self.wakeup.close()
            self.poller.close()

    def stop(self) -> None:
        """Finish what is in flight and return from `run`; may be called from another thread."""
        self.wakeup.order()

    def metrics(self) -> str:
        """The page for Prometheus."""
        return "".join(
            (
                observed(self.observer),
                captured(self.observer, self._budget, connected=self.shipper.connected),
                self.configuration.metrics(),
                self._own.text(
                    self.observer.monitor,
                    loop_failures=self.poller.failures,
                    draining=self.draining,
                ),
            )
        )

    def _pages(self) -> Pages:
        return Pages(
            read={
                "/metrics": lambda: Page(200, self.metrics().encode(), CONTENT_TYPE),
                PATH_ALIVE: _alive,
                PATH_STARTED: _alive,
            },
            orders={"/drain": self._drain},
        )

    def _drain(self) -> Page:
        self.draining = True
        return Page(200, b"draining\n")

    def _tick(self) -> None:
        self.poller.call_later(POLL_SECONDS, self._tick)
        self._copier.set_clock()
        self.dialer.resolve()
        if self.configuration.poll():
            self.observer.configure(self.configuration.current, self.configuration.pod_labels)

    def _end(self) -> None:
        if not self._ending_since:
            self._ending_since = time.monotonic()
            self.draining = True
            self.listener.close()
            self._finish()

    def _finish(self) -> None:
        """Close connections as they become idle, then wait a little for acknowledgements."""
        spent = time.monotonic() - self._ending_since
        for pair in list(self.listener.pairs):
            if pair.idle:
                pair.end()
            elif spent > ANSWER_SECONDS:
                pair.reset()  # not an orderly end, which would make half an answer look whole
        done = not self.listener.connections and not (
            self.shipper.connected and self.shipper.waiting
        )
        if done or spent > ANSWER_SECONDS + SHIP_SECONDS:
            self.poller.stop()
        else:
            self.poller.call_later(LOOK_SECONDS, self._finish)


def _alive() -> Page:
    return Page(200, b"ok\n")
