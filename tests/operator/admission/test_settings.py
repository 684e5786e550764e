"""The webhook reads values as the operator does, and refuses what contradicts itself."""

from pathlib import Path
from typing import Any

import pytest

from modelmonitor_api.errors import InputError, SpecError
from modelmonitor_operator.admission.settings import read_webhook_settings
from modelmonitor_operator.values_file import read_values

IMAGE = {"sidecar": {"image": {"repository": "team/sidecar", "tag": "1"}}}
ENVIRONMENT = {"POD_NAMESPACE": "ml"}


def read(**webhook: Any) -> Any:
    return read_webhook_settings({**IMAGE, "webhook": webhook}, ENVIRONMENT, "1", ["127.0.0.1"])


def test_the_certificate_is_for_the_services_name_and_those_that_are_given() -> None:
    hosts = read().certificates.hosts
    assert hosts == {"modelmonitor-webhook.ml.svc", "127.0.0.1"}


def test_the_systems_and_its_own_namespace_are_excluded_always() -> None:
    values = {**IMAGE, "injection": {"excludedNamespaces": ["zebra"]}}
    excluded = read_webhook_settings(values, ENVIRONMENT, "1").excluded_namespaces
    assert excluded == {"kube-system", "kube-public", "kube-node-lease", "ml", "zebra"}


def test_a_folder_takes_the_place_of_certificates_of_its_own() -> None:
    assert read().certificates.folder is None
    assert read(certificates={"folder": "/certificate"}).certificates.folder == Path("/certificate")


@pytest.mark.parametrize(
    ("webhook", "place"),
    [
        ({"port": 443}, "webhook.port"),
        ({"metricsPort": "8080"}, "webhook.metricsPort"),
        ({"drainSeconds": 61}, "webhook.drainSeconds"),
        ({"certificates": {"validSeconds": 9}}, "webhook.certificates.validSeconds"),
        (
            {"certificates": {"validSeconds": 3_600, "overlapSeconds": 1_200}},
            "webhook.certificates.overlapSeconds",
        ),
        ({"certificates": {"checkSeconds": 0}}, "webhook.certificates.checkSeconds"),
    ],
)
def test_a_wrong_setting_is_named(webhook: dict[str, Any], place: str) -> None:
    with pytest.raises(SpecError) as refused:
        read(**webhook)
    assert str(refused.value).startswith(place)


@pytest.mark.parametrize(
    ("text", "words"), [(b"a: [", "is no YAML"), (b"- a", "is no mapping"), (b"\xff", "is no YAML")]
)
def test_a_file_that_holds_no_values_is_named(text: bytes, words: str, tmp_path: Path) -> None:
    file = tmp_path / "values.yaml"
    file.write_bytes(text)
    with pytest.raises(InputError, match=words):
        read_values(file)
    with pytest.raises(InputError, match="cannot be read"):
        read_values(tmp_path / "none.yaml")
