"""Columns of texts: what a text costs the collector, and what a small vocabulary does to a verdict.

    .venv/bin/python benchmarks/texts.py

Texts have about 20 words, with frequencies as in languages (Zipf-Mandelbrot).  Further texts of the
same kind are healthy, so an effect above 0.1 with evidence would be a false alarm.
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import process_time

import numpy as np
import pyarrow as pa
import pyarrow.parquet as arrow_parquet
from results import Figure, Part, write

from modelmonitor_api.baseline import Baseline, category_hash
from modelmonitor_cli.baseline.building import build
from modelmonitor_cli.baseline.options import BuildOptions
from modelmonitor_sidecar.stats.model_statistics import FLUSH_ROWS, ModelStatistics, Settings
from modelmonitor_sidecar.stats.values import text_numbers
from modelmonitor_sidecar.stats.views import FeatureView
from modelmonitor_sidecar.stats.words import TextMeasure, Vocabulary, word_count

WORDS = 100_000
TRAINING_TEXTS = (500, 2_000, 10_000, 50_000)
LIVE_TEXTS = 20_000
BUILT_TEXTS = 100_000
MOST_MICROSECONDS = 30.0
LARGEST_EFFECT = 0.1


def texts(count: int, seed: int) -> list[str]:
    """Texts of 20 words on average."""
    random = np.random.default_rng(seed)
    shares = 1 / np.arange(2.7, WORDS + 2.7) ** 1.05
    lengths = 1 + random.poisson(random.lognormal(2.8, 0.5, count))
    chosen = random.choice(WORDS, lengths.sum(), p=shares / shares.sum())
    return [" ".join(f"w{w}" for w in part) for part in np.split(chosen, lengths.cumsum()[:-1])]


def microseconds(measures: Sequence[TextMeasure], column: Sequence[str]) -> float:
    """CPU time a text, the best of three rounds."""
    rounds = []
    for _ in range(3):
        began = process_time()
        for start in range(0, len(column), FLUSH_ROWS):
            for measure in measures:
                text_numbers(column[start : start + FLUSH_ROWS], measure)
        rounds.append((process_time() - began) / len(column) * 1e6)
    return min(rounds)


def built(folder: Path, column: Sequence[str], vocabulary: int = 2_000) -> tuple[Baseline, float]:
    """A baseline of the texts, and its CPU time in seconds."""
    arrow_parquet.write_table(pa.table({"note": column}), folder / "notes.parquet")
    began = process_time()
    options = BuildOptions(
        (folder / "notes.parquet",), time_ordered=True, kinds={"note": "text"},
        vocabulary=vocabulary,
    )  # fmt: skip
    return build(options).baseline, process_time() - began


def healthy(folder: Path, training_texts: int) -> FeatureView:
    """The share of unknown words of further texts, against a baseline of so many."""
    baseline, _ = built(folder, texts(training_texts, seed=1))
    statistics = ModelStatistics(baseline, Settings(row_window=f"{LIVE_TEXTS}r"))
    statistics.add_records([{"note": text} for text in texts(LIVE_TEXTS, seed=2)])
    statistics.flush(0.0)
    return statistics.full_windows[0].feature("note.unknown")


def costs() -> list[Figure]:
    """What the collector takes for words and unknown words of a text."""
    known = [category_hash(f"w{word}") for word in range(2_000)]
    column = texts(LIVE_TEXTS, seed=3)
    new = [" ".join(f"{start + i}x" for i in range(20)) for start in range(0, 2_000_000, 100)]
    measures = (word_count, Vocabulary(known).unknown_share)
    return [
        Figure("both numbers of a text", microseconds(measures, column), "us",
               at_most=MOST_MICROSECONDS, note="20 words"),
        Figure("the same where all words are new", microseconds(measures, new), "us",
               at_most=MOST_MICROSECONDS, note="so each word is hashed"),
    ]  # fmt: skip


def effects(folder: Path) -> list[Figure]:
    """Effects of further healthy texts."""
    figures = []
    for count in TRAINING_TEXTS:
        view = healthy(folder, count)
        assert view.verdict is not None
        assert view.verdict.effect is not None
        figures.append(
            Figure(
                f"effect of healthy texts, {count:,} training texts", view.verdict.effect, "",
                at_most=LARGEST_EFFECT,
                note=f"verdict {view.outcome}, z {view.verdict.z:.1f} of "
                f"{view.verdict.z_threshold:.1f}",
            )
        )  # fmt: skip
    return figures


def main() -> None:
    """Measure and write."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        column = texts(BUILT_TEXTS, seed=4)
        seconds = [built(folder, column, words)[1] for words in (0, 2_000)]
        figures = [
            *costs(),
            *effects(folder),
            Figure("building, a text", (seconds[1] - seconds[0]) / BUILT_TEXTS * 1e6, "us",
                   note="CPU beyond that of the length, all passes"),
        ]  # fmt: skip
    text = f"A vocabulary of 2,000 words; windows of {LIVE_TEXTS:,} further texts."
    write(Part("texts", "Columns of texts", tuple(figures), text))


if __name__ == "__main__":
    main()
