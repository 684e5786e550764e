"""What the user asked of `compare`, checked as far as it can be without the data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, get_args

from modelmonitor_api.errors import InputError
from modelmonitor_api.spec import Kind
from modelmonitor_cli.compare.comparison import TestName

TestChoice = TestName | Literal["all"]
CHOICES: Final[tuple[TestChoice, ...]] = (*get_args(TestName), "all")
DEFAULT_Q: Final = 0.05


@dataclass(frozen=True, slots=True)
class AskedTests:
    """The tests asked for: of every column that they suit, and of single columns."""

    everywhere: tuple[TestChoice, ...] = ()
    by_column: Mapping[str, tuple[TestChoice, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CompareOptions:
    """One call of `compare`; `q` bounds the expected share of false ones among the differences."""

    tables: tuple[Path, ...]
    tests: AskedTests = field(default_factory=AskedTests)
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()
    q: float = DEFAULT_Q

    def __post_init__(self) -> None:
        """Refuse what cannot be meant."""
        if not 0 < self.q < 1:
            raise InputError("--alpha", f"is {self.q:g}; write a number between 0 and 1, e.g. 0.05")
        for option, columns in (("--kind", self.kinds), ("--test", self.tests.by_column)):
            twice = sorted(set(columns) & set(self.ignored))
            if twice:
                raise InputError(
                    f"{option} and --ignore", f"both name the column {twice[0]!r}; keep one of them"
                )


def asked_tests(assignments: Sequence[str]) -> AskedTests:
    """The tests of `NAME` and `COLUMN=NAME`; InputError where one cannot be read."""
    everywhere: list[TestChoice] = []
    by_column: dict[str, tuple[TestChoice, ...]] = {}
    for assignment in assignments:
        column, equals, name = assignment.rpartition("=")
        choice = _choice(assignment, name)
        if not equals:
            everywhere.append(choice)
        elif not column:
            raise InputError(f"--test {assignment}", "names no column; write COLUMN=NAME or NAME")
        else:
            by_column[column] = (*by_column.get(column, ()), choice)
    return AskedTests(tuple(everywhere), by_column)


def _choice(assignment: str, name: str) -> TestChoice:
    if name not in CHOICES:
        raise InputError(
            f"--test {assignment}", f"{name!r} is no test; write one of {', '.join(CHOICES)}"
        )
    return CHOICES[CHOICES.index(name)]
