"""What the page on capability levels claims is held by tests that exist."""

import re

import yaml

from modelmonitor_cli.testing_pages import ROOT, named_tests, page, unknown_tests

PAGE = page("capability-levels.md")
LEVELS = re.split(r"^## Level ", PAGE, flags=re.MULTILINE)[1:]


def claims(level: str) -> list[str]:
    """The rows of its table, without head and line."""
    return [row for row in level.splitlines() if row.startswith("| ")][2:]


def test_the_five_levels_are_there_in_order() -> None:
    assert [level.partition(":")[0] for level in LEVELS] == ["I", "II", "III", "IV", "V"]


def test_no_level_is_claimed_whose_claims_have_no_test() -> None:
    for level in LEVELS:
        assert claims(level)
        assert [claim for claim in claims(level) if not named_tests(claim)] == []


def test_every_test_that_is_named_exists() -> None:
    assert unknown_tests(PAGE) == []


def test_the_chart_says_no_more_than_the_page() -> None:
    chart = yaml.safe_load((ROOT / "charts" / "modelmonitor" / "Chart.yaml").read_text())
    said = chart["annotations"]["artifacthub.io/operatorCapabilities"]
    assert f"the chart says `{said}`" in PAGE


def test_the_last_level_is_not_claimed() -> None:
    assert "**Claimed: levels I, III and IV, and II as far as" in PAGE
    assert "Level V is not claimed**" in PAGE
    assert "Not claimed: " in LEVELS[-1]
