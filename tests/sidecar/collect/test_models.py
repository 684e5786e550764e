"""Which statistics a row goes to, what begins anew, and what is bounded."""

from pathlib import Path

import pytest

from modelmonitor_api.baseline import Baseline, digest
from modelmonitor_sidecar.collect.configuration import Configuration
from modelmonitor_sidecar.collect.models import (
    MAX_UNKNOWN_MODELS,
    MAX_VERSIONS,
    RETIREMENT_SECONDS,
    CountedModels,
)
from modelmonitor_sidecar.decode.rows import Decoded, Records, Rows
from modelmonitor_sidecar.testing_baselines import baseline, numeric
from modelmonitor_sidecar.testing_collector import write_configuration

ONE = baseline([numeric("age", range(100))])
TWO = baseline([numeric("age", range(50, 150))])
BY_ANSWER = {"models": [{"name": "churn", "version": {"from": "ResponseField", "path": "v"}}]}


class Setting:
    def __init__(self, folder: Path, *baselines: tuple[str | None, Baseline], **spec: object):
        self.folder, self.now = folder, 1_000_000.0
        write_configuration(folder, baselines, spec)
        self.configuration = Configuration(folder, folder / "labels", "fallback")
        self.models = CountedModels(self.configuration, lambda: self.now)

    def changed(self, *baselines: tuple[str | None, Baseline], **spec: object) -> None:
        write_configuration(self.folder, baselines, spec)
        assert self.configuration.poll()
        self.models.follow()

    def counts(self, rows: int, version: str | None = None) -> None:
        model = self.models.find("churn")
        assert model is not None
        model.add(Decoded(Rows(None, [[1.0]] * rows), version=version))
        self.models.flush()

    def rows(self) -> dict[tuple[str, str, str], int]:
        return {one.labels: one.statistics.totals.rows for one in self.models.versions()}


def label(one: Baseline) -> str:
    return digest(one)[:8]


def test_statistics_are_there_before_the_first_row(tmp_path: Path) -> None:
    assert Setting(tmp_path).rows() == {("churn", "unknown", "none"): 0}
    with_baselines = Setting(tmp_path, ("2", TWO), **BY_ANSWER)
    assert with_baselines.rows() == {("churn", "2", label(TWO)): 0}


def test_rows_go_to_the_version_that_the_exchange_names(tmp_path: Path) -> None:
    setting = Setting(tmp_path, ("1", ONE), ("2", TWO), **BY_ANSWER)
    setting.counts(3, "1")
    setting.counts(4, "2")
    setting.counts(5)
    assert setting.rows() == {
        ("churn", "1", label(ONE)): 3,
        ("churn", "2", label(TWO)): 4,
        ("churn", "unknown", "none"): 5,
    }


def test_a_changed_baseline_begins_at_0_and_the_old_stays_for_a_minute(tmp_path: Path) -> None:
    setting = Setting(tmp_path, (None, ONE))
    setting.counts(3)
    setting.changed((None, TWO))
    setting.counts(4)
    new, old = ("churn", "unknown", label(TWO)), ("churn", "unknown", label(ONE))
    assert setting.rows() == {new: 4, old: 3}
    setting.now += RETIREMENT_SECONDS - 1
    setting.models.tick()
    assert setting.rows() == {new: 4, old: 3}
    setting.now += 2
    setting.models.tick()
    assert setting.rows() == {new: 4}


def test_what_does_not_touch_the_statistics_leaves_them(tmp_path: Path) -> None:
    setting = Setting(tmp_path, (None, ONE), models=[{"name": "churn"}])
    setting.counts(3)
    setting.changed((None, ONE), models=[{"name": "churn", "match": {"paths": ["/x"]}}])
    setting.counts(4)
    assert setting.rows() == {("churn", "unknown", label(ONE)): 7}


def test_other_settings_of_a_feature_begin_anew_without_a_twin(tmp_path: Path) -> None:
    setting = Setting(tmp_path, (None, ONE), models=[{"name": "churn"}])
    setting.counts(3)
    ignored = [{"name": "churn", "features": [{"name": "age", "ignore": True}]}]
    setting.changed((None, ONE), models=ignored)
    assert setting.rows() == {("churn", "unknown", label(ONE)): 0}


def test_a_model_that_leaves_the_configuration_is_counted_out(tmp_path: Path) -> None:
    setting = Setting(tmp_path, models=[{"name": "churn"}, {"name": "fraud"}])
    setting.counts(3)
    setting.changed(models=[{"name": "fraud"}])
    assert list(setting.models.models) == ["fraud"]
    assert setting.rows()[("churn", "unknown", "none")] == 3


def test_models_are_in_the_order_of_the_configuration(tmp_path: Path) -> None:
    setting = Setting(tmp_path, models=[{"name": "b"}, {"name": "c"}])
    setting.models.find("stranger")
    setting.changed(models=[{"name": "a"}, {"name": "b"}])
    assert list(setting.models.models) == ["a", "b", "stranger"]


def test_versions_beyond_the_bound_share_one(tmp_path: Path) -> None:
    setting = Setting(tmp_path, **BY_ANSWER)
    for number in range(MAX_VERSIONS + 5):
        setting.counts(1, f"v{number}")
    versions = [version for _, version, _ in setting.rows()]
    assert len(versions) == MAX_VERSIONS + 1
    assert setting.rows()[("churn", "__other__", "none")] == 5


def test_model_names_that_nobody_configured_are_bounded(tmp_path: Path) -> None:
    setting = Setting(tmp_path)
    found = [setting.models.find(f"model-{n}") is not None for n in range(MAX_UNKNOWN_MODELS + 3)]
    assert sum(found) == MAX_UNKNOWN_MODELS
    assert setting.models.find("churn") is not None


def test_a_model_that_the_proxy_knows_first_is_found_at_once(tmp_path: Path) -> None:
    setting = Setting(tmp_path)
    write_configuration(tmp_path, [], {"models": [{"name": "fraud", "protocol": "V1"}]})
    found = setting.models.find("fraud")
    assert found is not None
    assert found.spec.protocol == "V1"


def test_rows_without_a_prediction_are_told(tmp_path: Path) -> None:
    setting = Setting(tmp_path)
    model = setting.models.find("churn")
    assert model is not None
    model.add(Decoded(Records([{"age": 1.0}, {"age": 2.0}])))
    model.add(Decoded(Rows(None, [[1.0]]), outputs=Rows(None, [[0.5]])))
    (version,) = model.versions.values()
    assert version.rows_without_prediction == 2


def test_statistics_that_fail_are_counted_and_stop_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting = Setting(tmp_path, models=[{"name": "churn"}, {"name": "fraud"}])
    broken, sound = (
        next(iter(setting.models.models[name].versions.values())) for name in ("churn", "fraud")
    )

    def fails(_now: float) -> int:
        raise ArithmeticError("a secret")

    monkeypatch.setattr(broken.statistics, "flush", fails)
    sound.add(Decoded(Rows(None, [[1.0]])))
    setting.models.flush()
    assert setting.models.errors == 1
    assert sound.statistics.totals.rows == 1
