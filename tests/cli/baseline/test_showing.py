"""What a person sees of a baseline."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmonitor_api.baseline import Bins
from modelmonitor_cli.baseline.showing import density

Call = Callable[..., Any]


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")


def test_a_table_with_histograms(build: Call, call: Call, csv: Call) -> None:
    lines = [f"{i % 2},{'[red]' if i % 4 else ''},{i}" for i in range(2_000)]
    file = build(csv("flag,colour,id", *lines), "--model", "shoes", "--version", "2").file

    shown = call("baseline", "show", file).out

    assert "shoes version 2: 2,000 rows, digest " in shown
    flag, colour = (
        next(line for line in shown.splitlines() if name in line) for name in ("flag", "colour")
    )
    assert "██" in flag
    assert "discrete" in flag
    assert "[red] 75%" in colour
    assert "25.0%" in colour
    assert "left out: id (identifier: numbers the rows)" in shown


def test_nothing_is_folded_where_no_terminal_bounds_it(
    build: Call, call: Call, csv: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COLUMNS")
    name = "share_of_orders_that_were_paid_by_invoice_in_the_last_twelve_months"
    built = build(csv(f"{name},colour", *[f"{i},red" for i in range(50)], *["7,blue"] * 50))
    assert name in call("baseline", "show", built.file).out


def test_provisional_features_are_marked(build: Call, call: Call, csv: Call) -> None:
    path = csv("x", *(f"{i % 97 / 2}" for i in range(6_000)))

    without, ordered = (
        call("baseline", "show", build(path, *options).file).out
        for options in ((), ("--time-ordered",))
    )

    assert "x ~" in without
    assert "~ provisional: " in without
    assert "rho = 0.0002" in without
    assert "~" not in ordered


def test_the_document_for_machines(build: Call, call: Call, csv: Call) -> None:
    file = build(csv("x", *(f"{i / 2}" for i in range(200)))).file
    assert json.loads(call("baseline", "show", file, "--json").out) == json.loads(file.read_text())


counts = st.integers(0, 1_000)
edges = st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=20, unique=True).map(sorted)


@given(edges, st.data())
def test_density_keeps_the_rows(bounds: list[float], data: st.DataObject) -> None:
    size = len(bounds) + 1
    rows = tuple(data.draw(st.lists(counts, min_size=size, max_size=size)))
    means = (bounds[0], *bounds)
    one = Bins(tuple(bounds), rows, means, 0.0, 1.0, bounds[0] - 1, bounds[-1] + 1)

    heights = density(one)

    assert min(heights) >= 0
    assert sum(heights) == pytest.approx(sum(rows), rel=1e-3, abs=1e-3)
