"""The conditions of a ModelMonitor: what a person or a tool finds in its status.

It refuses to know when each holds.  `docs/operator.md` says what to do about each reason.
"""

from typing import Final

READY: Final = "Ready"
SPEC_VALID: Final = "SpecValid"
ARMED: Final = "Armed"
BASELINES_LOADED: Final = "BaselinesLoaded"
INJECTED: Final = "Injected"
CAPTURING: Final = "Capturing"
RULES_APPLIED: Final = "RulesApplied"
RULES_SELECTED: Final = "RulesSelected"
DASHBOARD_APPLIED: Final = "DashboardApplied"

TYPES: Final = (
    READY,
    SPEC_VALID,
    ARMED,
    BASELINES_LOADED,
    INJECTED,
    CAPTURING,
    RULES_APPLIED,
    RULES_SELECTED,
    DASHBOARD_APPLIED,
)
"""In the order of the status."""
