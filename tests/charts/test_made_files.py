"""What the chart has from the renderers is what they render today."""

from pathlib import Path

import pytest

from tools.chart_files import CHART, CLUSTER, GRAFANA, RUNBOOK, chart_files

MADE = chart_files()


@pytest.mark.parametrize("path", MADE, ids=lambda path: str(path.relative_to(CHART)))
def test_a_made_file_is_up_to_date(path: Path) -> None:
    assert path.read_text() == MADE[path], "run python -m tools.chart_files"


def test_there_is_no_file_that_nobody_makes() -> None:
    assert {*(CHART / "files").iterdir()} <= set(MADE)


@pytest.mark.parametrize("stand_in", [RUNBOOK, GRAFANA, CLUSTER])
def test_every_stand_in_of_a_file_is_replaced_by_a_template(stand_in: str) -> None:
    templates = [one.read_text() for one in (CHART / "templates").iterdir() if one.is_file()]
    assert any(f'replace "{stand_in}"' in text for text in templates)
