"""Has the share of missing, invalid, unseen or out-of-range rows risen?

Two cells instead of B bins: the same effect, evidence and rows as for drift.  Only a rise alarms; a
share that falls is good news.
"""

import math
from dataclasses import dataclass
from typing import Final, Literal

from modelmonitor_api.baseline import BaselineFeature

from .dispersion import dispersion, rho_for
from .distances import PSEUDO_COUNT
from .enough import needed_rows
from .verdict import Bar, Outcome

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
    def smoothed(self) -> float:
        """(rows + 1/2) / (of + 1), as everywhere with two bins."""
        return (self.rows + PSEUDO_COUNT) / (self.of + 2.0 * PSEUDO_COUNT)


def judge_share(
    kind: ShareKind, live: Part, feature: BaselineFeature, window: str, bar: Bar
) -> ShareVerdict:
    """Two-proportion test of a share against the baseline's, corrected for dispersion."""
    base = baseline_part(kind, feature)
    effect, z = None, None
    if live.of and base.of:
        effect = share_distance(live, base)
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


def share_distance(live: Part, base: Part) -> float:
    """Jensen-Shannon distance (base 2) of two shares: `distances.jensen_shannon` for two bins."""
    divergence = 0.0
    for p, q in ((live.smoothed, base.smoothed), (1.0 - live.smoothed, 1.0 - base.smoothed)):
        middle = (p + q) / 2.0
        divergence += 0.5 * (p * math.log2(p / middle) + q * math.log2(q / middle))
    return math.sqrt(max(divergence, 0.0))


def _signed_z(live: Part, base: Part, phi: float) -> float:
    """The two-proportion test (p - q) / sqrt(r (1 - r)(1/n + 1/m)) over sqrt(phi), r pooled.

    Its square is the two-sample chi-square of two bins; negative where the share fell.
    """
    rows, of = live.rows + base.rows, live.of + base.of
    if rows in (0, of):
        return 0.0
    variance = rows / of * (1.0 - rows / of) * (1.0 / live.of + 1.0 / base.of)
    return (live.rows / live.of - base.rows / base.of) / math.sqrt(variance * phi)


def _outcome(rows: int, effect: float | None, z: float | None, bar: Bar) -> Outcome:
    if effect is None or z is None or rows < SHARE_NEEDED_ROWS:
        return "insufficient"
    return "drift" if effect > bar.minimum_effect and z > bar.z_threshold else "ok"
