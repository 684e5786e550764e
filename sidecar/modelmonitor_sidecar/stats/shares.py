"""Has the share of missing, invalid, unseen or out-of-range rows risen?

Two cells instead of B bins: the same effect, evidence and rows as for drift.  Only a rise alarms; a
share that falls is good news.
"""

import math
from dataclasses import dataclass
from typing import Final, Literal

from modelmonitor_api.baseline import BaselineFeature

from .dispersion import dispersion, rho_for
from .distances import jensen_shannon
from .evidence import chi_square
from .verdict import Bar, Outcome, needed_rows

ShareKind = Literal["missing", "invalid", "unseen", "range"]

SHARE_KINDS: Final[tuple[ShareKind, ...]] = ("missing", "invalid", "unseen", "range")
SHARE_NEEDED_ROWS: Final = needed_rows(2)


@dataclass(frozen=True, slots=True)
class ShareVerdict:
    """A share live and in the baseline, and the judgement; None where nothing was seen.

    `effect` is the Jensen-Shannon distance (base 2) of the two shares: 0.1 is 2 % where there was
    nothing, or 13 % where there was 5 %.  `z` is positive for a rise.
    """

    kind: ShareKind
    verdict: Outcome
    n: int
    needed_rows: int
    share: float | None
    baseline_share: float | None
    effect: float | None
    effect_threshold: float
    z: float | None
    z_threshold: float
    provisional: bool


@dataclass(frozen=True, slots=True)
class Part:
    """So many of so many rows."""

    rows: int
    of: int

    @property
    def share(self) -> float | None:
        """rows / of; None of nothing."""
        return self.rows / self.of if self.of else None

    @property
    def cells(self) -> tuple[int, int]:
        """The rows that are, and those that are not."""
        return self.rows, self.of - self.rows


def judge_share(
    kind: ShareKind, live: Part, feature: BaselineFeature, window: str, bar: Bar
) -> ShareVerdict:
    """Two-proportion test of a share against the baseline's, corrected for dispersion."""
    base = baseline_part(kind, feature)
    effect, z = None, None
    if live.of and base.of:
        effect = jensen_shannon(live.cells, base.cells)
        z = _signed_z(live, base, dispersion(live.of, rho_for(feature.rho, window)))
    return ShareVerdict(
        kind=kind,
        verdict=_outcome(live.of, effect, z, bar),
        n=live.of,
        needed_rows=SHARE_NEEDED_ROWS,
        share=live.share,
        baseline_share=base.share,
        effect=effect,
        effect_threshold=bar.minimum_effect,
        z=z,
        z_threshold=bar.z_threshold,
        provisional=feature.provisional,
    )


def baseline_part(kind: ShareKind, feature: BaselineFeature) -> Part:
    """The baseline's own: nothing in it is unseen or out of range."""
    valid = sum(feature.counts.rows) + getattr(feature.counts, "other_rows", 0)
    rows = valid + feature.missing_rows + feature.invalid_rows
    counted = {"missing": feature.missing_rows, "invalid": feature.invalid_rows}
    return Part(counted.get(kind, 0), rows)


def _signed_z(live: Part, base: Part, phi: float) -> float:
    """The root of chi2/phi at one degree of freedom; negative where the share fell."""
    z = math.sqrt(chi_square(live.cells, base.cells).statistic / phi)
    return z if live.rows * base.of >= base.rows * live.of else -z


def _outcome(rows: int, effect: float | None, z: float | None, bar: Bar) -> Outcome:
    if effect is None or z is None or rows < SHARE_NEEDED_ROWS:
        return "insufficient"
    return "drift" if effect > bar.minimum_effect and z > bar.z_threshold else "ok"
