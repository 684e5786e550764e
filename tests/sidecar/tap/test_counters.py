"""Counters and the observer: every request once, under the right name."""

import tracemalloc

import pytest

from modelmonitor_api.sidecar_config import SidecarConfig
from modelmonitor_api.spec import Model, ModelMonitor, Objectives
from modelmonitor_sidecar.frames import Outcome
from modelmonitor_sidecar.tap.budget import Budget
from modelmonitor_sidecar.tap.copier import Copier
from modelmonitor_sidecar.tap.counters import SAMPLES, Histogram
from modelmonitor_sidecar.tap.observer import Observer
from modelmonitor_sidecar.tap.shipper import Shipper
from modelmonitor_sidecar.testing import ScriptedPoller, SteppingClock
from modelmonitor_sidecar.wire.conversation import Conversation, Sight

ASK = b"POST /predict HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Stage:
    """An observer with everything behind it, and conversations in front."""

    def __init__(self, config: SidecarConfig | None = None) -> None:
        clock = SteppingClock()
        config = config or SidecarConfig(ModelMonitor("churn", "ns", models=(Model("churn"),)))
        self.budget = Budget(config.capture_budget_bytes)
        self.poller = ScriptedPoller()
        self.shipper = Shipper(self.poller, "/nowhere", self.budget, lambda: self.poller.now)
        copier = Copier(self.budget, self.shipper, clock, lambda: 1000.0)
        self.observer = Observer(config, {}, self.budget, copier)
        self.sight = Sight(self.observer, clock)

    def talk(self) -> Conversation:
        return Conversation(self.sight)

    def codes(self) -> dict[tuple[str, str], dict[int, int]]:
        return {
            (route.model, route.label): one.codes
            for route, one in self.observer.routes.items()
            if one.codes
        }


def test_a_histogram_counts_by_inclusive_upper_edge() -> None:
    histogram = Histogram((1.0, 2.0))
    histogram.add([0.5, 1.0, 1.5, 2.0])
    histogram.add([2.5, 0.0])
    assert histogram.counts == [3, 2, 1]
    assert histogram.total == 7.5


