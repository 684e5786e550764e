"""What Helm makes of each mode, as it was read by somebody once; and Helm's own opinion."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tools.chart_rendering import CHART, MODES, helm
from tools.golden_charts import GOLDEN, golden


@pytest.mark.parametrize("mode", MODES)
def test_a_mode_renders_what_was_read(mode: str, text_of: Callable[[str], str]) -> None:
    """Run `python -m tools.golden_charts` when a change is meant, and read the difference."""
    assert golden(text_of(mode)) == (GOLDEN / f"{mode}.yaml").read_text()


def test_every_golden_file_is_of_a_mode() -> None:
    assert {path.stem for path in Path(GOLDEN).iterdir()} == set(MODES)


@pytest.mark.parametrize("mode", MODES)
def test_helm_finds_nothing_to_say(needs_helm: None, mode: str) -> None:
    done = helm("lint", "--strict", str(CHART), values=MODES[mode])
    assert done.returncode == 0, done.stdout
    assert "[WARNING]" not in done.stdout
