"""The whole collector as a process: what flows, what is lost, what it survives."""

import json
import signal
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from modelmonitor_api.baseline import digest
from modelmonitor_sidecar.frames import PREAMBLE, Outcome
from modelmonitor_sidecar.testing_baselines import baseline, categorical, numeric
from modelmonitor_sidecar.testing_collector import (
    CollectorProcess,
    frame,
    start_collector,
    write_configuration,
)
from modelmonitor_sidecar.testing_processes import eventually

BASELINE = baseline(
    [
        numeric("age", range(100)),
        categorical("colour", {"red": 60, "blue": 40}),
        numeric("prediction", [n / 100 for n in range(100)], role="prediction"),
    ]
)
LABEL = digest(BASELINE)[:8]

CRASHES = """
import os, signal
import modelmonitor_sidecar.collect.worker as worker
sound = worker.decode
def decode(exchange, model):
    if b"crash" in exchange.request_body:
        os.kill(os.getpid(), signal.SIGSEGV)
    if b"bloat" in exchange.request_body:
        return [bytearray(1 << 20) for _ in range(4096)]
    return sound(exchange, model)
worker.decode = decode
"""


@pytest.fixture
def collector(tmp_path: Path) -> Iterator[CollectorProcess]:
    write_configuration(tmp_path, [(None, BASELINE)])
    running = start_collector(tmp_path, before=CRASHES)
    yield running
    running.stop()


def rows(count: int, start: int = 0) -> list[list[object]]:
    return [[float(n % 100), "red" if n % 5 else "green"] for n in range(start, start + count)]


def test_the_status_equals_the_statistics_to_the_row(collector: CollectorProcess) -> None:
    sender = collector.connect()
    sender.send(*(frame(n, rows(1, n)) for n in range(1500)))
    sender.send(frame(1500, [[None, None]]), frame(1501, [["text", 7]]), frame(1502, [[1.0]]))
    assert Counter(sender.outcomes(1503)) == {Outcome.DECODED: 1503}

    (model,) = collector.status()["models"]
    assert model["rows"] == 1503
    assert model["rowsInvalid"] == {"width": 1}
    window = next(one for one in model["windows"] if one["window"] == "1h")
    features = {one["feature"]: one for one in window["features"]}
    age, colour = features["age"], features["colour"]
    assert sum(cell["rows"] for cell in age["cells"]) == age["values"] == 1500
    assert [age["shares"][name]["rows"] for name in ("missing", "invalid")] == [1, 2]
    by_label = {cell["label"]: cell["rows"] for cell in colour["cells"]}
    assert by_label == {"red": 1200, "blue": 0, "__unseen__": 301}
    assert colour["shares"]["unseen"]["rows"] == 301

    last = collector.total("modelmonitor_feature_cumulative_rows_total", feature="age", bin="09")
    assert last == 1500
    assert collector.total("modelmonitor_rows_total", baseline=LABEL) == 1503


def test_a_scrape_counts_what_waits(collector: CollectorProcess) -> None:
    sender = collector.connect()
    sender.send(frame(1, rows(3)))
    eventually(lambda: collector.total("modelmonitor_rows_total") == 3, "the rows are scraped")


def test_all_counters_are_there_at_0_before_the_first_row(collector: CollectorProcess) -> None:
    page = collector.page("/metrics")
    samples = [line for line in page.splitlines() if line.startswith("modelmonitor_feature")]
    assert len(samples) > 40
    assert {line.rsplit(" ", 1)[1] for line in samples} == {"0"}


@pytest.mark.promtool
def test_promtool_finds_nothing(
    collector: CollectorProcess, promtool_check_metrics: "object"
) -> None:
    assert callable(promtool_check_metrics)
    sender = collector.connect()
    sender.send(frame(1, rows(30)), frame(2, request=b"nonsense"), frame(3, model='a\\b"c\n'))
    sender.outcomes(3)
    for path in ("/metrics", "/metrics/baseline"):
        assert promtool_check_metrics(collector.page(path)) == ""


