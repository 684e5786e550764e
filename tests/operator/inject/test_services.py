"""Services that pass the proxy by, and Services that do not."""

from typing import Any

from modelmonitor_operator.inject.services import (
    is_headless,
    leads_to,
    numbers_led_to,
    retargeted,
)


def service(*ports: dict[str, Any], **spec: Any) -> dict[str, Any]:
    return {"kind": "Service", "spec": {"selector": {"app": "churn"}, "ports": [*ports], **spec}}


def test_a_service_leads_to_pods_with_all_its_labels() -> None:
    assert leads_to(service(), {"app": "churn", "tier": "a"})
    assert not leads_to(service(), {"app": "other"})


def test_a_service_without_a_selector_leads_to_no_pods() -> None:
    assert not leads_to({"spec": {"type": "ExternalName"}}, {"app": "churn"})


def test_a_target_is_a_number_a_name_or_the_services_own_number() -> None:
    ports = ({"port": 80, "targetPort": 8080}, {"port": 81, "targetPort": "http"}, {"port": 82})
    assert list(numbers_led_to(service(*ports))) == [8080, 82]


def test_a_service_on_udp_is_another_affair() -> None:
    assert list(numbers_led_to(service({"port": 53, "protocol": "UDP"}))) == []


def test_only_what_led_to_the_number_is_retargeted() -> None:
    given = service({"port": 80, "targetPort": 8080, "nodePort": 30000}, {"port": 9090})
    assert retargeted(given, 8080, "http") == service(
        {"port": 80, "targetPort": "http", "nodePort": 30000}, {"port": 9090}
    )


def test_the_services_own_number_becomes_a_name_too() -> None:
    assert retargeted(service({"port": 8080}), 8080, "http") == service(
        {"port": 8080, "targetPort": "http"}
    )


def test_without_an_address_a_service_is_headless() -> None:
    assert is_headless(service(clusterIP="None"))
    assert not is_headless(service(clusterIP="10.0.0.1"))
    assert not is_headless(service())