def test_requests_count_by_route_model_and_status() -> None:
    stage = Stage()
    talk = stage.talk()
    for request in (ASK, ASK, b"GET / HTTP/1.1\r\n\r\n"):
        talk.request_bytes(request)
        talk.response_bytes(ANSWER)
    talk.request_bytes(ASK)
    talk.response_bytes(b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n")
    assert stage.codes() == {
        ("churn", "/predict"): {200: 2, 503: 1},
        ("__other__", "__other__"): {200: 1},
    }


def test_a_probe_is_no_inference() -> None:
    stage = Stage()
    talk = stage.talk()
    talk.request_bytes(b"POST /predict HTTP/1.1\r\nUser-Agent: kube-probe/1.37\r\n\r\n")
    talk.response_bytes(ANSWER)
    assert stage.codes() == {("__other__", "__other__"): {200: 1}}


def test_in_flight_rises_with_a_head_and_falls_with_an_answer_or_an_end() -> None:
    stage = Stage()
    first, second = stage.talk(), stage.talk()
    first.request_bytes(ASK[:-1])
    second.request_bytes(ASK)
    (counters,) = [one for route, one in stage.observer.routes.items() if route.inference]
    assert counters.in_flight == 2
    second.response_bytes(ANSWER)
    first.lost()
    assert counters.in_flight == 0
    assert (counters.codes, counters.aborted) == ({200: 1}, 1)


def test_an_aborted_inference_is_skipped_and_frees_its_bytes() -> None:
    stage = Stage()
    talk = stage.talk()
    talk.request_bytes(ASK)
    assert stage.budget.used == 3
    talk.lost()
    assert stage.budget.used == 0
    assert stage.observer.frames["churn", "unknown"].acknowledged[Outcome.SKIPPED] == 1


def test_a_copy_that_fails_is_skipped_and_its_request_counted(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(Copier, "copy", fail)
    stage = Stage()
    talk = stage.talk()
    talk.request_bytes(ASK)
    talk.response_bytes(ANSWER)
    assert stage.codes() == {("churn", "/predict"): {200: 1}}
    assert stage.observer.frames["churn", "unknown"].acknowledged[Outcome.SKIPPED] == 1
    assert stage.budget.used == 0
    assert "a fault of ours" in caplog.text


def test_counting_that_fails_leaves_an_aborted_request() -> None:
    stage = Stage()
    talk = stage.talk()
    talk.request_bytes(ASK)
    (counters,) = [one for route, one in stage.observer.routes.items() if route.inference]
    codes, counters.codes = counters.codes, None  # type: ignore[assignment]
    with pytest.raises(AttributeError):
        talk.response_bytes(ANSWER)
    counters.codes = codes
    talk.fail()
    assert (counters.codes, counters.aborted) == ({}, 1)
    assert stage.observer.frames["churn", "unknown"].acknowledged[Outcome.SKIPPED] == 1
    assert stage.budget.used == 0


def test_times_and_sizes_are_measured() -> None:
    stage = Stage()
    talk = stage.talk()
    talk.request_bytes(ASK)  # the clock shows 2 after the copier looked once
    talk.response_bytes(ANSWER)
    (counters,) = [one for route, one in stage.observer.routes.items() if route.inference]
    assert counters.histograms.duration.total == 1.0
    assert counters.histograms.first_byte.total == 1.0
    assert counters.histograms.request_size.total == 3
    assert counters.histograms.response_size.total == 2


def test_no_observation_is_lost_while_many_wait_to_be_counted() -> None:
    stage = Stage()
    talk = stage.talk()
    for _ in range(SAMPLES + 3):
        talk.request_bytes(ASK)
        talk.response_bytes(ANSWER)
    (counters,) = [one for route, one in stage.observer.routes.items() if route.inference]
    for _ in range(2):
        assert [sum(one.counts) for one in counters.histograms] == [SAMPLES + 3] * 4
    assert counters.histograms.request_size.total == 3 * (SAMPLES + 3)


def test_only_answers_in_time_without_server_error_are_within_the_objective() -> None:
    objectives = Objectives(latency_milliseconds=1000)
    monitor = ModelMonitor("churn", "ns", models=(Model("churn"),), objectives=objectives)
    stage = Stage(SidecarConfig(monitor))
    talk = stage.talk()
    for answers in (
        [ANSWER],  # one second
        [ANSWER[:-1], ANSWER[-1:]],  # two
        [b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"],
        [b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"],
    ):
        talk.request_bytes(ASK)
        for answer in answers:
            talk.response_bytes(answer)
    (counters,) = [one for route, one in stage.observer.routes.items() if route.inference]
    assert counters.within_objective == 2


def test_another_objective_is_counted_from_zero() -> None:
    def promised(milliseconds: int) -> SidecarConfig:
        objectives = Objectives(latency_milliseconds=milliseconds)
        return SidecarConfig(
            ModelMonitor("churn", "ns", models=(Model("churn"),), objectives=objectives)
        )

    stage = Stage(promised(1000))
    talk = stage.talk()
    for milliseconds, within in ((1000, 1), (1000, 2), (2000, 1)):
        stage.observer.configure(promised(milliseconds), {})
        talk.request_bytes(ASK)
        talk.response_bytes(ANSWER)
        (counters,) = [one for route, one in stage.observer.routes.items() if route.inference]
        assert counters.within_objective == within


def test_a_new_configuration_moves_later_requests_and_keeps_counters() -> None:
    stage = Stage()
    talk = stage.talk()
    talk.request_bytes(ASK)
    talk.response_bytes(ANSWER)
    monitor = ModelMonitor("churn", "ns", models=(Model("other", paths=("/predict",)),))
    stage.observer.configure(SidecarConfig(monitor, max_payload_bytes=2), {})
    talk.request_bytes(ASK)
    talk.response_bytes(ANSWER)
    assert stage.codes() == {("churn", "/predict"): {200: 1}, ("other", "/predict"): {200: 1}}
    assert stage.observer.limit == 2


def test_every_post_counts_until_a_claimed_path_is_seen() -> None:
    stage = Stage()
    talk = stage.talk()
    for path in (b"/any", b"/any", b"/predict", b"/any"):
        talk.request_bytes(b"POST " + path + b" HTTP/1.1\r\nContent-Length: 0\r\n\r\n")
        talk.response_bytes(ANSWER)
    assert stage.codes() == {
        ("churn", "*"): {200: 2},
        ("churn", "/predict"): {200: 1},
        ("__other__", "__other__"): {200: 1},
    }


def test_what_clients_write_into_long_heads_is_not_kept_behind_the_budgets_back() -> None:
    models = (Model("churn"),)
    config = SidecarConfig(ModelMonitor("c", "n", models=models), capture_budget_bytes=1 << 20)
    stage = Stage(config)
    talks = []
    tracemalloc.start()
    for number in range(200):
        talk = stage.talk()
        path = b"v1/models/%s:predict" % (b"%03d" % number * 20_000)
        cookie = b"Cookie: %d%s\r\n" % (number, b"c" * 30_000)
        talk.request_bytes(ASK)
        talk.response_bytes(ANSWER)
        talk.request_bytes(ASK.replace(b"predict", path).replace(b"Content", cookie + b"Content"))
        talk.response_bytes(ANSWER.replace(b"Content", b"Set-%sContent" % cookie))
        assert talk.idle
        talks.append(talk)
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 3 << 20
    assert [codes for (model, _), codes in stage.codes().items() if model == "churn"] == [
        {200: 200},
        {200: 200},
    ]
