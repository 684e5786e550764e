"""Of a column of texts: its length, its words, and the share of them that training lacked."""

import base64
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as arrow_parquet
import pytest
import yaml

from modelmonitor_api.baseline import (
    MAX_ENCODED_BYTES,
    Baseline,
    BaselineFeature,
    Bins,
    category_hash,
    digest,
)
from modelmonitor_api.baseline_reading import read_baseline
from modelmonitor_api.names import BASELINE_KEY
from modelmonitor_cli.baseline import configmap
from modelmonitor_sidecar.stats.model_statistics import ModelStatistics, Settings

Call = Callable[..., Any]

LINES = [f"The soup number{i} was hot{' indeed' * (i % 4)}!" for i in range(400)]


def words_file(folder: Path, columns: Mapping[str, Sequence[object]], name: str = "t") -> Path:
    arrow_parquet.write_table(pa.table(columns), folder / f"{name}.parquet")
    return folder / f"{name}.parquet"


def feature(baseline: Baseline, name: str) -> BaselineFeature:
    return next(one for one in baseline.features if one.name == name)


def counts(baseline: Baseline, name: str) -> Bins:
    found = feature(baseline, name).counts
    assert isinstance(found, Bins)
    return found


def prose(count: int, seed: int, words: int = 60_000) -> list[str]:
    """Texts of about 20 words with frequencies as in languages (Zipf-Mandelbrot)."""
    random = np.random.default_rng(seed)
    shares = 1 / np.arange(2.7, words + 2.7) ** 1.05
    lengths = 1 + random.poisson(random.lognormal(2.8, 0.5, count))
    chosen = random.choice(words, lengths.sum(), p=shares / shares.sum())
    return [" ".join(f"w{w}" for w in part) for part in np.split(chosen, lengths.cumsum()[:-1])]


def test_a_column_of_texts_gives_three_features(build: Call, tmp_path: Path) -> None:
    baseline = build(words_file(tmp_path, {"note": LINES, "x": [1.5] * 400})).baseline

    assert [one.name for one in baseline.features] == ["note", "note.words", "note.unknown", "x"]
    assert [one.name for one in baseline.inputs] == ["note", "x"]
    assert (counts(baseline, "note.words").minimum, counts(baseline, "note.words").maximum) == (
        5, 8,
    )  # fmt: skip
    assert counts(baseline, "note.words").mean == 6.5
    assert counts(baseline, "note.unknown").maximum == 1 / 5  # number17, in one text only
    derived = feature(baseline, "note.unknown").derived
    assert derived is not None
    known = sorted(map(category_hash, ("the", "soup", "was", "hot", "indeed")))
    assert list(derived.vocabulary) == known


def test_no_word_stands_in_the_document(build: Call, tmp_path: Path) -> None:
    written = build(words_file(tmp_path, {"note": LINES})).file.read_text()
    assert "soup" not in written.lower()


def test_texts_that_are_missing_or_empty(build: Call, tmp_path: Path) -> None:
    column = [*LINES, *[None] * 30, *["", "  ", "?!"] * 10]
    baseline = build(words_file(tmp_path, {"note": column}), "--kind", "note=text").baseline

    missing = {one.name: one.missing_rows for one in baseline.features}
    assert missing == {"note": 30, "note.words": 30, "note.unknown": 60}
    assert counts(baseline, "note.words").minimum == 0
    for one in baseline.features:
        assert sum(one.counts.rows) + one.missing_rows + one.invalid_rows == len(column)


def test_without_a_vocabulary_a_baseline_is_what_it_was(build: Call, tmp_path: Path) -> None:
    built = build(words_file(tmp_path, {"note": LINES}), "--vocabulary", "0")
    assert [one.name for one in built.baseline.features] == ["note"]
    assert "derived" not in built.file.read_text()


def test_the_vocabulary_is_as_large_as_asked(build: Call, tmp_path: Path) -> None:
    derived = feature(
        build(words_file(tmp_path, {"note": LINES}), "--vocabulary", "2").baseline, "note.unknown"
    ).derived
    assert derived is not None
    assert derived.vocabulary == tuple(sorted(map(category_hash, ("hot", "soup"))))


def test_texts_without_a_common_word_have_no_share_and_the_user_is_told(
    build: Call, tmp_path: Path
) -> None:
    column = [f"a{i} b{i} c{i} d{i}" for i in range(100)]
    answer = build(words_file(tmp_path, {"note": column}))
    assert [one.name for one in answer.baseline.features] == ["note", "note.words"]
    assert "no word is in 20 texts of note, so the share of unknown words" in answer.err


