"""Every reason that a condition can have is in docs/operator.md with what to do, and no other."""

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

from modelmonitor_api.conditions import TYPES
from modelmonitor_operator.inject.skips import Reason

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "operator.md").read_text()
PACKAGE = ROOT / "operator" / "modelmonitor_operator"
REASON_AT = {"Problem": 0, "Selection": 1, "Finding": 2}
"""Which argument is the reason."""
NEVER_TOLD = {Reason.OPTED_OUT, Reason.ALREADY_INJECTED}
"""Of pods that are not the monitor's, or that are well."""


def reasons_in(file: Path) -> Iterator[str]:
    """Literals, and constants of the module by their value."""
    name = ".".join(file.relative_to(PACKAGE.parent).with_suffix("").parts)
    module = importlib.import_module(name)
    for call in ast.walk(ast.parse(file.read_text())):
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
            continue
        at = REASON_AT.get(call.func.id, len(call.args))
        argument = call.args[at] if at < len(call.args) else None
        if isinstance(argument, ast.Constant):
            yield str(argument.value)
        elif isinstance(argument, ast.Name):
            yield str(getattr(module, argument.id))


def told() -> set[str]:
    files = [*PACKAGE.glob("plan/*.py"), *PACKAGE.glob("preflight/*.py")]
    in_code = {reason for file in files for reason in reasons_in(file)}
    return in_code | {reason.value for reason in Reason if reason not in NEVER_TOLD}


def table() -> list[tuple[str, set[str]]]:
    rows = re.findall(r"^\| (`\w+`)? ?\| ((?:`\w+`(?:, )?)+) \| .+ \|$", PAGE, re.M)
    return [(condition.strip("`"), set(re.findall(r"`(\w+)`", found))) for condition, found in rows]


def test_every_reason_is_explained_and_every_explained_reason_exists() -> None:
    explained = {reason for _, reasons in table() for reason in reasons}

    assert len(explained) > 30
    assert explained == told()


def test_every_condition_is_explained_in_the_order_of_the_status() -> None:
    assert tuple(condition for condition, _ in table() if condition) == TYPES
