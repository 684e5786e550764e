"""Which rules may be evaluated over the past, and in which order.

promtool evaluates every rule over all of the past before the next, against data that is there when
it begins.  So rules come in stages, each after those that record what it reads.  Rules that read
their own last value, and what is made of them, have no past: only a Prometheus that runs has one.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from modelmonitor_api import recorded
from modelmonitor_operator.render.rules.rule import Group, Record

RECURSIVE: Final = (recorded.DRIFTING_WINDOWS, recorded.MEMORY_ROWS, recorded.LOG_EVIDENCE)
_RECORDED: Final = re.compile(r"modelmonitor:\w+")


def stages(groups: Iterable[Group]) -> list[list[Record]]:
    """The rules in stages; within one they need nothing of each other."""
    found: list[list[Record]] = []
    depths: dict[str, int] = {}
    for record in _in_order(groups):
        depth = 1 + max((depths.get(name, -1) for name in read_by(record)), default=-1)
        depths[record.name] = max(depth, depths.get(record.name, 0))
        found += [[] for _ in range(depth + 1 - len(found))]
        found[depth].append(record)
    return found


def read_by(record: Record) -> set[str]:
    """The recorded series that a rule reads."""
    return set(_RECORDED.findall(str(record.expression)))


def _in_order(groups: Iterable[Group]) -> Iterator[Record]:
    """Without what reads its own last value, and all that is made of it."""
    records = [rule for group in groups for rule in group.rules if isinstance(rule, Record)]
    lost = set(RECURSIVE)
    for record in records:
        if record.name in RECURSIVE or read_by(record) & lost:
            lost |= {record.name} - {recorded.SCORE}  # of windows, too, which have a past
        else:
            yield record
