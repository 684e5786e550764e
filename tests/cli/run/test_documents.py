import gzip
import json
from pathlib import Path

import pytest

from modelmonitor_api.baseline import Baseline, BaselineFeature, Bins, Column, digest, to_document
from modelmonitor_api.baseline_reading import read_baseline
from modelmonitor_api.errors import InputError
from modelmonitor_api.sidecar_config import parse_config
from modelmonitor_cli import documents
from modelmonitor_cli.run.documents import write_folder

MONITOR = """\
apiVersion: modelmonitor.io/v1alpha1
kind: ModelMonitor
metadata: {name: team}
spec:
  models:
  - name: churn
    match: {paths: [/churn]}
  - name: price
    match: {paths: [/price]}
"""


def baseline(model: str, low: float = 1.0) -> Baseline:
    bins = Bins((2.0,), (3, 2), (low, 4.0), 2.2, 1.0, low, 5.0)
    feature = BaselineFeature("age", "input", "numeric", bins)
    return Baseline(model, None, 5, (Column("age"),), (feature,))


def saved(folder: Path, one: Baseline, name: str = "b.json") -> Path:
    file = folder / name
    file.write_text(json.dumps(to_document(one)))
    return file


def monitor_file(folder: Path, text: str = MONITOR) -> Path:
    file = folder / "m.yaml"
    file.write_text(text)
    return file


def test_the_folder_is_what_the_sidecars_read(tmp_path: Path) -> None:
    known = baseline("price")
    file = saved(tmp_path, known)
    folder = tmp_path / "folder"
    folder.mkdir()
    document = documents.read_monitor(monitor_file(tmp_path))
    write_folder(folder, document, [documents.read_named_baseline(f"price@3={file}")], 2000)
    config = parse_config((folder / "config.json").read_bytes())
    (reference,) = config.baselines
    assert config.monitor == document.monitor
    assert config.window_rows == 2000
    assert (reference.model, reference.version) == ("price", "3")
    assert read_baseline((folder / reference.file).read_bytes()) == known
    assert digest(known).startswith(reference.digest8)


def test_a_baseline_may_be_gzip(tmp_path: Path) -> None:
    file = tmp_path / "b.json.gz"
    file.write_bytes(gzip.compress(json.dumps(to_document(baseline("price"))).encode()))
    assert documents.read_named_baseline(str(file)).baseline == baseline("price")


def test_a_baseline_without_a_name_goes_to_the_model_it_was_built_for(tmp_path: Path) -> None:
    document = documents.read_monitor(monitor_file(tmp_path))
    one = documents.read_named_baseline(str(saved(tmp_path, baseline("price"))))
    write_folder(tmp_path, document, [one], None)
    (reference,) = parse_config((tmp_path / "config.json").read_bytes()).baselines
    assert (reference.model, reference.version) == ("price", None)


def test_a_baseline_without_a_name_goes_to_the_only_model(tmp_path: Path) -> None:
    text = "kind: ModelMonitor\nmetadata: {name: only}\n"
    document = documents.read_monitor(monitor_file(tmp_path, text))
    one = documents.read_named_baseline(str(saved(tmp_path, baseline("another"))))
    write_folder(tmp_path, document, [one], None)
    (reference,) = parse_config((tmp_path / "config.json").read_bytes()).baselines
    assert reference.model == "only"


def test_a_file_name_with_an_equals_sign_is_a_file_name(tmp_path: Path) -> None:
    file = saved(tmp_path, baseline("price"), "day=1.json")
    assert documents.read_named_baseline(str(file)).file == file


def test_a_baseline_for_no_model_of_the_monitor_is_refused(tmp_path: Path) -> None:
    document = documents.read_monitor(monitor_file(tmp_path))
    one = documents.read_named_baseline(str(saved(tmp_path, baseline("wine"))))
    with pytest.raises(InputError, match=r"b\.json: is for model 'wine', .* are churn, price; "):
        write_folder(tmp_path, document, [one], None)


def test_two_baselines_for_one_version_are_refused(tmp_path: Path) -> None:
    document = documents.read_monitor(monitor_file(tmp_path))
    files = [saved(tmp_path, baseline("price", low), f"{low}.json") for low in (0.5, 1.5)]
    named = [documents.read_named_baseline(f"price={file}") for file in files]
    with pytest.raises(InputError, match=r"1\.5\.json: is for model price, as is .*0\.5\.json; "):
        write_folder(tmp_path, document, named, None)


def test_without_a_monitor_the_model_is_named_as_its_baseline_names_it(tmp_path: Path) -> None:
    one = documents.read_named_baseline(str(saved(tmp_path, baseline("price"))))
    assert [model.name for model in documents.implied_monitor([one]).monitor.models] == ["price"]
    assert [model.name for model in documents.implied_monitor([]).monitor.models] == ["model"]


def test_without_a_monitor_two_models_cannot_be_told_apart(tmp_path: Path) -> None:
    names = ("price", "churn")
    named = [
        documents.read_named_baseline(str(saved(tmp_path, baseline(name), f"{name}.json")))
        for name in names
    ]
    with pytest.raises(InputError, match=r"for 2 models \(churn, price\); pass --monitor FILE"):
        documents.implied_monitor(named)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "holds 0 resources of kind ModelMonitor; it must hold exactly one"),
        ("kind: Deployment", "holds 0 resources of kind ModelMonitor; it must hold exactly one"),
        (MONITOR + "---\n" + MONITOR, "holds 2 resources of kind ModelMonitor"),
        ("a: [", r"is no YAML \(line 1, column 5: [^\n]*\); mend that line$"),
        ("\x00", r"is no YAML"),
        (MONITOR.replace("name: price", "protocol: gRPC"),
         r"spec\.models\[1\]\.\w+: "),
        (MONITOR.replace("    match: {paths: [/price]}", "    protocol: Telepathy"),
         r"spec\.models\[1\]\.protocol: is 'Telepathy'; it must be one of Auto, OpenInference"),
        (MONITOR + "  windowz: [5m]\n", r"spec\.windowz: is no field of the resource; known"),
        (MONITOR.replace("v1alpha1", "v2"), r"apiVersion: is 'modelmonitor.io/v2'; it must be"),
    ],
)  # fmt: skip
def test_an_unusable_monitor_is_refused_by_file_field_and_mend(
    tmp_path: Path, text: str, sentence: str
) -> None:
    with pytest.raises(InputError, match=rf"m\.yaml: {sentence}") as refusal:
        documents.read_monitor(monitor_file(tmp_path, text))
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("name", ["absent.yaml", "."])
def test_an_unreadable_file_is_refused_by_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=r"cannot be read \(.*\); check the name and its rights"):
        documents.read_monitor(tmp_path / name)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is no JSON"),
        (b"\x1f\x8bbroken", "is broken gzip"),
        (b"{}", "formatVersion is missing|formatVersion: is missing"),
        (b'{"formatVersion": 99}', "formatVersion: is 99, .* upgrade modelmonitor"),
    ],
)
def test_a_broken_baseline_is_refused_by_file_field_and_mend(
    tmp_path: Path, content: bytes, sentence: str
) -> None:
    file = tmp_path / "b.json"
    file.write_bytes(content)
    with pytest.raises(InputError, match=rf"b\.json:? ?{sentence}"):
        documents.read_named_baseline(f"price={file}")
