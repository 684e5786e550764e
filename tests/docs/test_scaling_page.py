"""Figures on the page on scaling are those of the benchmarks, limits and estimates the code's."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
import yaml

from modelmonitor_api import baseline as baseline_format
from modelmonitor_api import sidecar_config, spec_reading
from modelmonitor_api.baseline import BaselineFeature
from modelmonitor_api.spec import DEFAULT_WINDOWS, WINDOWS, Model, ModelMonitor
from modelmonitor_cli.__main__ import main
from modelmonitor_cli.testing_pages import ROOT, page
from modelmonitor_cli.validate.estimate import BYTES_A_SERIES
from modelmonitor_operator.render import sidecar_config_map
from modelmonitor_operator.render.pod_monitor import SAMPLES_A_SERIES
from modelmonitor_operator.render.series import PROXY_SERIES, exposed_series, recorded_series
from modelmonitor_operator.render.settings import RenderSettings
from modelmonitor_sidecar.collect.models import MAX_VERSIONS
from modelmonitor_sidecar.decode.rows import MAX_ROWS
from modelmonitor_sidecar.testing_baselines import baseline, categorical, numeric

PAGE = page("scaling.md")
RULES_MEASURED = page("false-alarms.md")
RESULTS = [ROOT / "benchmarks" / name for name in ("RESULTS.md", "RESULTS-operator.md")]
SAMPLE = np.random.default_rng(7).normal(size=10_000)
UNBOUNDED = 10**9
MEASURED_MONITORS = 200
MEASURED_CORES = 0.38


def rows(text: str) -> list[tuple[str, ...]]:
    """The cells of every line of a table but the one that divides head from body."""
    return [
        tuple(cell.strip() for cell in line.strip("|").split("|"))
        for line in text.splitlines()
        if line.startswith("| ") and not line.startswith("| -")
    ]


def section(title: str) -> list[tuple[str, ...]]:
    return rows(PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0])


def measured() -> set[tuple[str, ...]]:
    return {cells[:4] for file in RESULTS for cells in rows(file.read_text())}


def features(count: int) -> list[BaselineFeature]:
    return [numeric(f"feature_{place}", SAMPLE) for place in range(count)]


def series(
    watched: list[BaselineFeature], windows: tuple[str, ...] = DEFAULT_WINDOWS
) -> tuple[int, int]:
    """Of one pod without the proxy's, and recorded."""
    monitor = ModelMonitor("churn", "team-a", models=(Model("churn"),), windows=windows)
    document = baseline(watched)
    exposed = exposed_series(monitor, [("churn", document)], UNBOUNDED) - PROXY_SERIES
    return exposed, recorded_series(monitor, document)


@pytest.mark.parametrize(
    ("title", "least"), [("In a pod", 14), ("The operator and the API server", 10)]
)
def test_a_figure_is_the_one_that_the_benchmarks_wrote(title: str, least: int) -> None:
    quoted = [cells for cells in section(title) if cells[0] != "figure"]

    assert len([cells for cells in quoted if len(cells) == 4]) >= least
    assert [cells for cells in quoted if cells not in measured()] == []


def test_every_target_that_was_missed_is_told() -> None:
    missed = {cells for cells in measured() if cells[-1] == "**no**"}

    assert missed
    assert missed <= set(rows(PAGE))


def test_what_rules_cost_is_what_the_page_on_false_alarms_says() -> None:
    for figure in (
        "1.04 s", f"{MEASURED_CORES} of a core", "860,800 series", "11 s for a reload",
        "0.07 of a core", "4,430 series each", "3.5 kB a series", "3.92 s", "1.40 cores",
        "4,439,000 series in 15.0 GB", "0.22 s", "109 s of 150",
    ):  # fmt: skip
        assert figure in RULES_MEASURED, figure
        assert figure in PAGE, figure


@pytest.mark.parametrize("figure", ["64 KiB", "56 KiB"])
def test_sizes_of_rules_are_those_of_their_page(figure: str) -> None:
    assert figure in page("rules.md")
    assert figure in PAGE


def test_limits_are_those_of_the_code() -> None:
    budget = RenderSettings().series_budget
    listed = {name: number for name, number, _ in section("Limits")[1:]}

    assert listed == {
        "ports of a monitor": f"{spec_reading.MAX_PORTS}",
        "models of a monitor": f"{spec_reading.MAX_MODELS}",
        "features listed for a model": f"{spec_reading.MAX_FEATURES}",
        "baselines of a model": f"{spec_reading.MAX_BASELINES}",
        "paths of a model": f"{spec_reading.MAX_PATHS}",
        "one baseline in a ConfigMap, encoded": _kib(baseline_format.MAX_ENCODED_BYTES),
        "all baselines of a monitor": _kib(sidecar_config_map.MAX_BYTES),
        "feature series of a monitor in one pod": f"{budget:,}",
        "samples of one scrape": f"{SAMPLES_A_SERIES * budget:,}",
        "versions of a model in one pod": f"{MAX_VERSIONS}",
        "one body that is copied": f"{sidecar_config.MAX_PAYLOAD_BYTES >> 20} MiB",
        "copies that wait in one pod": f"{sidecar_config.CAPTURE_BUDGET_BYTES >> 20} MiB",
        "rows of one request": f"{MAX_ROWS:,}",
    }
    assert budget == sidecar_config.SERIES_BUDGET


