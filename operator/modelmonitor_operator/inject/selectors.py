"""Label selectors, as they stand in policies, monitors and other objects.

It refuses to know what is selected.
"""

from modelmonitor_operator.inject.pods import Raw, entries, inner


def selects(selector: Raw, labels: Raw) -> bool:
    """Whether it selects what bears these labels; an empty selector selects all."""
    wanted = inner(selector, "matchLabels").items()
    return all(labels.get(key) == value for key, value in wanted) and all(
        _meets(expression, labels) for expression in entries(selector, "matchExpressions")
    )


def _meets(expression: Raw, labels: Raw) -> bool:
    value = labels.get(str(expression.get("key")))
    match expression.get("operator"):
        case "In":
            return value in entries(expression, "values")
        case "NotIn":
            return value not in entries(expression, "values")
        case "Exists":
            return value is not None
        case _:
            return value is None
