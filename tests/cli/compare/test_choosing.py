"""Which tests a column gets, and what its effects are called."""

import math

import pytest
from scipy import stats

from modelmonitor_api.errors import InputError
from modelmonitor_api.spec import Kind
from modelmonitor_cli.compare.catalogue import chosen_tests
from modelmonitor_cli.compare.comparison import TestName
from modelmonitor_cli.compare.effects import SIZES, sized, weight
from modelmonitor_cli.compare.options import AskedTests, asked_tests


@pytest.mark.parametrize(
    ("kind", "tables", "test"),
    [
        ("numeric", 2, "ks"),
        ("numeric", 3, "kruskal"),
        ("text", 2, "ks"),
        ("discrete", 2, "chi-square"),
        ("categorical", 3, "chi-square"),
        ("boolean", 2, "chi-square"),
    ],
)
def test_the_kind_chooses(kind: Kind, tables: int, test: TestName) -> None:
    assert chosen_tests("x", kind, tables, AskedTests()) == (test,)


def test_a_test_by_name_is_done_where_it_suits() -> None:
    asked = asked_tests(["welch"])
    assert chosen_tests("x", "numeric", 2, asked) == ("welch",)
    assert chosen_tests("x", "categorical", 2, asked) == ("chi-square",)


def test_several_tests_are_done_once_each() -> None:
    asked = asked_tests(["welch", "ks", "welch"])
    assert chosen_tests("x", "numeric", 2, asked) == ("welch", "ks")


def test_all_leaves_out_what_says_the_same_twice() -> None:
    asked = asked_tests(["all"])
    assert chosen_tests("x", "numeric", 2, asked) == ("welch", "ks", "mann-whitney")
    assert chosen_tests("x", "numeric", 3, asked) == (
        "welch",
        "anova",
        "kruskal",
        "ks",
        "mann-whitney",
    )
    assert "chi-square" in chosen_tests("x", "discrete", 2, asked)
    assert chosen_tests("x", "boolean", 2, asked) == ("chi-square",)


def test_a_column_has_its_own_tests() -> None:
    asked = asked_tests(["ks", "a=b=anova", "x=welch"])
    assert chosen_tests("a=b", "numeric", 2, asked) == ("anova",)
    assert chosen_tests("x", "numeric", 2, asked) == ("welch",)
    assert chosen_tests("y", "numeric", 2, asked) == ("ks",)


def test_a_test_that_does_not_suit_its_column_is_refused_with_those_that_do() -> None:
    with pytest.raises(InputError, match=r"--test x=ks.*categorical.*write chi-square,"):
        chosen_tests("x", "categorical", 2, asked_tests(["x=ks"]))
    with pytest.raises(InputError, match="write welch or anova or kruskal or ks or mann-whitney,"):
        chosen_tests("x", "numeric", 2, asked_tests(["x=chi-square"]))


@pytest.mark.parametrize("assignment", ["t-test", "x=", "=ks", ""])
def test_what_is_no_test_is_refused(assignment: str) -> None:
    with pytest.raises(InputError, match=f"^--test {assignment}"):
        asked_tests([assignment])


def test_sizes_of_d_and_r_are_those_of_shifted_normals() -> None:
    for shift, d, r in zip(SIZES["hedges_g"], SIZES["ks_d"], SIZES["rank_biserial"], strict=True):
        assert d == pytest.approx(2 * stats.norm.cdf(shift / 2) - 1, abs=0.006)
        assert r == pytest.approx(2 * stats.norm.cdf(shift / math.sqrt(2)) - 1, abs=0.006)


def test_an_effect_is_named_by_its_amount_whatever_its_sign() -> None:
    assert [sized("hedges_g", value).size for value in (0.1, -0.2, 0.5, -0.8)] == [
        "tiny",
        "small",
        "medium",
        "large",
    ]
    assert weight(sized("hedges_g", -0.4)) == pytest.approx(2.0)
    assert weight(None) == 0