def _kib(size_bytes: int) -> str:
    return f"{size_bytes >> 10} KiB"


def test_series_of_a_feature_are_counted_as_validate_counts_them() -> None:
    kinds = {
        "a number of 10 bins": features(1),
        "one of 19 categories": [categorical("job", {f"job {n}": 500 for n in range(19)})],
        "one of 2 categories": [categorical("job", {"cook": 500, "smith": 500})],
    }
    listed = {cells[0]: cells[1:] for cells in section("Series of a monitor") if len(cells) == 3}

    for kind, watched in kinds.items():
        assert listed[kind] == tuple(str(number) for number in series(watched))
    assert f"one of `5m` alone records {series(features(1), ('5m',))[1]} a feature" in PAGE
    assert f"all five {series(features(1), WINDOWS)[1]}" in PAGE


def test_series_of_a_monitor_are_counted_as_validate_counts_them() -> None:
    listed = [cells for cells in section("Series of a monitor") if len(cells) == 5]

    assert [cells[0] for cells in listed[1:]] == ["10", "40", "100", "200"]
    for cells in listed[1:]:
        exposed, of_rules = series(features(int(cells[0])))
        pod = exposed + PROXY_SERIES
        numbers = (pod, of_rules, pod + of_rules, 10 * pod + of_rules)
        assert cells[1:] == tuple(f"{number:,}" for number in numbers)


def test_the_budget_of_series_ends_before_five_hundred_features() -> None:
    (fit,) = re.findall(r"20,000 series are (\d+) numbers of ten bins", PAGE)
    of_one, _ = series(features(1))

    assert RenderSettings().series_budget // of_one == int(fit)
    assert int(fit) < spec_reading.MAX_FEATURES


def test_ten_a_hundred_and_a_thousand_are_computed_as_the_page_says() -> None:
    exposed, of_rules = series(features(10))
    each = exposed + PROXY_SERIES + of_rules

    assert f"the table says {each:,}" in PAGE
    for monitors, total, memory, cpu, *_ in section("Ten, a hundred, a thousand")[1:]:
        count = int(monitors.replace(",", ""))
        assert total == f"{each * count:,}"
        assert float(memory.split()[0]) == pytest.approx(
            each * count * BYTES_A_SERIES / 1e9, rel=0.2
        )
        if count <= MEASURED_MONITORS:
            share = MEASURED_CORES * count / MEASURED_MONITORS
            assert cpu == f"{share:.2f} of a core"
    assert f"{BYTES_A_SERIES:,} bytes" in PAGE
    assert "1.40 cores" in RULES_MEASURED


def test_what_a_monitor_takes_in_etcd_is_what_is_rendered(tmp_path: Path) -> None:
    resource = {
        "apiVersion": "modelmonitor.io/v1alpha1",
        "kind": "ModelMonitor",
        "metadata": {"name": "churn", "namespace": "team-a"},
        "spec": {"selector": {"matchLabels": {"app": "churn"}}, "ports": ["http"]},
    }
    (tmp_path / "monitor.yaml").write_text(yaml.safe_dump(resource))
    assert main(["render", str(tmp_path / "monitor.yaml"), "-o", str(tmp_path / "out")]) == 0

    objects = list(yaml.safe_load_all((tmp_path / "out" / "manifests.yaml").read_text()))
    sizes = {f"{one['kind']} {one['metadata']['name']}": _bytes(one) for one in objects}
    found = re.findall(r"about (\d+) kB as JSON, (\d+) kB of them .*? and (\d+) kB the", PAGE)
    said = [1_000 * int(kilobytes) for kilobytes in found[0]]
    of_rules = sizes["PrometheusRule churn-modelmonitor"]
    of_dashboard = sizes["ConfigMap churn-modelmonitor-dashboard"]
    assert said == pytest.approx([sum(sizes.values()), of_rules, of_dashboard], rel=0.05)


def _bytes(manifest: object) -> int:
    return len(json.dumps(manifest, separators=(",", ":")).encode())


def test_the_readme_leads_to_it() -> None:
    assert "(docs/scaling.md)" in (ROOT / "README.md").read_text()
