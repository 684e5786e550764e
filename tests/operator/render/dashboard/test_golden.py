"""Dashboards as they are; `python tools/golden_dashboards.py` writes them anew if that is meant."""

import json
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[4]
GOLDEN = ROOT / "tests" / "operator" / "render" / "golden"


@pytest.mark.parametrize("name", ["monitor_dashboard", "fleet_dashboard"])
def test_a_dashboard_is_as_it_was(name: str, tmp_path: Path) -> None:
    tool = runpy.run_path(str(ROOT / "tools" / "golden_dashboards.py"))
    tool["main"].__globals__["GOLDEN"] = tmp_path
    tool["main"]()
    now, before = (
        json.loads((folder / f"{name}.json").read_text()) for folder in (tmp_path, GOLDEN)
    )
    assert now == before, "if this is meant, run python tools/golden_dashboards.py"
