"""Certificates follow each other on a real API server, and no pod is missed meanwhile.

Two replicas share one Secret, with lives of seconds.
"""

import json
import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from modelmonitor_cli.testing import eventually
from modelmonitor_cli.testing_injection import VALUES, Kubectl, Place
from modelmonitor_cli.testing_webhook import (
    Configuration,
    Webhook,
    running_webhook,
)

pytestmark = pytest.mark.timeout(300)

MakePlace = Callable[..., Place]

SOON_SECONDS = 120.0
LIFE_SECONDS = 30
SHORT = {"certificates": {"validSeconds": LIFE_SECONDS, "overlapSeconds": 4, "checkSeconds": 1}}
PLACE = "secret/modelmonitor-webhook"


class Replicas:
    """Both, in their own namespace, and the configuration that leads to the first."""

    def __init__(self, webhooks: tuple[Webhook, Webhook], configuration: Configuration) -> None:
        self.webhooks, self.configuration = webhooks, configuration

    def shown(self) -> set[str]:
        return {one.certificate() for one in self.webhooks}

    def show_one_other_than(self, *old: str) -> bool:
        shown = self.shown()
        return len(shown) == 1 and shown.isdisjoint(old)

    def failures(self) -> float:
        name = "modelmonitor_webhook_certificate_failures_total"
        return sum(one.process.counted(name) for one in self.webhooks)


class Trials:
    """Pods that are tried out without a pause, until it ends; what became of each."""

    def __init__(self, place: Place) -> None:
        self._place, self._stop = place, threading.Event()
        self.injected: list[bool] = []
        self._thread = threading.Thread(target=self._try)

    def __enter__(self) -> "Trials":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _try(self) -> None:
        while not self._stop.is_set():
            self.injected.append(self._place.injects("churn"))


@pytest.fixture
def configuration(kubectl: Kubectl) -> Iterator[Configuration]:
    made = Configuration(kubectl, {"modelmonitor-test": uuid.uuid4().hex[:8]})
    yield made
    made.delete()


@pytest.fixture
def replicas(
    crd: None,
    namespace: str,
    webhook_account: Callable[[str], Path],
    configuration: Configuration,
    tmp_path: Path,
) -> Iterator[Replicas]:
    """Ready, and announced; with the rights of the chart's account alone."""
    account = webhook_account(namespace)
    values = {**VALUES, "webhook": SHORT}
    with (
        running_webhook(tmp_path, namespace, "webhook-1", account, **values) as one,
        running_webhook(tmp_path, namespace, "webhook-2", account, **values) as other,
    ):
        configuration.create(one.url)
        for replica in (one, other):
            assert eventually(replica.process.is_ready, SOON_SECONDS)
        yield Replicas((one, other), configuration)


@pytest.fixture
def watched(replicas: Replicas, make_place: MakePlace) -> Place:
    place = make_place(**replicas.configuration.label)
    place.watch_all()
    assert eventually(lambda: place.injects("churn"), SOON_SECONDS)
    return place


def test_replicas_rotate_together_and_no_pod_is_missed(
    kubectl: Kubectl, namespace: str, replicas: Replicas, watched: Place
) -> None:
    (first,) = replicas.shown()
    with Trials(watched) as trials:
        assert eventually(lambda: replicas.show_one_other_than(first), LIFE_SECONDS)
        (second,) = replicas.shown()
        assert eventually(lambda: replicas.show_one_other_than(first, second), LIFE_SECONDS)

    assert len(trials.injected) > 10
    assert all(trials.injected), trials.injected
    assert replicas.failures() == 0
    stored = json.loads(kubectl("get", "-n", namespace, PLACE, "-o", "json"))
    assert {"ca.crt", "tls.crt", "tls.key"} <= set(stored["data"])


def test_a_secret_that_somebody_emptied_and_a_bundle_that_was_taken_back_are_mended(
    kubectl: Kubectl, namespace: str, replicas: Replicas, watched: Place
) -> None:
    (first,) = replicas.shown()
    empty = json.dumps([{"op": "remove", "path": "/data"}])
    kubectl("patch", "-n", namespace, PLACE, "--type=json", "-p", empty)
    assert eventually(lambda: replicas.show_one_other_than(first), SOON_SECONDS)
    assert eventually(lambda: watched.injects("churn"), SOON_SECONDS)

    trusted = replicas.configuration.trusted()
    replicas.configuration.forget()
    assert eventually(lambda: replicas.configuration.trusted() == trusted, SOON_SECONDS)
    assert eventually(lambda: watched.injects("churn"), SOON_SECONDS)
