"""A configuration that fails open: whatever the file does, something usable is in use."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmonitor_api.sidecar_config import FORMAT_VERSION
from modelmonitor_sidecar.proxy.configuration import Configuration

GOOD = {"formatVersion": FORMAT_VERSION, "monitor": "churn", "namespace": "a", "spec": {}}


def configuration(folder: Path) -> Configuration:
    return Configuration(folder / "config.json", folder / "labels", "fallback")


def write(folder: Path, document: object) -> None:
    (folder / "config.json").write_text(json.dumps(document))


def state(configuration: Configuration) -> str:
    lines = configuration.metrics().splitlines()
    (found,) = [line for line in lines if "configuration_state{" in line and line.endswith(" 1")]
    return found.partition('state="')[2].partition('"')[0]


def failures(configuration: Configuration) -> dict[str, str]:
    lines = configuration.metrics().splitlines()
    return {
        line.partition('reason="')[2].partition('"')[0]: line.rpartition(" ")[2]
        for line in lines
        if "failures_total{" in line and not line.endswith(" 0")
    }


def test_without_a_file_there_are_defaults_under_the_given_name(tmp_path: Path) -> None:
    missing = configuration(tmp_path)

    assert missing.current.monitor.name == "fallback"
    assert [model.name for model in missing.current.monitor.models] == ["fallback"]
    assert (state(missing), failures(missing)) == ("missing", {"missing": "1"})


def test_a_file_that_comes_later_is_used(tmp_path: Path) -> None:
    late = configuration(tmp_path)
    write(tmp_path, GOOD)

    assert late.poll()
    assert late.current.monitor.name == "churn"
    assert state(late) == "loaded"
    assert not late.poll()


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda folder: (folder / "config.json").write_text('{"formatVersion": 1'), "broken"),
        (lambda folder: (folder / "config.json").write_bytes(b"\xff\xfe\x00"), "broken"),
        (lambda folder: write(folder, [1]), "broken"),
        (lambda folder: write(folder, {**GOOD, "spec": {"models": 3}}), "broken"),
        (lambda folder: write(folder, {**GOOD, "baselines": 3}), "broken"),
        (lambda folder: write(folder, {**GOOD, "formatVersion": FORMAT_VERSION + 2}), "newer"),
        (lambda folder: (folder / "config.json").unlink(), "missing"),
    ],
)
def test_the_last_good_one_stays_when_the_file_is_spoilt(
    tmp_path: Path, spoil: Callable[[Path], None], reason: str
) -> None:
    write(tmp_path, GOOD)
    kept = configuration(tmp_path)
    spoil(tmp_path)

    assert not kept.poll()
    assert kept.current.monitor.name == "churn"
    assert (state(kept), failures(kept)) == (reason, {reason: "1"})
    assert not kept.poll()
    assert failures(kept) == {reason: "1"}, "each spoilt content counts once"


def test_the_next_format_version_is_read(tmp_path: Path) -> None:
    write(tmp_path, {**GOOD, "formatVersion": FORMAT_VERSION + 1, "unheardOf": True})

    assert state(configuration(tmp_path)) == "loaded"


def test_a_mended_file_is_used_again(tmp_path: Path) -> None:
    write(tmp_path, [1])
    mended = configuration(tmp_path)
    write(tmp_path, GOOD)

    assert mended.poll()
    assert (state(mended), failures(mended)) == ("loaded", {"broken": "1"})


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda children: (
        st.lists(children, max_size=3)
        | st.dictionaries(
            st.sampled_from(["spec", "models", "name", "monitor", "baselines", "model", "file"]),
            children,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(document=json_values, spec=json_values)
def test_no_document_whatever_makes_a_poll_fail(
    tmp_path_factory: pytest.TempPathFactory, document: object, spec: object
) -> None:
    folder = tmp_path_factory.mktemp("configuration")
    write(folder, document)
    polled = configuration(folder)
    write(folder, {**GOOD, "spec": spec, "baselines": document})
    polled.poll()

    assert polled.current.monitor.models


def test_the_pods_labels_are_read_and_kept(tmp_path: Path) -> None:
    labels = tmp_path / "labels"
    labels.write_text('app="churn"\napp.kubernetes.io/version="1.2"')
    labelled = configuration(tmp_path)
    assert labelled.pod_labels["app.kubernetes.io/version"] == "1.2"

    labels.write_text('app.kubernetes.io/version="1.30"\nodd line\nempty=""\n')
    assert labelled.poll()
    assert dict(labelled.pod_labels) == {"app.kubernetes.io/version": "1.30", "empty": ""}

    labels.unlink()
    assert not labelled.poll()
    assert labelled.pod_labels["app.kubernetes.io/version"] == "1.30"


@pytest.mark.promtool
def test_promtool_finds_nothing(
    tmp_path: Path, promtool_check_metrics: Callable[[str], str]
) -> None:
    assert promtool_check_metrics(configuration(tmp_path).metrics()) == ""
