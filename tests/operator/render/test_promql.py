"""PromQL that is built says what was meant, whatever names hold; Prometheus' own parser judges."""

import math
import subprocess
from pathlib import Path

import promql_parser
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from modelmonitor_operator.render.promql import (
    Differs,
    Expression,
    Like,
    aggregate,
    alike,
    call,
    copied,
    each,
    each_but,
    either,
    labelled,
    named,
    named_by_metric,
    number,
    quoted,
    selector,
    sum_by,
    sum_without,
    time,
)
from modelmonitor_operator.testing_rules import Evaluator

CORPUS = (
    '"} or vector(1) or x{a="',
    "\\",
    '\\"',
    "'`",
    "{{ $labels.x }}",
    "$1 ${2}",
    "a\nb\r\t\v\f",
    "\x00\x07\x7f\x9f",
    "\u2028\u202e\ufeff\ud800",
    "\U0001f600\U000e0001",
    "#,)(",
    "ä" * 10_000,
    "",
)
HOSTILE = st.one_of(st.sampled_from(CORPUS), st.text(st.characters(), max_size=40))
NUMBERS = st.sampled_from([-3.0, -0.5, 0.25, 1.0, 2.0, 7.0])
X, Y = selector("x", {"a": "b"}), selector("y")

Tree = float | tuple[str, "Tree", "Tree"]
TREES: st.SearchStrategy[Tree] = st.recursive(
    NUMBERS, lambda inner: st.tuples(st.sampled_from("+-*/"), inner, inner), max_leaves=6
)


def plain(text: str) -> str:
    """Lone surrogates cannot be written."""
    return text.encode("utf-8", "replace").decode()


@given(HOSTILE)
def test_a_hostile_value_is_the_value_of_one_matcher(text: str) -> None:
    parsed = promql_parser.parse(str(selector("x", {"a": text, "b": Differs(text)})))

    assert isinstance(parsed, promql_parser.VectorSelector)
    found = {one.name: (one.op, one.value) for one in parsed.matchers.matchers}
    assert found == {
        "a": (promql_parser.MatchOp.Equal, plain(text)),
        "b": (promql_parser.MatchOp.NotEqual, plain(text)),
    }


@given(HOSTILE)
def test_a_hostile_text_is_one_argument(text: str) -> None:
    parsed = promql_parser.parse(str(labelled(X * 2 + Y, "label", text)))

    assert isinstance(parsed, promql_parser.Call)
    assert len(parsed.args) == 5
    value = parsed.args[2]
    assert isinstance(value, promql_parser.StringLiteral)
    assert value.val == plain(text).replace("$", "$$")


@given(HOSTILE)
def test_parentheses_in_strings_do_not_count(text: str) -> None:
    expression = either(selector("x", {"a": text}), selector("y", {"a": f"){text}("})) * 2

    assert promql_parser.parse(str(expression)) is not None
    assert promql_parser.parse(str(call("abs", expression))) is not None


