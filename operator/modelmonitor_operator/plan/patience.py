"""When a monitor is looked at again, if nothing happens before.

What others change (Services, workloads, pods) is not watched: there are too many of them.  So a
monitor that waits for such a change is looked at often, one that is armed often enough that a
rollout which its sidecars block does not wait long, and one that rests seldom.
"""

from typing import Final

from modelmonitor_operator.plan.findings import Refusals
from modelmonitor_operator.plan.planning import Draft
from modelmonitor_operator.preflight.wish import INJECTION_OFF, SUSPENDED
from modelmonitor_operator.settings import OperatorSettings

WAITING: Final = 4
"""Times `unsettled_seconds`: nobody is known to be about to change anything."""
_RESTING: Final = (SUSPENDED, INJECTION_OFF)


def next_look_seconds(draft: Draft, refusals: Refusals, settings: OperatorSettings) -> float:
    """Without jitter."""
    judged = draft.judged
    soon, waiting = settings.unsettled_seconds, WAITING * settings.unsettled_seconds
    if judged is None:
        return settings.resync_seconds
    problem, target = judged.problem, judged.target
    if target.pending if problem is None else problem.reason not in _RESTING:
        return min(soon, settings.resync_seconds)
    if problem is None or refusals or target.pending or judged.situation.world.baselines:
        return min(waiting, settings.resync_seconds)
    return settings.resync_seconds
