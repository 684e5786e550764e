"""The webhook on a real API server makes of a pod what inject() makes, and never stands in its way.

Its processes have the rights of the chart's account, and no others.
"""

import re
import socket
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from modelmonitor_api.names import FIELD_MANAGER, LABEL_INJECT
from modelmonitor_api.webhook_metrics import FAIL_OPEN, L_NAME
from modelmonitor_cli.testing import eventually
from modelmonitor_cli.testing_injection import (
    SETTINGS,
    TARGETS,
    VALUES,
    Kubectl,
    Place,
    Pod,
    compared,
    corpus,
    pod_of,
    sized_monitor,
)
from modelmonitor_cli.testing_webhook import (
    Configuration,
    Webhook,
    running_webhook,
)
from modelmonitor_operator.admission.pairs import new_pair
from modelmonitor_operator.inject.injection import inject
from modelmonitor_operator.render.injection_webhook import WEBHOOK

pytestmark = pytest.mark.timeout(300)

CORPUS = corpus()
SOON_SECONDS = 120.0
TIMEOUT_SECONDS = 5
MakePlace = Callable[..., Place]


@pytest.fixture(scope="module")
def account(home: str, webhook_account: Callable[[str], Path]) -> Path:
    """A kubeconfig with the rights of the chart's account alone."""
    return webhook_account(home)


@pytest.fixture(scope="module")
def configuration(kubectl: Kubectl) -> Iterator[Configuration]:
    made = Configuration(kubectl, {"modelmonitor-test": uuid.uuid4().hex[:8]})
    yield made
    made.delete()


@pytest.fixture(scope="module")
def webhook(
    home: str,
    account: Path,
    configuration: Configuration,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Webhook]:
    """Ready, announced, and asked by the API server."""
    folder = tmp_path_factory.mktemp("webhook")
    with running_webhook(folder, home, kubeconfig=account, **VALUES) as started:
        configuration.create(started.url)
        assert eventually(started.process.is_ready, SOON_SECONDS), started.process.log.read_text()
        yield started


@pytest.fixture(scope="module")
def watched(webhook: Webhook, configuration: Configuration, make_place: MakePlace) -> Place:
    """Where armed monitors of each size are."""
    place = make_place(**configuration.label)
    place.watch_all()
    for app in TARGETS:
        assert eventually(partial(place.injects, app), SOON_SECONDS), "the webhook injects nothing"
    return place


@pytest.fixture(scope="module")
def plain(make_place: MakePlace) -> Place:
    """Where no webhook is asked."""
    return make_place()


@pytest.fixture(scope="module")
def by_webhook(watched: Place) -> dict[str, Pod]:
    return {pod["metadata"]["name"]: pod for pod in watched.tried(CORPUS)}


@pytest.fixture(scope="module")
def by_function(plain: Place) -> dict[str, Pod]:
    pods = [inject(pod, TARGETS["churn"], SETTINGS).pod for pod in CORPUS]
    return {pod["metadata"]["name"]: pod for pod in plain.tried(pods)}


@pytest.fixture
def leading_back(webhook: Webhook, configuration: Configuration) -> Iterator[None]:
    """Whatever a test does to the address, the next finds the webhook again."""
    yield
    configuration.lead_to(webhook.url)


@pytest.mark.parametrize("name", [pod["metadata"]["name"] for pod in CORPUS])
def test_webhook_and_function_make_the_same_of_a_pod(
    name: str, by_webhook: dict[str, Pod], by_function: dict[str, Pod]
) -> None:
    assert compared(by_webhook[name]) == compared(by_function[name])


def test_the_corpus_is_injected_but_for_the_pods_that_say_why_not(
    by_webhook: dict[str, Pod],
) -> None:
    for pod in CORPUS:
        name, annotations = pod["metadata"]["name"], pod["metadata"].get("annotations") or {}
        injected = "modelmonitor.io/injected" in by_webhook[name]["metadata"].get("annotations", {})
        assert injected is ("expect" not in annotations), name


@pytest.mark.parametrize("app", TARGETS)
def test_every_size_is_the_same_in_both(app: str, watched: Place, plain: Place) -> None:
    given = pod_of(app)
    (by_webhook,) = watched.tried([given])
    (by_function,) = plain.tried([inject(given, TARGETS[app], SETTINGS).pod])
    assert compared(by_webhook) == compared(by_function)


def test_a_pod_that_is_really_made_is_injected_too(watched: Place, kubectl: Kubectl) -> None:
    pod = pod_of("churn")
    pod["metadata"]["name"] = "made"
    watched.create(pod)
    names = ("-o", "jsonpath={.spec.initContainers[*].name}")
    found = kubectl("get", "-n", watched.name, "pod", "made", *names)
    assert found == "modelmonitor-collector modelmonitor-proxy"


def test_what_was_injected_into_a_manifest_is_not_injected_again(watched: Place) -> None:
    (pod,) = watched.tried([inject(pod_of("churn"), TARGETS["churn"], SETTINGS).pod])
    names = [one["name"] for one in pod["spec"]["initContainers"]]
    assert names == ["modelmonitor-collector", "modelmonitor-proxy"]


def test_a_monitor_injects_from_when_it_is_armed(watched: Place, webhook: Webhook) -> None:
    watched.create(sized_monitor("asleep", "asleep", "Small"))
    before = webhook.reviews("NotSelected")
    assert not watched.injects("asleep")
    assert webhook.reviews("NotSelected") == before + 1
    watched.arm("asleep")
    assert eventually(partial(watched.injects, "asleep"), SOON_SECONDS)


