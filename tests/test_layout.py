"""The repository's own shape."""

import ast
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = sorted(
    path.parent for path in ROOT.glob("*/modelmonitor_*/__init__.py") if ".venv" not in path.parts
)
MODULES = sorted(module for package in PACKAGES for module in package.rglob("*.py"))
MAX_LINES = 300


def test_there_are_four_packages() -> None:
    assert [package.name for package in PACKAGES] == [
        "modelmonitor_api",
        "modelmonitor_cli",
        "modelmonitor_operator",
        "modelmonitor_sidecar",
    ]


def test_no_folder_shadows_the_standard_library() -> None:
    """A package named like a stdlib module breaks every `python -m` run from the root."""
    shadows = [
        init.parent.relative_to(ROOT)
        for parent in (ROOT, ROOT / "tests")
        for init in parent.glob("*/__init__.py")
        if init.parent.name in sys.stdlib_module_names
    ]
    assert shadows == []


def test_no_init_file_under_tests() -> None:
    """In importlib mode it would register the folder as a top-level package."""
    assert list((ROOT / "tests").rglob("__init__.py")) == []


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_fits_in_one_sitting_and_says_what_it_is_for(module: Path) -> None:
    text = module.read_text()
    assert len(text.splitlines()) <= MAX_LINES
    assert ast.get_docstring(ast.parse(text)) is not None


def test_every_folder_of_a_package_has_its_sentence_in_the_architecture() -> None:
    """A room without its sentence does not merge."""
    architecture = (ROOT / "docs" / "architecture.md").read_text()
    rooms = {
        str(init.parent.relative_to(ROOT)).replace("\\", "/")
        for package in PACKAGES
        for init in package.rglob("__init__.py")
    }
    assert sorted(room for room in rooms if f"`{room}/`" not in architecture) == []


def test_every_file_of_the_concept_table_exists() -> None:
    """The map leads a newcomer to a file, so the file must be there."""
    architecture = (ROOT / "docs" / "architecture.md").read_text()
    files = re.findall(r"`([a-z_/]+\.py)`", architecture)
    assert len(files) > 30
    assert [file for file in files if not (ROOT / file).is_file()] == []
