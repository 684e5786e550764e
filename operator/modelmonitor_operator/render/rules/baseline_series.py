"""What other groups read of a baseline and its settings, one copy a feature."""

from modelmonitor_api import recorded
from modelmonitor_operator.render.promql import Selector
from modelmonitor_operator.render.rules.scope import Scope


def setting(scope: Scope, name: str) -> Selector:
    """A feature's setting; it bears label `setting`."""
    return scope.select(recorded.FEATURE_SETTING, setting=name)


def model_setting(scope: Scope, name: str) -> Selector:
    """A setting of the model; it bears label `setting`."""
    return scope.select(recorded.MODEL_SETTING, setting=name)


def base_cells(scope: Scope) -> Selector:
    """The baseline's rows of each cell."""
    return scope.select(recorded.BASELINE_CELL_ROWS)


def base_rows(scope: Scope) -> Selector:
    """The baseline's rows of each feature that have a value."""
    return scope.select(recorded.BASELINE_ROWS)


def severity(scope: Scope, page: str) -> Selector:
    """1, with label `severity`; `page` is the setting that decides it, and its label `setting`."""
    return scope.select(recorded.SEVERITY, setting=page)
