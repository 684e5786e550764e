"""Replicas keep one Secret and one field of a configuration, and never fight over them."""

import asyncio
import base64
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from modelmonitor_operator.admission.certificates import (
    FolderSource,
    Keeper,
    OwnSource,
    Shown,
)
from modelmonitor_operator.admission.metrics import WebhookMetrics
from modelmonitor_operator.admission.pairs import new_pair
from modelmonitor_operator.admission.settings import CertificateSettings
from modelmonitor_operator.admission.vault import Announcement, Vault
from modelmonitor_operator.cluster import ForbiddenError, Raw, RefusedError, UnavailableError
from modelmonitor_operator.kinds import MUTATING_WEBHOOKS, SECRET, Reference
from modelmonitor_operator.render.injection_webhook import injection_webhook
from modelmonitor_operator.testing_cluster import FakeCluster

HOSTS = frozenset({"modelmonitor-webhook.ml.svc"})
SETTINGS = CertificateSettings(HOSTS, valid_seconds=9_000, overlap_seconds=600)
PLACE = Reference(SECRET, "ml", "modelmonitor-webhook")
CONFIGURATION = Reference(MUTATING_WEBHOOKS, "", "modelmonitor-inject")
START = datetime.now(UTC).replace(microsecond=0)


def empty_secret() -> dict[str, Any]:
    metadata = {"name": "modelmonitor-webhook", "namespace": "ml"}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": "Opaque"}