def test_a_column_with_the_name_of_a_derived_feature_is_refused(
    build: Call, tmp_path: Path
) -> None:
    table = words_file(tmp_path, {"note": LINES, "note.unknown": list(map(str, range(400)))})
    answer = build(table)
    assert answer.status == 1
    assert "column 'note.unknown': has the name of what is measured of the texts of 'note'" in (
        answer.err
    )
    assert build(table, "--vocabulary", "0").status == 0


@pytest.mark.parametrize("words", ["-1", "5001"])
def test_a_vocabulary_that_cannot_be_is_refused(build: Call, csv: Call, words: str) -> None:
    answer = build(csv("x", "1"), "--vocabulary", words)
    assert answer.status == 1
    assert f"--vocabulary: is {words}; write a number from 0 to 5,000" in answer.err


def test_the_same_texts_give_the_same_digest_from_csv_and_in_any_order(
    build: Call, csv: Call, tmp_path: Path
) -> None:
    texts = prose(3_000, seed=1)
    first = build(words_file(tmp_path, {"note": texts}), "--model", "m").baseline
    assert digest(build(csv("note", *texts), "--model", "m").baseline) == digest(first)
    turned = build(words_file(tmp_path, {"note": texts[::-1]}, "turned"), "--model", "m").baseline
    assert digest(turned) == digest(first)


def test_parts_counted_on_one_vocabulary_merge_to_the_whole(
    build: Call, call: Call, tmp_path: Path
) -> None:
    texts = prose(2_000, seed=2)
    whole = build(words_file(tmp_path, {"note": texts}), "--model", "m")
    parts = [
        build(words_file(tmp_path, {"note": part}, f"p{i}"), "--edges-from", whole.file).file
        for i, part in enumerate((texts[:700], texts[700:]))
    ]
    merged = read_baseline(call("baseline", "merge", *parts).out.encode())

    for one in whole.baseline.features:
        assert counts(merged, one.name).rows == one.counts.rows
        assert feature(merged, one.name).derived == one.derived


def test_parts_counted_on_other_vocabularies_do_not_merge(
    build: Call, call: Call, tmp_path: Path
) -> None:
    files = [
        build(
            words_file(tmp_path, {"note": [line.replace("soup", word) for line in LINES]}, word),
            "--model", "m",
        ).file
        for word in ("soup", "cake")
    ]  # fmt: skip
    answer = call("baseline", "merge", *files)
    assert (answer.status, answer.out) == (1, "")
    assert "'note.unknown' was counted on other edges" in answer.err


def test_the_vocabulary_comes_from_the_baseline_of_edges_from(build: Call, tmp_path: Path) -> None:
    table = words_file(tmp_path, {"note": LINES})
    answer = build(table, "--edges-from", build(table).file, "--vocabulary", "7")
    assert "--vocabulary: comes from the baseline of --edges-from; leave it out" in answer.err


def test_three_columns_of_texts_fit_into_a_configmap(call: Call, tmp_path: Path) -> None:
    columns = {
        f"text{i}": [text.replace("w", "abc"[i]) for text in prose(6_000, seed=i)] for i in range(3)
    }
    table = words_file(tmp_path, columns)

    packed = yaml.safe_load(call("baseline", "build", table, "--configmap", "c").out)

    encoded = packed["binaryData"][BASELINE_KEY]
    words = [
        len(one.derived.vocabulary)
        for one in read_baseline(base64.b64decode(encoded)).features
        if one.derived and one.derived.vocabulary
    ]
    assert min(words) > 500
    assert len(encoded) / sum(words) * 3 * 5_000 < MAX_ENCODED_BYTES


def test_what_is_too_large_says_how_to_leave_words_out(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(configmap, "MAX_ENCODED_BYTES", 3 << 10)
    table = words_file(tmp_path, {"note": prose(6_000, seed=4), "x": [0.5] * 6_000})

    answer = call("baseline", "build", table, "--configmap", "c")

    assert "drop with --ignore e.g. note (" in answer.err
    assert "fewer words of texts with --vocabulary N, or none with --vocabulary 0" in answer.err


@pytest.mark.parametrize("rows", [500, 2_000])
def test_further_healthy_texts_are_no_drift_however_few_trained(
    build: Call, tmp_path: Path, rows: int
) -> None:
    table = words_file(tmp_path, {"note": prose(rows, seed=5)})
    statistics = ModelStatistics(
        build(table, "--time-ordered").baseline, Settings(row_window="4000r")
    )
    other = [text.replace("w1", "v1") for text in prose(4_000, seed=7)]  # a tenth of the words
    for texts in (prose(4_000, seed=6), other):
        statistics.add_records([{"note": text} for text in texts])
        statistics.flush(0.0)

    healthy, changed = statistics.full_windows

    assert {one.outcome for one in healthy.features} == {"ok"}
    assert changed.feature("note.unknown").outcome == "drift"
    assert changed.feature("note.words").outcome == "ok"
