"""What a check says: nothing, or a reason and a sentence that names what to change."""

from collections.abc import Callable
from dataclasses import dataclass

from modelmonitor_api.spec import ModelMonitor
from modelmonitor_operator.settings import PlanSettings
from modelmonitor_operator.world import World


@dataclass(frozen=True, slots=True)
class Problem:
    """`reason` is one word in CamelCase; `message` says what is wrong and what to do."""

    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class LastArming:
    """What the status says of the last time, if it was about this generation of the resource."""

    armed: bool = False
    reason: str = ""
    message: str = ""
    since: str = ""
    """When it last became so, as a timestamp of the API."""


@dataclass(frozen=True, slots=True)
class Situation:
    """All that a check may look at; `created` is the monitor's timestamp."""

    monitor: ModelMonitor
    created: str
    world: World
    settings: PlanSettings
    last: LastArming = LastArming()


Check = Callable[[Situation], Problem | None]