class Scene:
    """What the chart made, a clock, and as many replicas as are asked for."""

    def __init__(self) -> None:
        self.cluster = FakeCluster(empty_secret(), injection_webhook(["kube-system"], "ml"))
        self.now = START

    def replica(self) -> OwnSource:
        vault, announcement = Vault(self.cluster, "ml"), Announcement(self.cluster)
        return OwnSource(vault, announcement, SETTINGS, lambda: self.now)

    def pass_by(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    @property
    def data(self) -> Raw:
        return {
            key: base64.b64decode(text) for key, text in self.cluster.objects[PLACE]["data"].items()
        }

    @property
    def trusted(self) -> bytes:
        (webhook,) = self.cluster.objects[CONFIGURATION]["webhooks"]
        return base64.b64decode(webhook["clientConfig"]["caBundle"])


@pytest.fixture
def scene() -> Scene:
    return Scene()


async def test_the_first_look_makes_stores_and_announces(scene: Scene) -> None:
    shown = await scene.replica().current()

    assert scene.data["tls.crt"] == shown.certificate
    assert scene.trusted == scene.data["ca.crt"]
    assert set(scene.data) == {"ca.crt", "tls.crt", "tls.key"}


async def test_nothing_is_written_while_nothing_is_due(scene: Scene) -> None:
    replicas = scene.replica(), scene.replica()
    await replicas[0].current()
    scene.cluster.writes.clear()
    for _ in range(10):
        scene.pass_by(500)
        assert await replicas[0].current() == await replicas[1].current()
    assert scene.cluster.writes == []


async def test_several_replicas_that_begin_at_once_show_the_same(scene: Scene) -> None:
    shown = await asyncio.gather(*(scene.replica().current() for _ in range(5)))
    assert len({one.certificate for one in shown}) == 1
    assert shown[0].certificate == scene.data["tls.crt"]
    assert [verb for verb, _ in scene.cluster.writes].count("replace") == 1


async def test_a_rotation_announces_the_next_authority_before_it_shows_its_certificate(
    scene: Scene,
) -> None:
    replica = scene.replica()
    first = await replica.current()
    scene.pass_by(6_000)
    assert await replica.current() == first
    assert scene.trusted.count(b"BEGIN CERTIFICATE") == 2

    scene.pass_by(600)
    second = await replica.current()
    assert second.certificate != first.certificate
    assert scene.trusted.count(b"BEGIN CERTIFICATE") == 2

    scene.pass_by(2_400)
    assert await replica.current() == second
    assert scene.trusted == scene.data["ca.crt"]
    assert set(scene.data) == {"ca.crt", "tls.crt", "tls.key"}


async def test_what_could_not_be_announced_is_not_shown(scene: Scene) -> None:
    replica = scene.replica()
    first = await replica.current()

    def no_announcement(verb: str, reference: Reference) -> None:
        if (verb, reference.kind) == ("apply", MUTATING_WEBHOOKS):
            raise ForbiddenError("not today")

    scene.cluster.failing = no_announcement
    scene.pass_by(6_000)
    for _ in range(3):
        with pytest.raises(ForbiddenError):
            await replica.current()
        scene.pass_by(600)
    assert scene.data["tls.crt"] == first.certificate


async def test_an_announcement_that_somebody_took_back_is_made_again(scene: Scene) -> None:
    replica = scene.replica()
    await replica.current()
    trusted = scene.trusted
    scene.cluster.put(injection_webhook(["kube-system"], "ml"))

    await replica.current()
    assert scene.trusted == trusted


@pytest.mark.parametrize("broken", ["tls.crt", "tls.key", "ca.crt"])
async def test_a_broken_secret_is_made_anew(broken: str, scene: Scene) -> None:
    await scene.replica().current()
    secret = scene.cluster.objects[PLACE]
    scene.cluster.put({**secret, "data": {**secret["data"], broken: "bm8gUEVN"}})

    shown = await scene.replica().current()
    assert scene.data["tls.crt"] == shown.certificate
    assert scene.trusted == scene.data["ca.crt"]


async def test_a_secret_that_is_gone_is_told_with_what_to_type(scene: Scene) -> None:
    scene.cluster.take(PLACE)
    with pytest.raises(
        RefusedError, match="kubectl -n ml create secret generic modelmonitor-webho"
    ):
        await scene.replica().current()


async def test_without_a_configuration_the_certificate_is_shown_all_the_same(scene: Scene) -> None:
    scene.cluster.take(CONFIGURATION)
    shown = await scene.replica().current()
    assert scene.data["tls.crt"] == shown.certificate


async def test_a_configuration_that_somebody_emptied_trusts_nobody(scene: Scene) -> None:
    scene.cluster.put({**injection_webhook(["kube-system"], "ml"), "webhooks": []})
    assert await Announcement(scene.cluster).read() == b""


class Stage:
    """A keeper, what it showed, and what it said of it."""

    def __init__(self, source: Any) -> None:
        self.shown: list[Shown] = []
        self.metrics = WebhookMetrics("1")
        self.keeper = Keeper(source, self.shown.append, self.metrics)

    def value(self, name: str) -> float | None:
        return self.metrics.registry.get_sample_value(name)


async def test_a_keeper_shows_what_changed_and_says_from_when_until_when_it_is_good(
    scene: Scene,
) -> None:
    stage = Stage(scene.replica())
    assert stage.keeper.problem(scene.now) == "there is no certificate yet"
    for _ in range(3):
        await stage.keeper.look()
    assert len(stage.shown) == 1
    begin, end = (
        stage.value(f"modelmonitor_webhook_certificate_{edge}_timestamp_seconds")
        for edge in ("begin", "end")
    )
    assert (begin, end) == (START.timestamp(), (START + timedelta(seconds=9_000)).timestamp())
    assert stage.keeper.problem(scene.now) is None

    scene.pass_by(9_000)
    assert stage.keeper.problem(scene.now) == "the certificate has ended"
    await stage.keeper.look()
    assert len(stage.shown) == 2


async def test_a_failure_is_counted_and_the_old_certificate_stays(scene: Scene) -> None:
    stage = Stage(scene.replica())
    await stage.keeper.look()

    def down(verb: str, reference: Reference) -> None:
        raise UnavailableError("no answer")

    scene.cluster.failing = down
    await stage.keeper.look()
    assert stage.value("modelmonitor_webhook_certificate_failures_total") == 1
    assert stage.keeper.problem(scene.now) is None


async def test_a_folder_is_read_again(tmp_path: Path) -> None:
    stage = Stage(FolderSource(tmp_path))
    await stage.keeper.look()
    assert stage.keeper.problem(START) == "there is no certificate yet"
    for days in (1, 2):
        pair = new_pair(HOSTS, START, days * 86_400)
        (tmp_path / "tls.crt").write_bytes(pair.certificate)
        (tmp_path / "tls.key").write_bytes(pair.key)
        await stage.keeper.look()
    assert [one.ends - START for one in stage.shown] == [timedelta(days=1), timedelta(days=2)]
