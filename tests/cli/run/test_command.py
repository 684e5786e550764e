import argparse
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from modelmonitor_api.errors import InputError
from modelmonitor_cli.run import command


def arguments(*flags: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    command.add_parser(parser.add_subparsers())
    return parser.parse_args(["run", *flags])


@pytest.fixture
def taken() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


def test_the_defaults_are_those_of_the_contract() -> None:
    given = arguments("--listen", "127.0.0.1:9000", "--upstream", "127.0.0.1:8080")
    assert (str(given.proxy_metrics), str(given.collector)) == (
        "127.0.0.1:24081",
        "127.0.0.1:24090",
    )
    assert (given.monitor, given.baseline, given.window) == (None, [], None)


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        ([], "the following arguments are required: --listen, --upstream"),
        (["--listen", "9000", "--upstream", "127.0.0.1:8080"],
         "argument --listen: '9000' is no address; write HOST:PORT, e.g. 127.0.0.1:8080"),
        (["--listen", "127.0.0.1:9", "--upstream", "127.0.0.1:8", "--window", "5m"],
         "argument --window: '5m' is no number of rows; write e.g. 2000r"),
    ],
)  # fmt: skip
def test_wrong_usage_exits_with_2_and_a_sentence(
    flags: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        arguments(*flags)
    assert ended.value.code == 2
    assert capsys.readouterr().err.rstrip().endswith(sentence)


def test_a_taken_port_is_named_with_its_flag_before_anything_starts(taken: str) -> None:
    given = arguments("--listen", taken, "--upstream", "127.0.0.1:8080")
    with pytest.raises(InputError, match=rf"^--listen: {taken} is taken by another program; "):
        given.command(given)


def test_an_address_used_twice_is_refused() -> None:
    given = arguments("--listen", "127.0.0.1:9000", "--upstream", "127.0.0.1:9000")
    with pytest.raises(InputError, match=r"^--listen: 127\.0\.0\.1:9000 is also --upstream; give"):
        given.command(given)


def test_a_missing_monitor_is_named_before_a_taken_port(taken: str, tmp_path: Path) -> None:
    given = arguments(
        "--monitor", str(tmp_path / "m.yaml"), "--listen", taken, "--upstream", "127.0.0.1:8080"
    )
    with pytest.raises(InputError, match=r"m\.yaml: cannot be read"):
        given.command(given)
