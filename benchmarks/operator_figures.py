"""What was measured of the operator, as figures with their targets.

It measures nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from results import Figure, Part

LIMIT_SECONDS = 60.0
TIMES_BARE = 1.5
PEAK_MEBIBYTES = 300.0
RESTART_SECONDS = 30.0
HEAL_SECONDS = 2.0
MEBIBYTE = 1 << 20
TEXT = """{monitors:,} of the smallest monitors in {namespaces} namespaces on an API server without
nodes; served besides core kinds: {kinds}. The bare client sends the bytes that the operator writes
for each monitor (objects, status, Events) and reads, renders and compares nothing. CPU seconds of
the API server are without etcd's. Load average of the machine before and after: {before:.1f} and
{after:.1f}."""


@dataclass(frozen=True)
class Spent:
    """A stretch of time, the CPU seconds of client and API server in it, and writes but Leases'."""

    seconds: float
    own_cpu: float
    server_cpu: float
    writes: float

    @property
    def told(self) -> str:
        """For a note."""
        return (
            f"{self.own_cpu:.1f} CPU seconds of its own, {self.server_cpu:.1f} of the API server, "
            f"{self.writes:,.0f} writes"
        )


@dataclass(frozen=True)
class Found:
    """All that was measured; of healings the longest."""

    monitors: int
    namespaces: int
    kinds: Sequence[str]
    bare: Spent
    applied: Spent
    quiet: Spent
    restart: Spent
    edit_seconds: float
    deletion_seconds: float
    peak_bytes: int
    load: tuple[float, float]


def part_of(found: Found) -> Part:
    """The section of the report."""
    before, after = found.load
    text = TEXT.format(
        monitors=found.monitors,
        namespaces=found.namespaces,
        kinds=", ".join(found.kinds) or "none",
        before=before,
        after=after,
    )
    return Part("operator-load", "Operator: many monitors", _figures(found), text)


def _figures(found: Found) -> tuple[Figure, ...]:
    bare, applied, quiet, restart = found.bare, found.applied, found.quiet, found.restart
    most = max(LIMIT_SECONDS, TIMES_BARE * bare.seconds)
    writes = "API server's count of everything but Leases"
    quiet_note = f"{writes}; {quiet.told}"
    return (
        Figure("bare client: all written", bare.seconds, "s", note=bare.told),
        Figure("operator: all reconciled", applied.seconds, "s", at_most=most, note=applied.told),
        Figure("that in the bare client's", applied.seconds / bare.seconds, "times"),
        Figure(
            "CPU of the API server in the bare client's",
            applied.server_cpu / bare.server_cpu,
            "times",
        ),
        Figure(
            "resident memory at peak",
            found.peak_bytes / MEBIBYTE,
            "MiB",
            at_most=PEAK_MEBIBYTES,
            note="of both runs",
        ),
        Figure(
            f"writes in {quiet.seconds:,.0f} s of a steady state",
            quiet.writes,
            "",
            at_most=0.0,
            note=quiet_note,
        ),
        Figure("CPU in a steady state", 100 * quiet.own_cpu / quiet.seconds, "% of a core"),
        Figure(
            "restart to steady", restart.seconds, "s", at_most=RESTART_SECONDS, note=restart.told
        ),
        Figure("writes of a restart", restart.writes, "", at_most=0.0, note=writes),
        Figure("an edit is healed", found.edit_seconds, "s", at_most=HEAL_SECONDS, note="worst"),
        Figure(
            "a deletion is healed", found.deletion_seconds, "s", at_most=HEAL_SECONDS, note="worst"
        ),
    )