@pytest.mark.promtool
def test_promtool_takes_every_hostile_value(tmp_path: Path, promtools: list[str]) -> None:
    rules = [
        {"record": f"r:{place}", "expr": str(labelled(selector("x", {"a": text}), "b", text))}
        for place, text in enumerate((*CORPUS, *map(chr, range(1, 256))))
    ]
    (tmp_path / "rules.yaml").write_text(
        yaml.safe_dump({"groups": [{"name": "g", "rules": rules}]})
    )

    for promtool in promtools:
        run = subprocess.run(
            [promtool, "check", "rules", "rules.yaml"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert "FAILED" not in run.stdout + run.stderr
        assert f"{len(rules)} rules found" in run.stdout


@pytest.mark.promtool
def test_a_value_in_a_selector_finds_the_series_that_bears_it(
    tmp_path: Path, promtools: list[str]
) -> None:
    texts = [text for text in map(plain, CORPUS) if text and len(text) < 1_000]
    given_series = [
        {"series": str(selector("x", {"a": text})), "values": str(place)}
        for place, text in enumerate(texts)
    ]
    for promtool in promtools:
        for place, text in enumerate(texts):
            query = str(selector("x", {"a": text}))
            answers = Evaluator(promtool, tmp_path).answers(
                query, given_series, [0], step_seconds=60
            )
            assert answers[0] == {("x", frozenset({("a", text)})): place}


def built(tree: Tree) -> Expression:
    if not isinstance(tree, tuple):
        return number(tree)
    operator, left, right = tree[0], built(tree[1]), built(tree[2])
    return {"+": left + right, "-": left - right, "*": left * right, "/": left / right}[operator]


def meant(tree: Tree) -> float:
    if not isinstance(tree, tuple):
        return tree
    operator, left, right = tree[0], meant(tree[1]), meant(tree[2])
    if operator == "/":
        return left / right if right else math.nan
    return {"+": left + right, "-": left - right, "*": left * right}[operator]


@pytest.mark.promtool
def test_operators_group_as_they_were_written(tmp_path: Path, promtools: list[str]) -> None:
    @settings(max_examples=5)
    @given(st.lists(TREES, min_size=40, max_size=40))
    def check(promtool: str, trees: list[Tree]) -> None:
        wanted = {f"{place}": meant(tree) for place, tree in enumerate(trees)}
        query = either(
            *(
                labelled(call("vector", built(tree)), "place", f"{place}")
                for place, tree in enumerate(trees)
            )
        )
        answers = Evaluator(promtool, tmp_path).answers(str(query), [], [0], step_seconds=60)
        found = {dict(labels)["place"]: value for (_, labels), value in answers[0].items()}
        whole = {place: value for place, value in wanted.items() if not math.isnan(value)}
        assert {place: found[place] for place in whole} == pytest.approx(whole)

    for promtool in promtools:
        check(promtool)


def test_powers_of_negative_numbers_and_roots() -> None:
    assert str(number(-2) ** 2) == "(-2)^2"
    assert str(X**0.5) == 'x{a="b"}^0.5'
    assert str(2 / (9 * X)) == '2/(9*x{a="b"})'
    assert [str(number(one)) for one in (math.inf, -math.inf, math.nan)] == ["+Inf", "-Inf", "NaN"]


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        (X.also(Y), 'x{a="b"} and y'),
        (X.also(Y, on=["a"]), 'x{a="b"} and on(a) y'),
        (X.without(Y, on=["a"]), 'x{a="b"} unless on(a) y'),
        (X.also_but(Y, ["a"]), 'x{a="b"} and ignoring(a) y'),
        (X.unless_but(Y, ["a"]), 'x{a="b"} unless ignoring(a) y'),
        (X.equals(1) + 1, '(x{a="b"}==1)+1'),
        (X.differs(Y), 'x{a="b"}!=y'),
        ((X > 1) * 0, '(x{a="b"}>1)*0'),
        (X / alike(Y, ["a"]), 'x{a="b"}/on(a) y'),
        (X / each(Y, ["a"], ["c"]), 'x{a="b"}/on(a) group_left(c) y'),
        (X / each_but(Y, ["a"]), 'x{a="b"}/ignoring(a) group_left() y'),
        (X.offset("1w"), 'x{a="b"} offset 1w'),
        (X.over("5m", offset="1h"), 'x{a="b"}[5m] offset 1h'),
        (call("rate", X.over("$__rate_interval")), 'rate(x{a="b"}[$__rate_interval])'),
        (call("deriv", Y.each("59m59s999ms", "5m")), "deriv(y[59m59s999ms:5m])"),
        (sum_by(["a", "b"], X + Y), 'sum by(a,b)(x{a="b"}+y)'),
        (sum_without(["a"], X), 'sum without(a)(x{a="b"})'),
        (aggregate("avg", [], Y), "avg by()(y)"),
        (copied(Y, "a", "b"), 'label_replace(y,"b","$1","a","(.*)")'),
        (named(Y, "a", "new", "old"), 'label_replace(y,"a","new","a","old")'),
        (named_by_metric(Y, "a", "p_(.*)"), 'label_replace(y,"a","$1","__name__","p_(.*)")'),
        (time() - selector("", {"__name__": Like("x|y")}), 'time()-{__name__=~"x|y"}'),
    ],
)  # fmt: skip
def test_an_expression_reads_like_this(expression: Expression, text: str) -> None:
    assert str(expression) == text
    assert promql_parser.parse(text.replace("$__rate_interval", "5m")) is not None


@pytest.mark.parametrize("name", ["", "a b", "1a", 'a"', "ä", "a-b", "a\n"])
def test_a_label_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is no name in PromQL"):
        selector("x", {name: "v"})
    with pytest.raises(ValueError, match="is no name in PromQL"):
        sum_by([name], Y)


@pytest.mark.parametrize("metric", ["a b", 'x{a="b"}', "1x", "x\n"])
def test_a_metric_that_is_none_is_refused(metric: str) -> None:
    with pytest.raises(ValueError, match="is no name in PromQL"):
        selector(metric)


@pytest.mark.parametrize("duration", ["", "5", "m", "5m or y", "5m\n", "-5m", "1y"])
def test_a_duration_that_is_none_is_refused(duration: str) -> None:
    with pytest.raises(ValueError, match="is no name in PromQL"):
        X.offset(duration)


def test_quotes_are_those_of_promql() -> None:
    assert quoted('a"\\\n\x00é') == '"a\\"\\\\\\n\\u0000é"'
