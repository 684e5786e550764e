"""Where the supervisor listens, and the sentence a person reads when it cannot."""

import os
import socket
from pathlib import Path

import pytest

from modelmonitor_sidecar.supervise.address import ANY, Address, AddressError, parse_address
from modelmonitor_sidecar.supervise.listen import ListenError, listen, listen_unix


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:9000", Address("127.0.0.1", 9000)),
        ("[::1]:9000", Address("::1", 9000)),
        ("model.local:80", Address("model.local", 80)),
        ("*:24080", Address(ANY, 24080)),
        (":24080", Address(ANY, 24080)),
        ("24080", Address(ANY, 24080)),
        ("[::]:0", Address("::", 0)),
    ],
)
def test_an_address_is_read_as_written(text: str, address: Address) -> None:
    assert parse_address(text, "--listen") == address


@pytest.mark.parametrize("text", ["", "here", "host:", "host:99999", "::1:9000", "h:9x", "h:٣"])
def test_what_is_no_address_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(AddressError) as refusal:
        parse_address(text, "--listen")

    assert str(refusal.value) == (
        f"--listen: {text!r} is no address; write HOST:PORT, for instance 127.0.0.1:9000"
    )


@pytest.mark.parametrize("text", ["127.0.0.1:9000", "[::1]:9000", "*:24080"])
def test_an_address_is_shown_as_people_write_it(text: str) -> None:
    assert str(parse_address(text, "--listen")) == text


def test_any_listens_on_both_families() -> None:
    with listen(Address(ANY, 0), "--listen") as bound:
        port = bound.getsockname()[1]
        for host in ("127.0.0.1", "::1"):
            socket.create_connection((host, port), 5).close()


def test_one_family_can_be_chosen() -> None:
    with listen(Address("::1", 0), "--listen") as bound:
        socket.create_connection(("::1", bound.getsockname()[1]), 5).close()


def test_a_taken_port_is_a_sentence_with_a_remedy() -> None:
    with listen(Address("127.0.0.1", 0), "--listen") as bound:
        address = Address("127.0.0.1", bound.getsockname()[1])
        with pytest.raises(ListenError) as refusal:
            listen(address, "--listen")

    assert str(refusal.value) == (
        f"cannot listen on {address}: the address is in use; choose another with --listen"
    )


def test_a_foreign_address_is_a_sentence_with_a_remedy() -> None:
    with pytest.raises(ListenError, match=r"no such address; choose one .* with --admin"):
        listen(Address("192.0.2.1", 9000), "--admin")


def test_a_name_that_does_not_resolve_is_a_sentence_with_a_remedy() -> None:
    with pytest.raises(ListenError, match=r"no\.such\.name\.invalid:9000: .*; choose another with"):
        listen(Address("no.such.name.invalid", 9000), "--listen")


def test_a_unix_socket_left_by_the_dead_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "frames.sock"
    listen_unix(path).close()
    assert path.is_socket()

    with listen_unix(path), socket.socket(socket.AF_UNIX) as client:
        client.connect(str(path))


def test_a_unix_socket_of_the_living_stays(tmp_path: Path) -> None:
    path = tmp_path / "frames.sock"
    with listen_unix(path):
        with pytest.raises(ListenError, match=r"frames\.sock: .*MODELMONITOR_SOCKET"):
            listen_unix(path)
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(path))


def test_a_file_that_is_no_socket_stays(tmp_path: Path) -> None:
    path = tmp_path / "frames.sock"
    path.write_text("precious")

    with pytest.raises(ListenError, match="MODELMONITOR_SOCKET"):
        listen_unix(path)
    assert path.read_text() == "precious"


def test_a_listening_socket_is_not_inherited_by_other_programs() -> None:
    with listen(Address("127.0.0.1", 0), "--listen") as bound:
        assert not os.get_inheritable(bound.fileno())
        assert not bound.getblocking()
