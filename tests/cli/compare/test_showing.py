"""What a person sees: the table in a terminal, the sentence, the page."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

Call = Callable[..., Any]

HOSTILE = "</style><script>alert('[red]')</script>\x1b[31m"
ROWS = 400
CHANCE = np.random.default_rng(4)
AGES = CHANCE.normal(40, 10, ROWS).round(3)


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


@pytest.fixture
def pair(table: Call) -> tuple[Path, Path]:
    """`far` differs much, `near` a little, `same` not at all, `gone` in missing values, `one` is
    constant.  The last names are hostile."""
    calm = {"same": AGES, "one": [7] * ROWS, HOSTILE: ["a", "b"] * (ROWS // 2)}
    train = {"near": AGES, "gone": AGES, "far": AGES, **calm, "old": AGES}
    gone = [*AGES[: ROWS // 2], *[None] * (ROWS // 2)]
    live = {"near": AGES + 1.9, "gone": gone, "far": AGES + 20, **calm, "new": AGES}
    return table("train.csv", **train), table("live.csv", **live)


def line(text: str, name: str) -> str:
    return next(one for one in text.splitlines() if name in one)


def test_the_table_tells_effect_p_missing_and_remarks(pair: Any, call: Call) -> None:
    shown = call("compare", *pair).out
    assert shown.startswith("train.csv (400 rows) with live.csv (400 rows)\n")
    assert re.match(r"≠  far +ks +D 0\.6\d\d large +\d", line(shown, "far "))
    assert re.match(r"≠  near +ks +D 0\.\d\d\d small +0\.0\d", line(shown, "near "))
    assert re.match(r"   same +ks +D 0\.000 tiny +1", line(shown, "same "))
    assert "0.0% 50.0% !" in line(shown, "gone ")
    assert re.match(r"\?  one .* constant", line(shown, " one "))
    assert "left out: old (only in train.csv)" in shown
    assert "constant: one value in every table; there is nothing to test" in shown


def test_the_largest_effect_comes_first_and_what_was_not_tested_last(pair: Any, call: Call) -> None:
    rows = call("compare", *pair).out.splitlines()
    assert [row[3:].split()[0] for row in rows[2:5]] == ["far", "gone", "near"]
    last = next(at for at, row in enumerate(rows) if row.startswith("left out"))
    assert rows[last - 1].startswith("?  one ")


def test_the_last_sentence_says_what_matters(pair: Any, call: Call, monkeypatch: Any) -> None:
    monkeypatch.delenv("COLUMNS")
    assert call("compare", *pair).out.splitlines()[-1] == (
        "2 of 5 columns differ in values; by a medium or large effect: far; other shares of "
        "missing values: gone; 1 could not be tested"
    )


def test_sentences_of_single_columns(table: Call, call: Call) -> None:
    one, other = table("one.csv", x=AGES), table("other.csv", x=AGES + 1.9)
    constant = table("constant.csv", x=[7.5] * ROWS)
    for tables, said in (
        ((one, one), "none of 1 column differs"),
        ((one, other), "1 of 1 column differs, none by more than a small effect"),
        ((constant, constant), "nothing could be tested"),
    ):
        assert call("compare", *tables).out.splitlines()[-1] == said


def test_no_line_is_longer_than_the_terminal(pair: Any, call: Call) -> None:
    train, live = pair
    again = train.with_name("again.csv")
    again.write_bytes(train.read_bytes())
    shown = call("compare", train, live, again, "--test", "all").out
    assert max(map(len, shown.splitlines())) <= 80
    assert "see live.csv" in re.sub(r"\s+", " ", shown)


def test_no_escape_of_a_name_reaches_the_terminal(pair: Any, call: Call) -> None:
    shown = call("compare", *pair).out
    assert "\x1b" not in shown
    assert "[red]" in re.sub(r"\s+", "", shown)


@pytest.fixture
def page(pair: Any, call: Call, tmp_path: Path) -> str:
    file = tmp_path / "report.html"
    answer = call("compare", *pair, "--html", file)
    assert answer.status == 0
    return file.read_text(encoding="utf-8")


def test_the_page_stands_alone_and_no_name_becomes_a_tag(page: str) -> None:
    assert "<script" not in page
    assert page.count("</style>") == 1
    assert "&lt;script&gt;" in page
    assert not re.search(r'(src|href)="(?!data:)', page)
    body = re.sub(r"<meta[^>]*>|<link[^>]*>|<!doctype html>", "", page)
    ElementTree.fromstring(body)  # noqa: S314 - every tag is closed


def test_the_page_has_a_card_for_each_column_with_its_tables_side_by_side(page: str) -> None:
    cards = re.findall(r'<article class="card (\w+)">(.*?)</article>', page)
    tones = [(tone, re.findall(r"<strong>(.*?)</strong>", card)[0]) for tone, card in cards]
    assert tones[:3] == [("drift", "far"), ("drift", "gone"), ("quiet", "near")]
    assert ("ok", "same") in tones
    assert ("quiet", "one") in tones
    far = cards[0][1]
    assert far.count('class="histogram"') == 2
    assert "D = 0.6" in far
    assert "differs</span>" in far
    assert "missing values differ" in cards[1][1]


def test_the_page_says_what_was_left_out(page: str) -> None:
    assert "old: only in train.csv" in page
    assert "<h1>2 of 5 columns differ in values</h1>" in page


def test_several_tables_of_categories_are_a_table_of_shares(
    table: Call, call: Call, tmp_path: Path
) -> None:
    tables = [table(f"{at}.csv", c=["x" * 60] * 30 + ["b"] * 10) for at in range(3)]
    file = tmp_path / "report.html"
    call("compare", *tables, "--html", file)
    page = file.read_text(encoding="utf-8")
    assert page.count("<td>75 %</td>") == 3
    assert f"{'x' * 39}…" in page


def test_only_so_many_columns_get_a_card(table: Call, call: Call, tmp_path: Path) -> None:
    path = table("wide.csv", **{f"x{at}": [1, 2, 1] for at in range(203)})
    file = tmp_path / "report.html"
    call("compare", path, path, "--html", file)
    page = file.read_text(encoding="utf-8")
    assert page.count("<article") == 200
    assert "x202: " in page
