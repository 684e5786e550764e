"""The chart's values as far as injection needs them."""

from typing import Any

import pytest

from modelmonitor_api.errors import SpecError
from modelmonitor_operator.inject.settings import (
    DEFAULT_SIZES,
    InjectionSettings,
    Resources,
    SidecarPorts,
    read_injection_settings,
)

IMAGE = {"repository": "team/sidecar", "tag": "1.2"}


def read(**sidecar: Any) -> InjectionSettings:
    return read_injection_settings({"sidecar": {"image": IMAGE, **sidecar}})


def test_with_an_image_everything_has_a_default() -> None:
    assert read() == InjectionSettings("team/sidecar:1.2")
    assert read().mode == "Policy"


def test_an_image_is_named_by_tag_and_digest() -> None:
    digest = "sha256:" + "a" * 64
    assert read(image={**IMAGE, "digest": digest}).image == f"team/sidecar:1.2@{digest}"
    assert read(image={"repository": "r:5000/x"}).image == "r:5000/x"


def test_an_image_of_the_command_line_wins() -> None:
    assert read_injection_settings({}, "other:2").image == "other:2"


def test_sizes_are_changed_one_by_one() -> None:
    sizes = read(sizes={"Large": {"collector": {"memory": "2Gi", "cpuLimit": "2"}}}).sizes
    assert sizes["Large"].collector == Resources("500m", "2Gi", "2")
    assert sizes["Large"].proxy == DEFAULT_SIZES["Large"].proxy
    assert sizes["Small"] == DEFAULT_SIZES["Small"]


def test_how_prometheus_finds_the_sidecars_is_a_value() -> None:
    values = {"sidecar": {"image": IMAGE}, "prometheus": {"scrapeBy": "Annotations"}}
    assert read_injection_settings(values).scrape_by == "Annotations"
    assert read().scrape_by == "PodMonitor"


def test_that_the_platform_assigns_users_is_a_value() -> None:
    values = {"sidecar": {"image": IMAGE}, "security": {"assignedUser": True}}
    assert read_injection_settings(values).assigned_user
    assert not read().assigned_user


def test_ports_are_values() -> None:
    assert read(ports={"admin": 25081}).ports == SidecarPorts(admin=25081)


@pytest.mark.parametrize(
    ("values", "where"),
    [
        ({}, "sidecar.image.repository"),
        ({"sidecar": {"image": {"repository": "a'b"}}}, "sidecar.image.repository"),
        ({"sidecar": {"image": {**IMAGE, "tag": "x y"}}}, "sidecar.image.repository"),
        ({"sidecar": {"image": {**IMAGE, "pullPolicy": "Often"}}}, "sidecar.image.pullPolicy"),
        ({"sidecar": {"image": IMAGE}, "prometheus": {"scrapeBy": "Luck"}}, "prometheus.scrapeBy"),
        ({"sidecar": {"image": IMAGE, "ports": {"proxy": 80}}}, "sidecar.ports.proxy"),
        ({"sidecar": {"image": IMAGE, "ports": {"proxy": 24081}}}, "sidecar.ports"),
        ({"sidecar": {"image": IMAGE, "ports": {"admin": 24091}}}, "sidecar.ports"),
        (
            {"sidecar": {"image": IMAGE, "sizes": {"Small": {"proxy": {"memory": "lots"}}}}},
            "sidecar.sizes.Small.proxy.memory",
        ),
        (
            {"sidecar": {"image": IMAGE, "sizes": {"Small": {"proxy": {"cpu": "0"}}}}},
            "sidecar.sizes.Small.proxy.cpu",
        ),
        (
            {"sidecar": {"image": IMAGE, "sizes": {"Small": {"proxy": {"cpuLimit": "1 core"}}}}},
            "sidecar.sizes.Small.proxy.cpuLimit",
        ),
        (
            {"sidecar": {"image": IMAGE, "sizes": {"Small": {"proxy": {"cpuLimit": "49m"}}}}},
            "sidecar.sizes.Small.proxy.cpuLimit",
        ),
        ({"sidecar": {"image": IMAGE}, "injection": {"mode": "Both"}}, "injection.mode"),
    ],
)
def test_a_wrong_value_is_named(values: dict[str, Any], where: str) -> None:
    with pytest.raises(SpecError) as refused:
        read_injection_settings(values)
    assert refused.value.where == where
