"""What a test gives back, before anybody has judged it."""

from dataclasses import dataclass

from modelmonitor_cli.compare.comparison import Remark


@dataclass(frozen=True, slots=True)
class Outcome:
    """A test that was done; the effect is in the test's own measure.

    Where the effect has a sign, positive is larger in the later table.
    """

    statistic: float
    degrees_of_freedom: tuple[float, ...]
    p: float
    effect: float
    remarks: tuple[Remark, ...] = ()
