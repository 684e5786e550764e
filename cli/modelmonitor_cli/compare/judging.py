"""Does the tests of a column, and judges all of a comparison's p values together."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from modelmonitor_cli.baseline.values import Floats
from modelmonitor_cli.compare.catalogue import TESTS, Pair, StatisticalTest
from modelmonitor_cli.compare.column_values import ReadColumn
from modelmonitor_cli.compare.comparison import ColumnComparison, Remark, Result, TestName
from modelmonitor_cli.compare.effects import sized
from modelmonitor_cli.compare.outcome import Outcome
from modelmonitor_cli.compare.remarks import CONSTANT, INVALID, TOO_FEW, warnings_as_remarks
from modelmonitor_sidecar.stats import discoveries


def tested(column: ReadColumn, names: Sequence[TestName], tables: Sequence[str]) -> list[Result]:
    """A result of each test; `tables` are the names of the column's tables."""
    invalid = (INVALID,) if any(table.invalid for table in column.tables) else ()
    samples = [table.values for table in column.tables]
    return [_tested(name, samples, tables, invalid) for name in names]


def adjusted(columns: Sequence[ColumnComparison], q: float) -> tuple[ColumnComparison, ...]:
    """The columns with Benjamini and Hochberg's p values over all their tests.

    Among those called different, the expected share of columns that are not is at most q (Y.
    Benjamini, Y. Hochberg, Journal of the Royal Statistical Society B 57, 1995).
    """
    raw = [result.p for column in columns for result in column.results if result.p is not None]
    fair = iter(discoveries.adjusted(raw).tolist())
    return tuple(
        replace(column, results=tuple(_adjusted(result, fair, q) for result in column.results))
        for column in columns
    )


def _adjusted(result: Result, fair: Iterator[float], q: float) -> Result:
    if result.p is None:
        return result
    p = next(fair)
    return replace(result, p_adjusted=p, differs=p <= q)


def _tested(
    name: TestName, samples: Sequence[Floats], tables: Sequence[str], said: tuple[Remark, ...]
) -> Result:
    test = TESTS[name]
    untestable = _untestable(test, samples)
    if untestable is not None:
        return Result(name, remarks=(*said, untestable))
    with warnings_as_remarks() as warned:
        outcome, against = _done(test, samples)
    if isinstance(outcome, Remark):
        return Result(name, remarks=(*said, outcome))
    return Result(
        test=name,
        statistic=outcome.statistic,
        degrees_of_freedom=outcome.degrees_of_freedom,
        p=outcome.p,
        effect=sized(test.measure, outcome.effect),
        against=None if against is None else tables[against],
        remarks=(*said, *outcome.remarks, *warned),
    )


def _untestable(test: StatisticalTest, samples: Sequence[Floats]) -> Remark | None:
    if min(map(len, samples)) < test.least_values:
        return TOO_FEW
    lowest = min(sample.min() for sample in samples)
    highest = max(sample.max() for sample in samples)
    return CONSTANT if lowest == highest else None


def _done(test: StatisticalTest, samples: Sequence[Floats]) -> tuple[Outcome | Remark, int | None]:
    """The outcome, and for a test of pairs among several tables which of them it is about."""
    if test.several is not None:
        return test.several(samples), None
    assert test.pair is not None
    if len(samples) == 2:
        return test.pair(samples[0], samples[1]), None
    return _clearest_pair(test.pair, samples)


def _clearest_pair(pair: Pair, samples: Sequence[Floats]) -> tuple[Outcome | Remark, int | None]:
    """The first table against each other one: the smallest p, times the number of pairs.

    C. E. Bonferroni's bound; a remark instead where no pair can be tested.
    """
    found = [(pair(samples[0], other), at) for at, other in enumerate(samples[1:], 1)]
    done = [(one, at) for one, at in found if isinstance(one, Outcome)]
    if not done:
        return found[0][0], None
    best, at = min(done, key=lambda one: (one[0].p, -abs(one[0].effect)))
    return replace(best, p=min(1.0, best.p * len(done))), at
