"""Each import contract fails when it is broken: a contract that cannot fail protects nothing."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
CONTRACTS = [contract["name"] for contract in PROJECT["tool"]["importlinter"]["contracts"]]

# contract (by a part of its name) -> the file and the import that breaks it
BREAKS = {
    "meet only in the shared contracts": (
        "sidecar/modelmonitor_sidecar/frames.py",
        "import modelmonitor_operator",
    ),
    "the standard library only": ("api/modelmonitor_api/names.py", "import numpy"),
    "sidecar layers": (
        "sidecar/modelmonitor_sidecar/wire/__init__.py",
        "import modelmonitor_sidecar.tap",
    ),
    "the supervisor knows": (
        "sidecar/modelmonitor_sidecar/supervise/__init__.py",
        "import modelmonitor_sidecar.stats",
    ),
    "pure rooms stay pure": ("sidecar/modelmonitor_sidecar/stats/__init__.py", "import time"),
    "renderers": (
        "operator/modelmonitor_operator/render/rules/__init__.py",
        "import modelmonitor_operator.render.dashboard",
    ),
    "injection knows no renderer": (
        "operator/modelmonitor_operator/inject/__init__.py",
        "import modelmonitor_operator.render",
    ),
    "operator layers": (
        "operator/modelmonitor_operator/plan/__init__.py",
        "import modelmonitor_operator.control",
    ),
    "kopf only watches": ("operator/modelmonitor_operator/control/__init__.py", "import kopf"),
    "what speaks HTTP": ("operator/modelmonitor_operator/kube.py", "import kopf"),
    "the webhook is a process": (
        "operator/modelmonitor_operator/admission/review.py",
        "import modelmonitor_operator.plan",
    ),
    "webhook layers": (
        "operator/modelmonitor_operator/admission/pairs.py",
        "import modelmonitor_operator.admission.serving",
    ),
    "the data path loads no numpy": (
        "sidecar/modelmonitor_sidecar/proxy/__init__.py",
        "import numpy",
    ),
    "neither scipy nor kubernetes": (
        "sidecar/modelmonitor_sidecar/collect/__init__.py",
        "import scipy",
    ),
}


def lint(root: Path) -> subprocess.CompletedProcess[str]:
    """import-linter over a copy; the copy's packages come first on the path."""
    paths = [str(root / folder) for folder in ("api", "sidecar", "operator", "cli")]
    call = (
        f"import sys; sys.path[:0] = {paths!r}; "
        "from importlinter.cli import lint_imports_command; lint_imports_command()"
    )
    return subprocess.run(
        [sys.executable, "-c", call, "--no-cache"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for folder in ("api", "sidecar", "operator", "cli"):
        shutil.copytree(
            ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__")
        )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_contracts_hold(copy: Path) -> None:
    run = lint(copy)
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("contract", CONTRACTS)
def test_a_broken_contract_is_named(contract: str, copy: Path) -> None:
    ((file, statement),) = (broken for part, broken in BREAKS.items() if part in contract)
    broken = copy / file
    broken.write_text(broken.read_text() + f"\n{statement}\n")
    run = lint(copy)
    assert run.returncode == 1, run.stdout + run.stderr
    assert f"{contract} BROKEN" in " ".join(run.stdout.split())
