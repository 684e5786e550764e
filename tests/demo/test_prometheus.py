import subprocess
from pathlib import Path

import pytest

from demo import prometheus
from demo.alarm import CONFIRM, WINDOW
from demo.processes import Places
from modelmonitor_api import names
from modelmonitor_cli.__main__ import main
from modelmonitor_cli.documents import read_monitor
from modelmonitor_cli.run.addresses import Address

MONITOR = Path(__file__).resolve().parents[2] / "demo" / "monitor.yaml"


def place(folder: Path) -> Places:
    ports = (18080, 19000, 24081, 24090, 29090)
    return Places(folder, *(Address("127.0.0.1", port) for port in ports))


@pytest.mark.parametrize(
    "said",
    [
        "prometheus, version 2.42.0+ds (branch: debian/sid, revision: 2.42.0+ds-5)",
        "prometheus, version 3.5.0 (branch: HEAD, revision: 8be3a9560fbd)",
        "prometheus, version v3.0.1",
    ],
)
def test_a_version_that_the_rules_need_is_taken(said: str) -> None:
    assert prometheus.refusal(said) is None


def test_an_older_one_is_refused_with_both_versions() -> None:
    assert prometheus.refusal("prometheus, version 2.31.2+ds1 (branch: debian/sid)") == (
        "the prometheus on the PATH is 2.31; the rules need 2.42 or later"
    )


def test_a_program_of_another_kind_is_refused() -> None:
    assert prometheus.refusal("usage: prometheus FILE") == (
        "the prometheus on the PATH does not tell its version"
    )


async def test_without_the_program_the_tour_knows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    assert await prometheus.missing() == "there is no prometheus on the PATH"


@pytest.mark.promtool
def test_promtool_takes_the_configuration_and_the_rules_beside_it(tmp_path: Path) -> None:
    prometheus.prepare(place(tmp_path))
    main(["render", str(MONITOR), "-o", str(tmp_path / "rendered")])

    run = subprocess.run(
        ["promtool", "check", "config", str(tmp_path / "prometheus.yml")],
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stdout + run.stderr
    assert "SUCCESS: 1 rule files found" in run.stdout


def test_no_two_jobs_share_their_labels() -> None:
    jobs = prometheus.configuration(place(Path(".demo")))["scrape_configs"]

    assert [(job["job_name"], job["static_configs"][0]["targets"]) for job in jobs] == [
        (names.PORT_NAME_PROXY, ["127.0.0.1:24081"]),
        (names.PORT_NAME_COLLECTOR, ["127.0.0.1:24090"]),
        ("mm-baseline", ["127.0.0.1:24090"]),
    ]


def test_the_stored_series_of_an_earlier_tour_are_forgotten(tmp_path: Path) -> None:
    (tmp_path / "prometheus" / "wal").mkdir(parents=True)

    prometheus.prepare(place(tmp_path))

    assert not (tmp_path / "prometheus").exists()


def test_the_scraped_labels_are_those_that_the_rules_select_by() -> None:
    monitor = read_monitor(MONITOR).monitor
    job = prometheus.configuration(place(Path(".demo")))["scrape_configs"][0]

    assert job["static_configs"][0]["labels"]["namespace"] == monitor.namespace


def test_the_last_chapter_waits_for_what_the_monitor_asks_for() -> None:
    monitor = read_monitor(MONITOR).monitor

    assert WINDOW in monitor.windows
    assert monitor.verdict.confirm == CONFIRM