def test_a_namespace_that_opted_out_is_not_even_asked_about(
    kubectl: Kubectl,
    webhook: Webhook,
    watched: Place,
    configuration: Configuration,
    make_place: MakePlace,
) -> None:
    place = make_place(**configuration.label, **{LABEL_INJECT: "false"})
    place.create(sized_monitor("churn", "churn", "Small"))
    place.arm("churn")
    assert watched.injects("churn")
    assert not place.injects("churn")
    kubectl("label", "namespace", place.name, f"{LABEL_INJECT}-")
    assert eventually(partial(place.injects, "churn"), SOON_SECONDS)


def test_a_restricted_namespace_takes_an_injected_pod(
    webhook: Webhook, watched: Place, configuration: Configuration, make_place: MakePlace
) -> None:
    enforced = {"pod-security.kubernetes.io/enforce": "restricted"}
    place = make_place(**configuration.label, **enforced)
    place.create(sized_monitor("churn", "churn", "Small"))
    place.arm("churn")
    assert eventually(partial(place.injects, "churn", "restricted"), SOON_SECONDS)


def test_the_webhook_owns_one_field_of_its_configuration(
    watched: Place, configuration: Configuration
) -> None:
    """Whoever installs it owns the rest, so that an upgrade takes nothing back."""
    owned = configuration.writers()[FIELD_MANAGER]["f:webhooks"]
    ((_, webhook),) = owned.items()
    assert {key for key in webhook if key not in (".", "f:name")} == {"f:clientConfig"}
    assert webhook["f:clientConfig"] == {"f:caBundle": {}}


MAY_NOT = [
    ("get", "secrets"), ("get", "secrets/other"), ("list", "secrets"), ("create", "secrets"),
    ("patch", "secrets/modelmonitor-webhook"), ("delete", "secrets/modelmonitor-webhook"),
    ("get", "pods"), ("create", "pods"), ("get", "configmaps"), ("list", "namespaces"),
    ("get", "modelmonitors.modelmonitor.io"), ("update", "modelmonitors.modelmonitor.io"),
    ("patch", "mutatingwebhookconfigurations.admissionregistration.k8s.io/other"),
    ("create", "mutatingwebhookconfigurations.admissionregistration.k8s.io"),
    ("update", "mutatingwebhookconfigurations.admissionregistration.k8s.io/modelmonitor-inject"),
]  # fmt: skip


@pytest.mark.parametrize(("verb", "resource"), MAY_NOT)
def test_the_webhook_may_not(verb: str, resource: str, home: str, account: Path) -> None:
    words = ("auth", "can-i", verb, resource, "-n", home, "--kubeconfig", str(account))
    done = subprocess.run(["kubectl", *words], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "no", done.stderr


def test_a_webhook_that_is_down_leaves_pods_as_they_are_and_the_api_server_counts_them(
    kubectl: Kubectl,
    watched: Place,
    plain: Place,
    configuration: Configuration,
    tmp_path: Path,
    home: str,
    account: Path,
    leading_back: None,
) -> None:
    with running_webhook(tmp_path, home, "webhook-down", account, **VALUES) as second:
        assert eventually(second.process.is_ready, SOON_SECONDS)
        configuration.lead_to(second.url)
        assert eventually(lambda: second.reviews("Injected") > 0 or _tries(watched), SOON_SECONDS)
        second.process.kill()
        before = let_pass(kubectl)
        (here,), (there,) = watched.tried([pod_of("churn")]), plain.tried([pod_of("churn")])
        assert compared(here) == compared(there)
        assert let_pass(kubectl) > before


def let_pass(kubectl: Kubectl) -> float:
    """Pods that the API server let pass without an answer, by the series that an alert reads."""
    ours = re.escape(f'{L_NAME}="{WEBHOOK}"')
    samples = re.findall(
        rf"^{FAIL_OPEN}{{.*{ours}.*}} (\S+)$", kubectl("get", "--raw", "/metrics"), re.MULTILINE
    )
    return sum(map(float, samples))


def _tries(place: Place) -> bool:
    """Another pod, so that the replica has something to count; says that nothing is known yet."""
    place.injects("churn")
    return False


def test_a_webhook_that_hangs_costs_a_pod_five_seconds_and_no_more(
    watched: Place, plain: Place, configuration: Configuration, leading_back: None
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        configuration.lead_to(f"https://127.0.0.1:{silent.getsockname()[1]}/inject")
        assert eventually(lambda: not watched.injects("churn"), SOON_SECONDS)
        begun = time.monotonic()
        (here,) = watched.tried([pod_of("churn")])
        waited = time.monotonic() - begun
    (there,) = plain.tried([pod_of("churn")])
    assert compared(here) == compared(there)
    assert waited < TIMEOUT_SECONDS + 5


def test_a_webhook_that_nobody_trusts_leaves_pods_as_they_are(
    watched: Place, plain: Place, configuration: Configuration, tmp_path: Path, leading_back: None
) -> None:
    """Its certificate is of an authority that was never announced."""
    pair = new_pair({"127.0.0.1"}, datetime.now(UTC), 3_600)
    for name, text in (("tls.crt", pair.certificate), ("tls.key", pair.key)):
        (tmp_path / name).write_bytes(text)
    folder = {"webhook": {"certificates": {"folder": str(tmp_path)}}}
    with running_webhook(tmp_path, "nowhere", **{**VALUES, **folder}) as stranger:
        assert eventually(stranger.process.is_ready, SOON_SECONDS)
        configuration.lead_to(stranger.url)
        assert eventually(lambda: not watched.injects("churn"), SOON_SECONDS)
        assert stranger.reviews("Injected") == 0
    assert (plain.tried([pod_of("churn")])[0]["spec"]).keys().isdisjoint({"initContainers"})
