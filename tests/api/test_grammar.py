"""What Kubernetes and Grafana take for a name."""

import pytest

from modelmonitor_api import grammar


@pytest.mark.parametrize("text", ["a", "7", "churn-2", "churn.eu-1.v2", "a" * 253])
def test_names_of_objects(text: str) -> None:
    assert grammar.is_dns_name(text)


@pytest.mark.parametrize("text", ["", "-a", "a-", "a.", ".a", "a..b", "a.-b", "A", "a_b", "a\n"])
def test_what_no_object_is_called(text: str) -> None:
    assert not grammar.is_dns_name(text)


def test_a_name_is_as_long_as_its_place_allows() -> None:
    assert grammar.is_dns_name("a" * 50, 50)
    assert not grammar.is_dns_name("a" * 51, 50)
    assert not grammar.is_dns_name("a" * 254)


@pytest.mark.parametrize(
    "text", ["app", "App_1.x", "app.kubernetes.io/name", "a" * 63, f"{'a' * 253}/{'b' * 63}"]
)
def test_keys_of_labels(text: str) -> None:
    assert grammar.is_label_key(text)


@pytest.mark.parametrize(
    "text", ["", "my app", "-a", "a-", "/a", "a/", "A/b", "a..b/c", "a/b/c", "a" * 64, "a\n"]
)
def test_what_is_no_key_of_a_label(text: str) -> None:
    assert not grammar.is_label_key(text)


@pytest.mark.parametrize("text", ["", "v1.2_3-x", "a" * 63])
def test_values_of_labels(text: str) -> None:
    assert grammar.is_label_value(text)


@pytest.mark.parametrize("text", ["a/b", "a b", "-a", "a.", "a" * 64, 'a"', "é"])
def test_what_is_no_value_of_a_label(text: str) -> None:
    assert not grammar.is_label_value(text)


@pytest.mark.parametrize("text", ["http", "8080x", "a-1", "a" * 15])
def test_names_of_ports(text: str) -> None:
    assert grammar.is_port_name(text)


@pytest.mark.parametrize("text", ["", "8080", "1-2", "a--b", "-a", "a-", "HTTP", "a" * 16])
def test_what_no_port_is_called(text: str) -> None:
    assert not grammar.is_port_name(text)


def test_a_service_begins_with_a_letter_and_has_no_dots() -> None:
    assert grammar.is_service_name("churn-2")
    assert not any(grammar.is_service_name(text) for text in ("2churn", "churn.v2", "churn-", ""))


def test_a_folder_is_one_and_no_path() -> None:
    assert grammar.is_folder("Models of the shop")
    assert not any(
        grammar.is_folder(text) for text in ("a/b", "a\\b", "..", ".", " ", "a\x00", "a" * 129)
    )
