"""The chart's values and the environment, and what is refused of them."""

from pathlib import Path

import pytest

from modelmonitor_api.errors import InputError
from modelmonitor_operator.__main__ import main
from modelmonitor_operator.settings import OperatorSettings, read_operator_settings

VALUES = {"sidecar": {"image": {"repository": "sidecar", "tag": "1"}}}


def read(environment: dict[str, str] | None = None, /, **values: object) -> OperatorSettings:
    return read_operator_settings({**VALUES, **values}, environment or {}, "1.0")


def test_an_image_is_all_that_has_to_be_said() -> None:
    settings = read()

    assert settings.plan.injection.image == "sidecar:1"
    assert (settings.resync_seconds, settings.lease_seconds, settings.port) == (300, 15, 8080)
    assert (settings.plan.delivery, settings.plan.version) == ("Auto", "1.0")


def test_the_pod_says_who_and_where_it_is() -> None:
    settings = read({"POD_NAMESPACE": "watch", "POD_NAME": "operator-7"})

    assert (settings.namespace, settings.identity) == ("watch", "operator-7")


def test_pods_of_the_cluster_s_own_namespaces_and_of_ours_are_never_injected() -> None:
    settings = read({"POD_NAMESPACE": "watch"}, injection={"excludedNamespaces": ["bank"]})

    assert settings.plan.excluded_namespaces == {
        "kube-system",
        "kube-public",
        "kube-node-lease",
        "watch",
        "bank",
    }


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"operator": {"workers": 0}}, "operator.workers"),
        ({"operator": {"resyncSeconds": 9}}, "operator.resyncSeconds"),
        ({"operator": {"leaseSeconds": "soon"}}, "operator.leaseSeconds"),
        ({"operator": {"silenceSeconds": 89}}, "operator.silenceSeconds"),
        ({"rules": {"delivery": "Mail"}}, "rules.delivery"),
        ({"sidecar": {}}, "sidecar.image.repository"),
    ],
)
def test_a_wrong_value_is_named(values: dict[str, object], named: str) -> None:
    with pytest.raises(InputError, match=named):
        read(None, **values)


def test_a_file_that_is_not_there_is_one_sentence(
    capsys: pytest.CaptureFixture[str], tmp_path: object
) -> None:
    assert main(["--values", f"{tmp_path}/none.yaml"]) == 1

    assert capsys.readouterr().err == (
        f"modelmonitor-operator: {tmp_path}/none.yaml: cannot be read "
        "(No such file or directory); check the name\n"
    )


def test_without_a_cluster_it_says_where_one_could_be_named(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    monkeypatch.setenv("HOME", str(tmp_path))
    values = tmp_path / "values.yaml"
    values.write_text("sidecar: {image: {repository: sidecar}}")

    assert main(["--values", str(values)]) == 1

    assert capsys.readouterr().err.startswith("modelmonitor-operator: KUBECONFIG: names no cluster")
