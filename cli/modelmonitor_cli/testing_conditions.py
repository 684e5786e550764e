"""What the operator's code says with which reason, read from its source.

What a message is filled with at run time stands as `…`; one that is nothing else (the API server's
words, another condition's) is left out.
"""

import ast
import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Final

import modelmonitor_operator

PACKAGE: Final = Path(modelmonitor_operator.__path__[0])
FILLED: Final = "…"
_REASON_AT: Final = {"Problem": 0, "Selection": 1, "Finding": 2}
"""Which argument is the reason; the message is the next."""


@dataclass(frozen=True, slots=True)
class Said:
    """One sentence of the code."""

    reason: str
    message: str


def all_said() -> frozenset[Said]:
    """Of all checks and findings."""
    files = [*PACKAGE.glob("plan/*.py"), *PACKAGE.glob("preflight/*.py")]
    return frozenset(said for file in files for said in _said_in(file))


def _said_in(file: Path) -> Iterator[Said]:
    name = ".".join(file.relative_to(PACKAGE.parent).with_suffix("").parts)
    module = importlib.import_module(name)
    for function in ast.walk(ast.parse(file.read_text())):
        if isinstance(function, ast.FunctionDef):
            scope = _Scope(module, function)
            yield from filter(None, map(scope.said, ast.walk(function)))


@dataclass(frozen=True, slots=True)
class _Scope:
    """Where names of a function are looked up."""

    module: ModuleType
    function: ast.FunctionDef

    def said(self, node: ast.AST) -> Said | None:
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            return None
        at = _REASON_AT.get(node.func.id, len(node.args))
        if at + 1 >= len(node.args):
            return None
        reason, message = (self._text(one) for one in node.args[at : at + 2])
        unknown = reason == FILLED or not message.replace(FILLED, "").strip(" ;:")
        return None if unknown else Said(reason, message)

    def _text(self, node: ast.expr) -> str:
        match node:
            case ast.Constant(value=str(text)):
                return text
            case ast.JoinedStr(values=parts):
                return "".join(self._text(part) for part in parts)
            case ast.FormattedValue(value=ast.Name() as name):
                return self._constant(name.id)
            case ast.Name(id=name):
                return self._assigned(name, node.lineno)
            case _:
                return FILLED

    def _assigned(self, name: str, before_line: int) -> str:
        """The last text given to a name before a line, or a constant of the module."""
        found = [
            node
            for node in ast.walk(self.function)
            if isinstance(node, ast.Assign) and node.lineno < before_line and _is_to(node, name)
        ]
        latest = max(found, key=lambda node: node.lineno, default=None)
        return self._constant(name) if latest is None else self._text(latest.value)

    def _constant(self, name: str) -> str:
        value = getattr(self.module, name, FILLED)
        return value if isinstance(value, str) else FILLED


def _is_to(node: ast.Assign, name: str) -> bool:
    return any(isinstance(one, ast.Name) and one.id == name for one in node.targets)
