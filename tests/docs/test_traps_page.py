"""Every trap that others fell into is held by a test that exists, or cannot happen."""

import ast
import re

from modelmonitor_cli.testing_pages import ROOT, named_tests, page, unknown_tests

PAGE = page("traps.md")
ROWS = re.findall(r"^\| (\d+) \| (.+?) \| (.*) \|$", PAGE, re.MULTILINE)
MOST = 52
CANNOT_HAPPEN = "It cannot happen: "


def test_every_number_is_there_once_and_in_order() -> None:
    assert [int(number) for number, _, _ in ROWS] == list(range(1, MOST + 1))


def test_no_two_rows_are_of_one_trap() -> None:
    assert len({trap for _, trap, _ in ROWS}) == MOST


def test_every_trap_has_a_test_or_cannot_happen() -> None:
    bare = [number for number, _, held in ROWS if not named_tests(held)]
    assert [one for one in bare if CANNOT_HAPPEN not in ROWS[int(one) - 1][2]] == []


def test_every_test_that_is_named_exists() -> None:
    assert len(named_tests(PAGE)) > MOST
    assert unknown_tests(PAGE) == []


def test_the_lock_knows_no_library_of_grafana() -> None:
    assert "grafana" not in (ROOT / "uv.lock").read_text()


def test_no_test_on_a_cluster_can_be_skipped() -> None:
    skipping = [
        f"{file.relative_to(ROOT)}: {node.attr}"
        for file in sorted((ROOT / "e2e").rglob("*.py"))
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in {"skip", "skipif", "importorskip"}
    ]
    assert skipping == []
