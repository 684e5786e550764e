"""What `modelmonitor run` says before it starts."""

import pytest

from modelmonitor_cli.run.start import warn_of_window
from modelmonitor_sidecar.stats.enough import needed_rows


def test_windows_too_small_for_any_verdict_are_a_warning(
    capsys: pytest.CaptureFixture[str],
) -> None:
    fewest = needed_rows(1)
    warn_of_window(fewest - 1)
    said = capsys.readouterr().err
    assert said.endswith(f"--window: {fewest - 1} rows are too few for a verdict, so these windows "
                         f"never have one; write {fewest}r or more\n")  # fmt: skip


@pytest.mark.parametrize("rows", [None, 200, 2_000])
def test_other_windows_are_none(rows: int | None, capsys: pytest.CaptureFixture[str]) -> None:
    warn_of_window(rows)
    assert capsys.readouterr().err == ""
