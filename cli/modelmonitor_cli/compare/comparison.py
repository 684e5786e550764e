"""The result of a comparison as plain values: what is shown, written as JSON, drawn."""

from dataclasses import dataclass
from typing import Final, Literal

from modelmonitor_api.spec import Kind

TestName = Literal["welch", "anova", "kruskal", "ks", "mann-whitney", "chi-square"]
Measure = Literal[
    "hedges_g", "omega_squared", "epsilon_squared", "ks_d", "rank_biserial", "cramers_v"
]
Size = Literal["tiny", "small", "medium", "large"]

SYMBOLS: Final[dict[Measure, str]] = {
    "hedges_g": "g",
    "omega_squared": "ω²",
    "epsilon_squared": "ε²",
    "ks_d": "D",
    "rank_biserial": "r",
    "cramers_v": "V",
}
"""As short as a table needs it."""


@dataclass(frozen=True, slots=True)
class Remark:
    """What to bear in mind of a number: a word for the table, and the sentence behind it."""

    word: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Effect:
    """How large a difference is, whatever the number of rows; `size` by the usual conventions."""

    measure: Measure
    value: float
    size: Size


@dataclass(frozen=True, slots=True)
class Result:
    """One test of one column.  What could not be computed is None, and a remark says why.

    `p` counts the pairs where the test knows two tables only; `p_adjusted` is Benjamini-Hochberg's
    over the whole comparison, and `differs` whether it is at most q.  `against` is the table that
    differs most from the first, where there are more than two.
    """

    test: TestName
    statistic: float | None = None
    degrees_of_freedom: tuple[float, ...] = ()
    p: float | None = None
    p_adjusted: float | None = None
    differs: bool | None = None
    effect: Effect | None = None
    against: str | None = None
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True)
class Moments:
    """Of the sampled numbers; the deviation is that of a sample (n - 1), None for one number."""

    mean: float
    standard_deviation: float | None
    minimum: float
    median: float
    maximum: float


MUCH_MISSING: Final = 0.05
"""Between the missing shares of two tables, from which on the report points at them."""


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column in one table.  Rows, missing and invalid are of all rows, `values` of the sample."""

    rows: int
    missing: int
    invalid: int
    values: int
    moments: Moments | None

    @property
    def missing_share(self) -> float:
        """Of all rows."""
        return self.missing / self.rows

    @property
    def invalid_share(self) -> float:
        """Of all rows."""
        return self.invalid / self.rows


@dataclass(frozen=True, slots=True)
class Distribution:
    """Shares of the values by place, a tuple for each table; the places are the same for all.

    `edges` bound equal steps of numbers and are one more than the shares (the outer steps are
    open); without edges `labels` are single values, and `others` the shares of those not named.
    """

    labels: tuple[str, ...]
    shares: tuple[tuple[float, ...], ...]
    edges: tuple[float, ...] = ()
    others: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class ColumnComparison:
    """One column in all tables, and its tests."""

    name: str
    kind: Kind
    tables: tuple[TableColumn, ...]
    distribution: Distribution
    results: tuple[Result, ...]

    @property
    def missing_differs(self) -> bool:
        """Whether missing shares lie so far apart that a reader should look; this is no test."""
        shares = [table.missing_share for table in self.tables]
        return max(shares) - min(shares) >= MUCH_MISSING

    @property
    def differs(self) -> bool | None:
        """Whether a test found a difference; None where none could be done."""
        said = [result.differs for result in self.results if result.differs is not None]
        return any(said) if said else None


@dataclass(frozen=True, slots=True)
class ComparedTable:
    """A table: its name in the report, the file, all its rows, and those the tests have seen."""

    name: str
    path: str
    rows: int
    sampled_rows: int


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A column that was not compared, and why."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything; columns in the order of the first table."""

    tables: tuple[ComparedTable, ...]
    q: float
    columns: tuple[ColumnComparison, ...]
    left_out: tuple[LeftOut, ...]
    remarks: tuple[str, ...] = ()