def test_every_sample_says_of_which_monitor_model_and_version_it_is(
    collector: CollectorProcess,
) -> None:
    collector.connect().send(frame(1, rows(3)))
    for path in ("/metrics", "/metrics/baseline"):
        samples = [one for one in collector.page(path).splitlines() if not one.startswith("#")]
        assert samples
        for sample in samples:
            for label in ("modelmonitor", "model", "model_version"):
                assert f'{label}="' in sample
            if sample.startswith(("modelmonitor_feature", "modelmonitor_baseline")):
                assert f'baseline="{LABEL}"' in sample


def test_several_proxies_may_be_connected_and_one_may_die(collector: CollectorProcess) -> None:
    first, second = collector.connect(), collector.connect()
    first.send(frame(1, rows(2)))
    second.send(frame(1, rows(3)))
    assert first.outcomes(1) == second.outcomes(1) == [Outcome.DECODED]
    first.send(frame(2, rows(1))[:50])
    first.close()
    second.send(frame(2, rows(4)))
    assert second.outcomes(2) == [Outcome.DECODED, Outcome.DECODED]
    assert collector.total("modelmonitor_rows_total") == 9
    eventually(
        lambda: collector.total("modelmonitor_collector_connections") == 1, "one proxy is left"
    )


def test_frames_of_another_version_end_that_connection_only(collector: CollectorProcess) -> None:
    with socket.socket(socket.AF_UNIX) as stranger:
        stranger.connect(str(collector.socket))
        stranger.sendall(PREAMBLE[:-1] + b"\x63")
        stranger.settimeout(10)
        with suppress(ConnectionError):
            assert stranger.recv(1) == b""
    refused = collector.total("modelmonitor_collector_connections_refused_total", reason="version")
    assert refused == 1


def test_a_payload_that_crashes_costs_the_worker_and_is_skipped_after_two_kills(
    collector: CollectorProcess,
) -> None:
    killer = frame(7, request=b"crash")
    for _ in range(2):
        worker = collector.worker
        sender = collector.connect()
        sender.send(killer)
        assert sender.outcomes(1) == []
        eventually(lambda before=worker: collector.worker != before, "a new worker")  # type: ignore[misc]
    sender = collector.connect()
    sender.send(killer, frame(8, rows(2)))
    assert sender.outcomes(2) == [Outcome.SKIPPED, Outcome.DECODED]
    assert collector.total("modelmonitor_payloads_skipped_total", reason="poison") == 1
    assert collector.total("modelmonitor_collector_worker_deaths_total", cause="SIGSEGV") == 2
    assert collector.total("modelmonitor_rows_total") == 2


def test_a_payload_that_bloats_is_skipped_and_the_worker_goes_on(
    collector: CollectorProcess,
) -> None:
    worker = collector.worker
    sender = collector.connect()
    sender.send(frame(1, request=b"bloat"), frame(2, rows(2)))
    assert sender.outcomes(2) == [Outcome.SKIPPED, Outcome.DECODED]
    assert collector.worker == worker
    assert collector.total("modelmonitor_payloads_skipped_total", reason="memory") == 1


class Proxy(threading.Thread):
    """Sends single rows without end, over a new connection whenever one breaks; keeps account."""

    def __init__(self, collector: CollectorProcess) -> None:
        super().__init__()
        self.collector, self.stop = collector, threading.Event()
        self.sent = self.lost = 0
        self.outcomes = Counter[Outcome]()

    def run(self) -> None:
        while not self.stop.is_set():
            self._one_connection()

    def _one_connection(self) -> None:
        sender, mine = self.collector.connect(), 0
        with suppress(OSError):
            while not self.stop.is_set():
                sender.send(*(frame(mine + n, rows(1, mine + n)) for n in range(50)))
                mine += 50
                sender.outcomes(mine - 100)
        found = sender.outcomes(mine)
        self.sent += mine
        self.lost += mine - len(found)
        self.outcomes.update(found)


def test_a_worker_killed_again_and_again_acknowledges_each_frame_once_or_loses_it(
    collector: CollectorProcess,
) -> None:
    proxy = Proxy(collector)
    proxy.start()
    for _ in range(5):
        before = collector.total("modelmonitor_rows_total")
        eventually(lambda: collector.total("modelmonitor_rows_total") != before, "rows flow")  # noqa: B023
        collector.kill_worker()
    proxy.stop.set()
    proxy.join(30)
    assert proxy.sent == proxy.lost + proxy.outcomes.total()
    assert set(proxy.outcomes) == {Outcome.DECODED}


