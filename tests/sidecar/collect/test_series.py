"""What the pages say of monitor, models and baselines besides the features' own series."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from modelmonitor_api.baseline import Baseline, digest
from modelmonitor_api.names import dashboard_uid
from modelmonitor_api.spec import VerdictPolicy
from modelmonitor_sidecar.collect.configuration import Configuration
from modelmonitor_sidecar.collect.models import CountedModels
from modelmonitor_sidecar.collect.series import Series
from modelmonitor_sidecar.decode.rows import Decoded, Records
from modelmonitor_sidecar.expose.families import Page
from modelmonitor_sidecar.stats.budget import Budget
from modelmonitor_sidecar.testing_baselines import baseline, numeric
from modelmonitor_sidecar.testing_collector import write_configuration

AGE = replace(numeric("age", range(1_000)), largest_change=20.0)
ONE = replace(baseline([AGE]), created_at="1970-01-02T00:00:00Z")
LABEL = digest(ONE)[:8]


class Shown:
    """A collector's series and its models, without processes."""

    def __init__(self, folder: Path, *baselines: tuple[str | None, Baseline], **spec: object):
        write_configuration(folder, baselines, spec)
        configuration = Configuration(folder, folder / "labels", "fallback")
        self.models = CountedModels(configuration, lambda: 1_000_000.0)
        self.series = Series(configuration, self.models)
        self.series.refresh()

    def baselines(self, family: str, **labels: str) -> dict[str, float]:
        """Values of a family of /metrics/baseline, by the label that comes last."""
        return _last_labels(self.series.baseline_page, family, labels)

    def rows(self, family: str) -> list[float]:
        page = Page()
        self.series.add_features(page)
        return list(_last_labels(page.text(), family, {}).values())


def _last_labels(page: str, family: str, labels: dict[str, str]) -> dict[str, float]:
    wanted = [f'{name}="{value}"' for name, value in labels.items()]
    lines = [line for line in page.splitlines() if line.startswith(f"{family}{{")]
    found = [line for line in lines if all(label in line for label in wanted)]
    pairs = [re.search(r'"([^"]*)"} (\S+)$', line) for line in found]
    return {pair[1]: float(pair[2]) for pair in pairs if pair is not None}


def test_the_evidence_that_is_needed_is_that_of_the_budget_for_each_window(tmp_path: Path) -> None:
    shown = Shown(tmp_path, (None, ONE), windows=["5m", "24h"])
    budget = Budget(VerdictPolicy().false_alarms_per_month, models=1, features=1, windows=2)
    found = shown.baselines("modelmonitor_evidence_threshold", baseline=LABEL)
    assert found == pytest.approx({name: budget.z_threshold(name) for name in ("5m", "24h")})


def test_more_features_need_more_evidence(tmp_path: Path) -> None:
    shown = Shown(tmp_path, (None, ONE))
    before = shown.baselines("modelmonitor_evidence_threshold")
    model = shown.models.find("churn")
    assert model is not None
    model.add(Decoded(Records([{"age": 1.0, "stranger": 2.0}])))
    shown.models.flush()
    shown.series.refresh()
    after = shown.baselines("modelmonitor_evidence_threshold")
    assert all(after[window] > before[window] for window in ("5m", "1h", "24h"))
    assert shown.rows("modelmonitor_rows_unexpected_column_total") == [1]


def test_a_version_without_a_baseline_has_none_of_its_series(tmp_path: Path) -> None:
    shown = Shown(tmp_path)
    assert shown.baselines("modelmonitor_evidence_threshold") == {}
    assert shown.baselines("modelmonitor_baseline_created_timestamp_seconds") == {}
    assert shown.rows("modelmonitor_rows_unexpected_column_total") == [0]


def test_the_change_detectors_threshold_is_the_replays_or_the_budgets(tmp_path: Path) -> None:
    shown = Shown(tmp_path, (None, ONE))
    settings = shown.baselines("modelmonitor_feature_setting", feature="age")
    # the budget, looked at once a minute, asks for less than 1.5 times the replay's 20
    assert Budget(0.1, models=1, features=1, windows=3).change_threshold(43_200) < 30
    assert settings["change_threshold"] == 30
    low = Shown(tmp_path, (None, baseline([replace(AGE, largest_change=1.0)])))
    budget = Budget(0.1, models=1, features=1, windows=3).change_threshold(43_200)
    found = low.baselines("modelmonitor_feature_setting", feature="age")["change_threshold"]
    assert found == pytest.approx(budget)


def test_when_the_baseline_was_built_is_there(tmp_path: Path) -> None:
    shown = Shown(tmp_path, (None, ONE))
    created = shown.baselines("modelmonitor_baseline_created_timestamp_seconds")
    assert created == {LABEL: 86_400.0}


def test_the_monitor_names_its_dashboard(tmp_path: Path) -> None:
    shown = Shown(tmp_path)
    monitor = shown.series.monitor
    uid = dashboard_uid(monitor.namespace, monitor.name)
    labels = {"model": "__other__", "model_version": "unknown", "modelmonitor": monitor.name}
    assert shown.baselines("modelmonitor_monitor_info", **labels) == {uid: 1.0}


def settings_of(shown: Shown, model: str) -> tuple[float, float]:
    found = shown.baselines("modelmonitor_setting", model=model)
    return found["baselines"], found["maximum_age_seconds"]


def test_each_model_says_how_many_baselines_it_has_and_how_old_they_may_be(tmp_path: Path) -> None:
    of_resource = [{"configMap": "a", "version": "1"}, {"configMap": "b", "version": "2"}]
    models = [
        {"name": "churn", "maximumAge": "30d"},
        {"name": "fraud", "baselines": of_resource},
        {"name": "wine"},
    ]
    shown = Shown(tmp_path, (None, ONE), models=models)
    assert settings_of(shown, "churn") == (1, 30 * 86_400)
    assert settings_of(shown, "fraud") == (2, 180 * 86_400)
    assert settings_of(shown, "wine") == (0, 180 * 86_400)
    assert "baselines" not in shown.baselines("modelmonitor_setting", model="__other__")
