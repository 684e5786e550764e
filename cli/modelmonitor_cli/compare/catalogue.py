"""The tests there are: which kinds of column each suits, and which of them are done by default."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from modelmonitor_api.errors import InputError
from modelmonitor_api.spec import Kind
from modelmonitor_cli.baseline.values import Floats
from modelmonitor_cli.compare.comparison import Measure, Remark, TestName
from modelmonitor_cli.compare.count_tests import chi_square
from modelmonitor_cli.compare.mean_tests import welch_anova, welch_t
from modelmonitor_cli.compare.options import AskedTests, TestChoice
from modelmonitor_cli.compare.outcome import Outcome
from modelmonitor_cli.compare.rank_tests import kolmogorov_smirnov, kruskal_wallis, mann_whitney

Pair = Callable[[Floats, Floats], Outcome | Remark]
Several = Callable[[Sequence[Floats]], Outcome | Remark]

_NUMBERS: Final[frozenset[Kind]] = frozenset({"numeric", "discrete", "text"})
_SHARES: Final[frozenset[Kind]] = frozenset({"discrete", "categorical", "boolean"})


@dataclass(frozen=True, slots=True)
class StatisticalTest:
    """A test: of a pair of tables (`pair`), or of all at once (`several`)."""

    measure: Measure
    kinds: frozenset[Kind]
    least_values: int
    pair: Pair | None = None
    several: Several | None = None


def _shares(samples: Sequence[Floats]) -> Outcome:
    """Chi-square of values, whatever they are."""
    values, places = np.unique(np.concatenate(samples), return_inverse=True)
    ends = np.cumsum([len(sample) for sample in samples])[:-1]
    counts = [np.bincount(one, minlength=len(values)) for one in np.split(places, ends)]
    return chi_square(np.array(counts, dtype=np.float64))


TESTS: Final[dict[TestName, StatisticalTest]] = {
    "welch": StatisticalTest("hedges_g", _NUMBERS, 2, pair=welch_t),
    "anova": StatisticalTest("omega_squared", _NUMBERS, 2, several=welch_anova),
    "kruskal": StatisticalTest("epsilon_squared", _NUMBERS, 2, several=kruskal_wallis),
    "ks": StatisticalTest("ks_d", _NUMBERS, 1, pair=kolmogorov_smirnov),
    "mann-whitney": StatisticalTest("rank_biserial", _NUMBERS, 2, pair=mann_whitney),
    "chi-square": StatisticalTest("cramers_v", _SHARES, 2, several=_shares),
}

_SAME_FOR_TWO: Final = frozenset({"anova", "kruskal"})
"""With two tables these say what welch and mann-whitney say."""


def chosen_tests(name: str, kind: Kind, tables: int, asked: AskedTests) -> tuple[TestName, ...]:
    """The tests of one column; InputError where one was asked for that does not suit its kind.

    A test that was asked for everywhere is left out where it does not suit; a column that none of
    them suits keeps the test of its kind.
    """
    own = asked.by_column.get(name, ())
    chosen = list(dict.fromkeys(one for choice in own for one in _named(choice, kind, tables)))
    for test in chosen:
        if kind not in TESTS[test].kinds:
            fitting = " or ".join(one for one in TESTS if kind in TESTS[one].kinds)
            raise InputError(
                f"--test {name}={test}",
                f"does not suit a {kind} column; write {fitting}, or say with --kind what the "
                "column is",
            )
    if not chosen:
        everywhere = [one for choice in asked.everywhere for one in _named(choice, kind, tables)]
        chosen = [one for one in dict.fromkeys(everywhere) if kind in TESTS[one].kinds]
    return tuple(chosen) or (_default(kind, tables),)


def _named(choice: TestChoice, kind: Kind, tables: int) -> tuple[TestName, ...]:
    if choice != "all":
        return (choice,)
    return tuple(
        name
        for name, test in TESTS.items()
        if kind in test.kinds and (tables > 2 or name not in _SAME_FOR_TWO)
    )


def _default(kind: Kind, tables: int) -> TestName:
    if kind in _SHARES:
        return "chi-square"
    return "ks" if tables == 2 else "kruskal"
