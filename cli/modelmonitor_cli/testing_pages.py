"""Pages that name tests as their evidence: which they name, and which of those there are not."""

import ast
import re
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
_NAMED: Final = re.compile(r"`((?:tests|e2e|integration)/[\w./-]+\.py::test_\w+)`")


def page(name: str) -> str:
    """The text of a page of `docs/`."""
    return (ROOT / "docs" / name).read_text()


def named_tests(text: str) -> list[str]:
    """The tests that are named, from the repository's root, in their order."""
    return _NAMED.findall(text)


def unknown_tests(text: str) -> list[str]:
    """Those of them that there are not."""
    return [one for one in named_tests(text) if not _exists(*one.split("::"))]


def _exists(file: str, test: str) -> bool:
    return test in functions_in(ROOT / file)


@cache
def functions_in(file: Path) -> frozenset[str]:
    """The names of a file's functions; none of a file that there is not."""
    if not file.exists():
        return frozenset()
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    tree = ast.parse(file.read_text())
    return frozenset(node.name for node in tree.body if isinstance(node, kinds))
