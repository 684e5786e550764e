import socket

import pytest

from modelmonitor_api.errors import InputError
from modelmonitor_cli.run.addresses import (
    Address,
    answers,
    check_free,
    is_loopback,
    parse_address,
)


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("127.0.0.1:8080", "127.0.0.1", 8080),
        ("localhost:1", "localhost", 1),
        ("[::1]:65535", "::1", 65535),
    ],
)
def test_an_address_is_read_and_written_alike(text: str, host: str, port: int) -> None:
    address = parse_address(text, "--listen")
    assert address == Address(host, port)
    assert str(address) == text


@pytest.mark.parametrize(
    "text", ["", "8080", ":8080", "localhost", "localhost:", "localhost:http", "::1:80",
             "localhost:0", "localhost:65536", "localhost:-1", "localhost:²"],
)  # fmt: skip
def test_what_is_no_address_is_refused_with_the_flag_and_an_example(text: str) -> None:
    with pytest.raises(InputError, match=r"^--listen: .* is no address; write HOST:PORT, e\.g\."):
        parse_address(text, "--listen")


def test_a_taken_port_is_refused_with_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = Address("127.0.0.1", taken.getsockname()[1])
        assert answers(address)
        with pytest.raises(InputError, match=r"--collector: .* is taken by another program; end"):
            check_free(address, "--collector")
    assert not answers(address)
    check_free(address, "--collector")


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-host.invalid"])
def test_an_address_of_another_machine_is_refused_with_what_to_do(host: str) -> None:
    with pytest.raises(InputError, match=r"--listen: .*; (choose an address of this|write an IP)"):
        check_free(Address(host, 9000), "--listen")


def test_loopback_is_told_from_the_rest() -> None:
    local = [host for host in ("127.0.0.1", "127.9.9.9", "::1", "localhost", "0.0.0.0", "::",
                               "10.0.0.1") if is_loopback(Address(host, 1))]  # fmt: skip
    assert local == ["127.0.0.1", "127.9.9.9", "::1", "localhost"]
