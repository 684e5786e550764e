"""Which words many texts of a column have, in bounded memory; only hashes of them are kept.

Words that few texts have are left out: whether such a word comes again is chance, so counting it as
known would make the training texts look better known than any later ones.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from modelmonitor_api.baseline import category_hash
from modelmonitor_cli.baseline.progress import progress_bar
from modelmonitor_cli.baseline.sources import Source, one_column
from modelmonitor_cli.baseline.tables import TableFile
from modelmonitor_cli.baseline.values import strings_of
from modelmonitor_sidecar.stats.words import LONGEST_WORD, words_of

LEAST_TEXTS: Final = 20
"""A word of the vocabulary is in at least so many texts."""
MOST_COUNTED: Final = 200_000
"""Different words counted at a time."""


class WordCounts:
    """In how many texts each word is: exactly, while there are at most `most` different words.

    When there are more, the median count is taken off all, and words with nothing left are
    forgotten (Misra, Gries 1982, with the step of Anderson et al. 2017).  So a word's count is too
    low by at most 2 W / most, where W counts each text's different words; and it depends on the
    texts in their order, not on how they come in blocks.  Cost: 0.3 us a word.
    """

    def __init__(self, most: int = MOST_COUNTED) -> None:
        self._most = most
        self._counts: Counter[str] = Counter()

    def add(self, texts: Iterable[str | None]) -> None:
        """Count some texts; None is none."""
        for text in texts:
            if text is not None:
                self._counts.update({w for w in words_of(text) if len(w) <= LONGEST_WORD})
                if len(self._counts) > self._most:
                    self._forget()

    def frequent(self, most: int) -> tuple[str, ...]:
        """The words in most texts, the most frequent first; among equals by their spelling."""
        ordered = sorted(self._counts.items(), key=lambda item: (-item[1], item[0]))
        return tuple(word for word, count in ordered[:most] if count >= LEAST_TEXTS)

    def _forget(self) -> None:
        median = sorted(self._counts.values())[len(self._counts) // 2]
        kept = {word: count - median for word, count in self._counts.items() if count > median}
        self._counts = Counter(kept)


def vocabularies(
    tables: Sequence[TableFile], texts: Sequence[Source], most: int
) -> Mapping[str, tuple[str, ...]]:
    """Sorted hashes of the `most` most frequent words, by feature; one pass over these columns."""
    counts = {source.name: WordCounts() for source in texts}
    columns = [name for source in texts for name in source.columns]
    with progress_bar("reading words", sum(t.path.stat().st_size for t in tables)) as told:
        for table in tables:
            for block in table.blocks(columns, told):
                for source in texts:
                    counts[source.name].add(strings_of(one_column(block, *source.columns)))
    return {name: _hashes(one.frequent(most)) for name, one in counts.items()}


def _hashes(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(map(category_hash, words))))
