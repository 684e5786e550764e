"""What is said of other tools beside ours is what was measured, and says our limits first."""

import re

import pytest

from modelmonitor_cli.testing_pages import ROOT, page
from modelmonitor_sidecar.stats.enough import LEAST_ROWS

PAGE = page("comparison.md")
MEASURED = page("false-alarms.md")
SECTIONS = dict(re.findall(r"^## (.*)\n((?:(?!## ).*\n)*)", PAGE, re.MULTILINE))
EVIDENTLY, NANNYML = 3, 5
"""Their columns, by defaults, in the table of the page on false alarms."""


def rows(text: str) -> list[list[str]]:
    """The cells of every line of a table but head and divider."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line[1:-1].split("|")] for line in lines]
    return [one for one in cells if not one[0].startswith("-") and one[0] != "rows"]


def tools() -> list[list[str]]:
    return [one for one in rows(SECTIONS["The table"]) if one[0].startswith("**")]


def test_our_limits_come_first() -> None:
    limits = re.findall(r"^- \*\*(.+?)\*\*", SECTIONS["What modelmonitor cannot do"], re.MULTILINE)

    assert next(iter(SECTIONS)) == "What modelmonitor cannot do"
    assert len(limits) >= 8
    assert f"on fewer than {LEAST_ROWS} rows it says nothing" in PAGE


def test_every_tool_answers_every_question() -> None:
    assert len(tools()) == 11
    for tool in tools():
        assert len(tool) == 7
        assert all(tool), tool[0]


def test_only_ours_has_nothing_that_ours_lacks() -> None:
    assert [tool[0] for tool in tools() if tool[-1] == "-"] == ["**modelmonitor**"]


@pytest.mark.parametrize(
    "tool", ["Evidently", "NannyML", "whylogs", "Alibi Detect", "Seldon Core 2", "KServe",
             "TrustyAI", "Fiddler", "Arize", "Prometheus by hand", "Istio", "Envoy"],
)  # fmt: skip
def test_it_is_said_when_to_take_another(tool: str) -> None:
    assert any(tool in row[0] for row in tools())
    assert re.search(rf"^\*\*[^*]*{tool}|\*\*{tool}", SECTIONS["Take another if"], re.MULTILINE)


def test_what_was_measured_is_what_the_page_on_false_alarms_says() -> None:
    known = {tuple(row) for row in rows(MEASURED)}
    quoted = {(*row[:3], row[EVIDENTLY], row[NANNYML]) for row in known if len(row) == 7}
    told = {tuple(row[:5]) for row in rows(SECTIONS["What was measured"])}

    assert len(told) == 7
    assert told <= quoted


def test_cells_in_which_ours_finds_less_are_told() -> None:
    verdicts = [row[5] for row in rows(SECTIONS["What was measured"])]

    assert len([one for one in verdicts if one.startswith("theirs")]) >= 3


def test_the_cost_of_the_proxy_is_the_one_that_was_measured() -> None:
    results = (ROOT / "benchmarks" / "RESULTS.md").read_text()
    for peer in ("nginx", "Envoy"):
        (times,) = re.findall(rf"\| that in {peer}'s \| ([\d.]+) times", results)
        assert re.search(rf"\b{re.escape(times)} times (the CPU|that) of {peer}\b", PAGE)


def test_the_readme_leads_to_it() -> None:
    assert "(docs/comparison.md)" in (ROOT / "README.md").read_text()
