"""Flags over environment over defaults, and where the model server is looked for."""

from pathlib import Path

import pytest

from modelmonitor_sidecar.proxy.settings import Upstream, read_settings
from modelmonitor_sidecar.supervise.address import ANY, Address, AddressError


def test_in_a_pod_the_ports_are_ours_and_the_upstream_is_looked_for() -> None:
    settings = read_settings(["--upstream", "8080"], {"MODELMONITOR_POD_IP": "10.1.2.3"})

    assert settings.listen == Address(ANY, 24080)
    assert settings.admin == Address(ANY, 24081)
    assert settings.config_file == Path("/etc/modelmonitor/config/config.json")
    assert settings.labels_file == Path("/etc/modelmonitor/pod/labels")
    assert settings.frames_socket == Path("/run/modelmonitor/frames.sock")
    assert settings.monitor == "unknown"
    assert settings.upstreams == (
        Upstream("127.0.0.1", 8080, "10.1.2.3"),
        Upstream("::1", 8080, None),
        Upstream("10.1.2.3", 8080, "10.1.2.3"),
    )


def test_a_pod_with_two_families_dials_each_from_its_own() -> None:
    settings = read_settings(["--upstream", ":80"], {"MODELMONITOR_POD_IP": "10.1.2.3,fd00::3"})

    assert settings.upstreams == (
        Upstream("127.0.0.1", 80, "10.1.2.3"),
        Upstream("::1", 80, "fd00::3"),
        Upstream("10.1.2.3", 80, "10.1.2.3"),
        Upstream("fd00::3", 80, "fd00::3"),
    )


def test_a_named_upstream_is_the_only_one() -> None:
    settings = read_settings(["--upstream", "127.0.0.1:8080", "--source", "127.0.0.2"], {})

    assert settings.upstreams == (Upstream("127.0.0.1", 8080, "127.0.0.2"),)


def test_localhost_is_both_loopbacks() -> None:
    settings = read_settings(["--upstream", "localhost:80"], {})

    assert [upstream.host for upstream in settings.upstreams] == ["127.0.0.1", "::1"]


def test_flags_win_over_the_environment() -> None:
    settings = read_settings(
        ["--upstream", "127.0.0.1:1", "--source", "127.0.0.9"],
        {"MODELMONITOR_POD_IP": "10.1.2.3", "MODELMONITOR_MONITOR": "churn"},
    )

    assert settings.upstreams[0].source == "127.0.0.9"
    assert settings.monitor == "churn"


@pytest.mark.parametrize(
    ("flags", "environment", "sentence"),
    [
        (["--upstream", "x"], {}, r"--upstream: 'x' is no address; write HOST:PORT"),
        (["--upstream", "1", "--source", "x"], {}, r"--source: 'x' is no IP address; write one"),
        (["--upstream", "1"], {"MODELMONITOR_POD_IP": "x"}, r"MODELMONITOR_POD_IP: 'x' is no IP"),
    ],
)
def test_what_cannot_be_read_is_a_sentence(
    flags: list[str], environment: dict[str, str], sentence: str
) -> None:
    with pytest.raises(AddressError, match=sentence):
        read_settings(flags, environment)


def test_the_upstream_must_be_given(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        read_settings([], {})

    assert end.value.code == 2
    assert "--upstream" in capsys.readouterr().err