def test_hostile_values_end_as_counted_missing_or_invalid(collector: CollectorProcess) -> None:
    ages: list[object] = [1, 1e308, -0.0, 2**70, "12", True, None, [1], {"a": 1}, -5]
    colours: list[object] = ["red", "x" * 10_000, None, 1.5, True, [], {}, "", "blue", "\ud800"]
    bodies = [
        json.dumps({"instances": [[a, c]]}).encode() for a, c in zip(ages, colours, strict=True)
    ]
    bodies += [
        b'{"instances": [[NaN, "red"]]}',
        b'{"instances": [[Infinity, "red"]]}',
        b'{"instances": []}',
        b'{"instances": [[1, "red", 3]]}',
        b'{"instances": [[1, "\xff\xfe"]]}',
        b"[" * 100_000,
        b"",
    ]
    sender = collector.connect()
    answer = b'{"predictions": [0.5]}'
    sender.send(*(frame(n, request=body, answer=answer) for n, body in enumerate(bodies)))
    assert len(sender.outcomes(len(bodies))) == len(bodies)

    total = collector.total("modelmonitor_rows_total")
    for feature in ("age", "colour"):
        parts = (
            collector.total("modelmonitor_feature_missing_rows_total", feature=feature),
            collector.total("modelmonitor_feature_invalid_rows_total", feature=feature),
            collector.total(
                "modelmonitor_feature_cumulative_rows_total", feature=feature, bin="09"
            ),
            collector.total("modelmonitor_feature_category_rows_total", feature=feature),
            -collector.total(
                "modelmonitor_feature_category_rows_total", feature=feature, category="__missing__"
            ),
        )
        assert sum(parts) == total
    assert collector.total("modelmonitor_collector_errors_total") == 0


def test_a_changed_baseline_is_followed_while_frames_flow(collector: CollectorProcess) -> None:
    other = baseline([numeric("age", range(200)), categorical("colour", {"red": 200})])
    sender = collector.connect()
    sender.send(frame(1, rows(3)))
    sender.outcomes(1)
    write_configuration(collector.folder, [(None, other)])
    label = digest(other)[:8]
    eventually(
        lambda: f'baseline="{label}"' in collector.page("/metrics"), "the new baseline is in use"
    )
    sender.send(frame(2, rows(4)))
    sender.outcomes(2)
    assert collector.total("modelmonitor_rows_total", baseline=label) == 4
    assert collector.total("modelmonitor_rows_total", baseline=LABEL) == 3


def test_what_waits_is_acknowledged_before_the_end(collector: CollectorProcess) -> None:
    sender = collector.connect()
    sender.send(frame(1, rows(1)))
    eventually(lambda: collector.total("modelmonitor_rows_total") == 1, "the frame arrived")
    sender.send(frame(2, rows(1)))
    assert collector.end() in (0, 128 + signal.SIGTERM)
    assert Outcome.DECODED in sender.outcomes(2)


def test_a_taken_port_is_one_sentence_with_the_remedy(
    collector: CollectorProcess, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    with pytest.raises(AssertionError, match=r"is in use; choose another with --listen"):
        start_collector(other, ["--listen", f"127.0.0.1:{collector.port}"])


def test_memory_stays_within_its_bound_with_200_features(tmp_path: Path) -> None:
    features = [numeric(f"f{n}", range(100)) for n in range(200)]
    write_configuration(tmp_path, [(None, baseline(features))], windowRows=2000)
    running = start_collector(tmp_path)
    try:
        sender = running.connect()
        wide = [[float(row * n % 100) for n in range(200)] for row in range(500)]
        sender.send(*(frame(n, wide) for n in range(20)))
        assert sender.outcomes(20) == [Outcome.DECODED] * 20
        running.page("/metrics")
        running.page("/")
        assert running.memory_bytes() <= 110 << 20
    finally:
        running.stop()
