"""Sidecars of a thousand monitors behind one address, for a Prometheus to scrape.

    .venv/bin/python benchmarks/rules_sidecars.py PORT FEATURES SPEC_AS_JSON

The pages are those of a real collector and of the proxy's real counters, which get rows as time
passes: five a second on average, Poisson's.  Each monitor sees them under its own name, at
/MONITOR/proxy, /MONITOR/collector and /MONITOR/baseline.  So names, labels and numbers are the
product's, and a page costs next to nothing.
"""

import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modelmonitor_api import names
from modelmonitor_api.sidecar_config import CAPTURE_BUDGET_BYTES
from modelmonitor_sidecar.collect.configuration import Configuration
from modelmonitor_sidecar.collect.connection import Connections
from modelmonitor_sidecar.collect.metrics_pages import MetricsPages
from modelmonitor_sidecar.collect.models import CountedModels
from modelmonitor_sidecar.collect.process_metrics import ProcessMetrics
from modelmonitor_sidecar.collect.series import Series, model_labels
from modelmonitor_sidecar.decode.rows import Decoded, Rows
from modelmonitor_sidecar.exposition import gauge
from modelmonitor_sidecar.proxy.metrics import observed
from modelmonitor_sidecar.tap.budget import Budget
from modelmonitor_sidecar.tap.observer import Observer
from modelmonitor_sidecar.testing_baselines import baseline, numeric
from modelmonitor_sidecar.testing_collector import write_configuration
from modelmonitor_sidecar.wire.heads import RequestHead

MONITOR = b'modelmonitor="churn"'
ROWS_A_SECOND = 5
STEP_SECONDS = 1
BASELINE_ROWS = 10_000
REQUEST = b"POST /v1/models/churn:predict HTTP/1.1\r\nHost: churn\r\nContent-Length: 0\r\n\r\n"


def training_sample() -> NDArray[np.float64]:
    """Values of every feature of the baseline."""
    return np.random.default_rng(7).normal(size=BASELINE_ROWS)


class Pages:
    """The three pages of a monitor named churn, and rows that keep coming."""

    def __init__(self, folder: Path, features: int, spec: dict[str, Any]) -> None:
        self._chance = np.random.default_rng(8)
        self._features = features
        sample = training_sample()
        document = baseline([numeric(f"feature_{place:02d}", sample) for place in range(features)])
        write_configuration(folder, [(None, document)], spec, seriesBudget=1_000_000)
        configuration = Configuration(folder, folder / "labels", "churn")
        self._models = CountedModels(configuration, time.time)
        process = ProcessMetrics(Connections(), configuration, {})
        shown = Series(configuration, self._models)
        self._collector = MetricsPages(shown, self._models, process, self._models.flush)
        self._observer = Observer(
            configuration.current,
            {},
            Budget(CAPTURE_BUDGET_BYTES),
            None,  # type: ignore[arg-type] - nothing is copied here
        )
        self._requests = self._observer.target(RequestHead(REQUEST))
        self._started = time.time()
        self._texts: dict[bytes, bytes] = {}

    def add(self, seconds: float) -> None:
        """Count the rows of so many seconds."""
        rows = int(self._chance.poisson(ROWS_A_SECOND * seconds))
        self._texts = {}
        if not rows:
            return
        model = self._models.find("churn")
        assert model is not None
        model.add(Decoded(Rows(None, self._chance.normal(size=(rows, self._features)))))
        self._requests.codes[200] = self._requests.codes.get(200, 0) + rows
        for histogram in self._requests.histograms:
            histogram.add([0.004] * rows)

    def text(self, page: bytes) -> bytes:
        """`collector`, `baseline` or `proxy`; rendered once for all who ask between two steps."""
        if not self._texts:
            self._texts = {
                b"collector": self._collector.metrics().encode(),
                b"baseline": self._collector.baselines().encode(),
                b"proxy": (observed(self._observer) + self._proxy_start()).encode(),
            }
        return self._texts[page]

    def _proxy_start(self) -> str:
        labels = model_labels("churn", names.OTHER)
        return gauge(names.PROXY_START_TIME, "When it started.", [(labels, self._started)])


async def serve(port: int, pages: Pages) -> None:
    """Answer until ended."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                writer.write(_response(head.split(b" ", 2)[1], pages))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", port)
    async with server:
        while True:
            await asyncio.sleep(STEP_SECONDS)
            pages.add(STEP_SECONDS)


def _response(path: bytes, pages: Pages) -> bytes:
    _, monitor, page = path.split(b"?")[0].split(b"/")
    text = pages.text(page).replace(MONITOR, b'modelmonitor="' + monitor + b'"')
    kind = b"Content-Type: text/plain; version=0.0.4"
    return b"HTTP/1.1 200 OK\r\n%s\r\nContent-Length: %d\r\n\r\n%s" % (kind, len(text), text)


def main() -> None:
    """Serve the sidecars of all monitors that anybody asks for."""
    port, features, spec = int(sys.argv[1]), int(sys.argv[2]), json.loads(sys.argv[3])
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        asyncio.run(serve(port, Pages(Path(folder), features, spec)))


if __name__ == "__main__":
    main()
