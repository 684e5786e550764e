"""Files that are missing, break, change, and what stays in use."""

import gzip
import json
from pathlib import Path

import pytest

from modelmonitor_api.baseline import digest, to_document
from modelmonitor_api.spec import Model, Version
from modelmonitor_sidecar.collect.configuration import Configuration
from modelmonitor_sidecar.testing_baselines import baseline, numeric
from modelmonitor_sidecar.testing_collector import write_configuration

ONE = baseline([numeric("age", range(100))])
TWO = baseline([numeric("age", range(50, 150))])


def configuration(folder: Path) -> Configuration:
    return Configuration(folder, folder / "labels", "fallback")


def test_without_a_document_the_defaults_hold(tmp_path: Path) -> None:
    found = configuration(tmp_path)
    assert found.state == "missing"
    assert found.current.monitor.name == "fallback"
    assert [model.name for model in found.current.monitor.models] == ["fallback"]
    assert found.problems == ()


def test_a_document_is_followed_when_it_comes_and_when_it_changes(tmp_path: Path) -> None:
    found = configuration(tmp_path)
    write_configuration(tmp_path, seriesBudget=7)
    assert found.poll()
    assert (found.state, found.current.series_budget) == ("loaded", 7)
    write_configuration(tmp_path, seriesBudget=8)
    assert found.poll()
    assert found.current.series_budget == 8
    assert not found.poll()


@pytest.mark.parametrize(
    ("text", "state", "sentence"),
    [
        ("{", "broken", "no JSON"),
        ('{"formatVersion": 1}', "broken", "name"),
        ('{"formatVersion": 99}', "newer", "newer than this"),
    ],
)
def test_the_last_good_document_stays_when_a_worse_one_comes(
    tmp_path: Path, text: str, state: str, sentence: str
) -> None:
    write_configuration(tmp_path, seriesBudget=7)
    found = configuration(tmp_path)
    (tmp_path / "config.json").write_text(text)
    assert not found.poll()
    assert (found.state, found.current.series_budget) == (state, 7)
    (problem,) = found.problems
    assert sentence in problem


def test_the_last_good_document_stays_when_it_vanishes(tmp_path: Path) -> None:
    write_configuration(tmp_path, seriesBudget=7)
    found = configuration(tmp_path)
    (tmp_path / "config.json").unlink()
    assert not found.poll()
    assert (found.state, found.current.series_budget) == ("missing", 7)


def test_a_baseline_for_the_version_wins_over_one_for_all(tmp_path: Path) -> None:
    write_configuration(tmp_path, [(None, ONE), ("2", TWO)])
    baselines = configuration(tmp_path).baselines
    loaded = {version: baselines.for_model("churn", version) for version in ("1", "2")}
    assert {version: one and one.digest for version, one in loaded.items()} == {
        "1": digest(ONE),
        "2": digest(TWO),
    }
    assert baselines.for_model("another", "1") is None


def test_a_broken_baseline_is_named_and_the_last_good_one_stays(tmp_path: Path) -> None:
    write_configuration(tmp_path, [(None, ONE)])
    found = configuration(tmp_path)
    (file,) = tmp_path.glob("baseline-*")
    file.write_bytes(b"no baseline")
    assert not found.poll()
    loaded = found.baselines.for_model("churn", "1")
    assert loaded is not None
    assert loaded.digest == digest(ONE)
    (problem,) = found.problems
    assert file.name in problem


def test_the_label_is_of_what_the_file_says_not_of_what_it_is_called(tmp_path: Path) -> None:
    write_configuration(tmp_path, [(None, ONE)])
    found = configuration(tmp_path)
    (file,) = tmp_path.glob("baseline-*")
    file.write_bytes(gzip.compress(json.dumps(to_document(TWO)).encode()))
    assert found.poll()
    loaded = found.baselines.for_model("churn", "1")
    assert loaded is not None
    assert loaded.label == digest(TWO)[:8]


def test_a_reference_cannot_leave_the_folder(tmp_path: Path) -> None:
    inside = tmp_path / "config"
    inside.mkdir()
    write_configuration(inside, [(None, ONE)])
    (file,) = inside.glob("baseline-*")
    file.rename(tmp_path / file.name)
    text = (inside / "config.json").read_text()
    (inside / "config.json").write_text(text.replace(file.name, f"../{file.name}"))
    found = Configuration(inside, inside / "labels", "fallback")
    assert found.baselines.for_model("churn", "1") is None
    assert len(found.problems) == 1


def test_the_version_comes_from_the_pods_label_or_is_fixed_or_unknown(tmp_path: Path) -> None:
    (tmp_path / "labels").write_text('app.kubernetes.io/version="1.4"\n')
    found = configuration(tmp_path)
    versions = {
        "label": Version(),
        "another label": Version(label="release"),
        "fixed": Version("Fixed", value="3"),
        "answer": Version("ResponseField", path="model_version"),
    }
    assert {
        name: found.fixed_version(Model("m", version=version)) for name, version in versions.items()
    } == {"label": "1.4", "another label": "unknown", "fixed": "3", "answer": "unknown"}
