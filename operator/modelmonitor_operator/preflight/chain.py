"""The checks in their order: the first that finds something decides, so the gravest come first.

An armed monitor's new pods get sidecars.  In doubt none do: a model that serves unwatched is worth
more than one that is watched and does not serve.
"""

from typing import Final

from modelmonitor_operator.preflight.limits import limit_ranges_allow
from modelmonitor_operator.preflight.pods import pods_can_be_injected
from modelmonitor_operator.preflight.problem import Check, Problem, Situation
from modelmonitor_operator.preflight.room import (
    image_can_be_had,
    nothing_was_tripped,
    pods_are_made,
    quota_has_room,
)
from modelmonitor_operator.preflight.scraping import scraped_once
from modelmonitor_operator.preflight.traffic import (
    network_policies_let_pass,
    services_have_addresses,
    services_use_names,
)
from modelmonitor_operator.preflight.wish import (
    injection_is_on,
    is_not_suspended,
    is_the_oldest,
    namespace_takes_part,
)

CHECKS: Final[tuple[Check, ...]] = (
    injection_is_on,
    is_not_suspended,
    namespace_takes_part,
    is_the_oldest,
    pods_can_be_injected,
    services_use_names,
    services_have_addresses,
    network_policies_let_pass,
    quota_has_room,
    limit_ranges_allow,
    image_can_be_had,
    pods_are_made,
    nothing_was_tripped,
    scraped_once,
)


def first_problem(situation: Situation) -> Problem | None:
    """What keeps the monitor from being armed; None: nothing does."""
    for check in CHECKS:
        problem = check(situation)
        if problem is not None:
            return problem
    return None
