"""What the collector is told, and the sentences that say what is wrong with it."""

from pathlib import Path

import pytest

from modelmonitor_api.errors import InputError
from modelmonitor_sidecar.collect.__main__ import main
from modelmonitor_sidecar.collect.settings import read_settings
from modelmonitor_sidecar.supervise.address import Address


def test_without_flags_and_environment_there_are_defaults() -> None:
    settings = read_settings([], {}, None)
    assert settings.listen == Address("", 24090)
    assert settings.status == Address("127.0.0.1", 24091)
    assert settings.config_dir == Path("/etc/modelmonitor/config")
    assert settings.socket == Path("/run/modelmonitor/frames.sock")
    assert settings.monitor == "unknown"
    assert settings.memory_bytes == 256 << 20


def test_metrics_on_loopback_share_their_address_with_the_status() -> None:
    settings = read_settings(["--listen", "127.0.0.1:9100"], {}, None)
    assert settings.status == settings.listen == Address("127.0.0.1", 9100)


def test_the_worker_may_hold_most_of_what_the_container_may() -> None:
    assert read_settings([], {}, 100 << 20).memory_bytes == 80 << 20
    assert read_settings(["--memory", "64Mi"], {}, 100 << 20).memory_bytes == 64 << 20


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (["--listen", "nowhere"], "--listen: 'nowhere' is no address; write HOST:PORT"),
        (["--status", "0.0.0.0:1"], "--status: 0.0.0.0:1 can be reached from elsewhere"),
        (["--status", ":1"], "--status: .* give it a loopback address, e.g. 127.0.0.1:24091"),
        (["--memory", "much"], "--memory: 'much' is no size; write a whole number"),
    ],
)
def test_what_is_wrong_is_said_with_the_flag_and_the_remedy(
    flags: list[str], sentence: str
) -> None:
    with pytest.raises(InputError, match=sentence):
        read_settings(flags, {}, None)


def test_a_wrong_flag_is_one_sentence_and_a_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--listen", "nowhere"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("modelmonitor-collector: --listen: 'nowhere' is no address")
