"""What the proxy's page has of models before anybody asks them."""

from collections.abc import Mapping

import pytest

from modelmonitor_api import names
from modelmonitor_api.sidecar_config import SidecarConfig
from modelmonitor_api.spec import Model, ModelMonitor, Objectives, Version
from modelmonitor_sidecar.proxy.metrics import observed
from modelmonitor_sidecar.tap.budget import Budget
from modelmonitor_sidecar.tap.copier import Copier
from modelmonitor_sidecar.tap.observer import Observer
from modelmonitor_sidecar.tap.shipper import Shipper
from modelmonitor_sidecar.testing import ScriptedPoller, SteppingClock
from modelmonitor_sidecar.wire.conversation import Conversation, Sight

ASK = b"POST /v1/models/churn:predict HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
POD = {"app.kubernetes.io/version": "7"}


def config(*models: Model) -> SidecarConfig:
    objectives = Objectives(latency_milliseconds=250)
    return SidecarConfig(ModelMonitor("fraud", "ns", models=models, objectives=objectives))


def observing(*models: Model, pod: Mapping[str, str] = POD) -> Observer:
    poller, clock, budget = ScriptedPoller(), SteppingClock(), Budget(1 << 20)
    shipper = Shipper(poller, "/nowhere", budget, lambda: poller.now)
    copier = Copier(budget, shipper, clock, lambda: 1000.0)
    return Observer(config(*models), pod, budget, copier)


def lines(observer: Observer, metric: str, model: str = "churn") -> list[str]:
    """Without the labels that all of them have."""
    common = f'modelmonitor="fraud",model="{model}",'
    return [
        line.removeprefix(f"{metric}{{{common}").replace("} ", " ")
        for line in observed(observer).splitlines()
        if line.startswith(f"{metric}{{{common}")
    ]


def asked(observer: Observer) -> None:
    talk = Conversation(Sight(observer, SteppingClock()))
    talk.request_bytes(ASK)
    talk.response_bytes(ANSWER)


def test_a_configured_model_is_there_at_zero_before_its_first_request() -> None:
    observer = observing(Model("churn"))
    version = 'model_version="7"'
    assert lines(observer, names.REQUESTS) == [f'{version},route="*",code="aborted" 0']
    assert lines(observer, names.REQUESTS_IN_FLIGHT) == [f"{version} 0"]
    assert lines(observer, names.REQUESTS_WITHIN_OBJECTIVE) == [
        f'{version},objective_milliseconds="250" 0'
    ]
    assert len(lines(observer, names.FRAMES)) == 3
    assert all(line.endswith(" 0") for line in lines(observer, names.FRAMES))
    assert len(lines(observer, names.FRAMES_DROPPED)) == 4


def test_it_costs_ten_series_and_no_histogram() -> None:
    with_one, without = (
        [line for line in observed(one).splitlines() if not line.startswith("#")]
        for one in (observing(Model("churn")), observing())
    )
    assert len(with_one) - len(without) == 1 + 1 + 1 + 3 + 4
    assert not lines(observing(Model("churn")), f"{names.REQUEST_DURATION}_count")


def test_a_model_with_paths_is_there_by_its_first_which_its_requests_take_over() -> None:
    observer = observing(Model("churn", paths=("/v1/models/churn:predict", "/other*")))
    (before,) = lines(observer, names.REQUESTS)
    asked(observer)
    assert before == 'model_version="7",route="/v1/models/churn:predict",code="aborted" 0'
    assert lines(observer, names.REQUESTS) == [before.replace("aborted", "200")[:-1] + "1", before]


def test_once_asked_by_a_claimed_path_the_first_series_stays_as_it_was() -> None:
    """A counter that vanished would be a pod that ended."""
    observer = observing(Model("churn"))
    before = lines(observer, names.REQUESTS)
    asked(observer)
    after = lines(observer, names.REQUESTS)
    assert set(before) < set(after)
    assert len(after) == 3
    assert len(lines(observer, names.FRAMES)) == 3


@pytest.mark.parametrize(
    ("source", "version"),
    [
        (Version("Fixed", value="3"), "3"),
        (Version("PodLabel", label="none"), "unknown"),
        (Version("Path"), "unknown"),
        (Version("ResponseField", path="version"), "unknown"),
    ],
)
def test_a_version_that_only_requests_tell_is_unknown_until_then(
    source: Version, version: str
) -> None:
    (line,) = lines(observing(Model("churn", version=source)), names.REQUESTS)
    assert line.startswith(f'model_version="{version}"')


def test_every_model_of_several_is_there() -> None:
    observer = observing(Model("churn"), Model("ranking", paths=("/rank",)))
    assert [len(lines(observer, names.REQUESTS, model)) for model in ("churn", "ranking")] == [1, 1]


def test_a_model_that_is_no_longer_configured_and_was_never_asked_is_gone() -> None:
    observer = observing(Model("churn"), Model("ranking"))
    asked(observer)
    observer.configure(config(Model("fraud")), POD)
    assert lines(observer, names.REQUESTS, "ranking") == []
    assert len(lines(observer, names.REQUESTS, "churn")) == 2
    assert len(lines(observer, names.REQUESTS, "fraud")) == 1
