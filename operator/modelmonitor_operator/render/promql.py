"""PromQL from values: what `expression` has, and functions, aggregations and joins.

Nothing else in the project pastes PromQL together.  It refuses to know what is asked.
"""

from collections.abc import Iterable

from modelmonitor_operator.render.expression import (
    Differs,
    Expression,
    Like,
    Matched,
    Matcher,
    Operand,
    Selector,
    Unlike,
    alike,
    bare,
    ignoring,
    listed,
    named_label,
    number,
    quoted,
    selector,
    text_of,
)

__all__ = [
    "Differs", "Expression", "Like", "Matched", "Matcher", "Operand", "Selector", "Unlike",
    "aggregate", "alike", "call", "copied", "count_by", "count_without", "each", "each_but",
    "either", "ignoring", "labelled", "max_by", "max_without", "named", "named_by_metric",
    "number", "quoted", "selector", "sum_by", "sum_without", "time",
]  # fmt: skip


def call(function: str, *arguments: Operand | str) -> Expression:
    """A function of PromQL; texts among the arguments become strings."""
    written = (quoted(one) if isinstance(one, str) else _argument(one) for one in arguments)
    return Expression(f"{function}({','.join(written)})")


def time() -> Expression:
    """Seconds since 1970, at evaluation."""
    return Expression("time()")


def aggregate(operator: str, by: Iterable[str], inner: Expression) -> Expression:
    """`sum by(a,b)(inner)`."""
    return Expression(f"{operator} by({listed(by)})({bare(inner)})")


def sum_by(by: Iterable[str], inner: Expression) -> Expression:
    """The sum over all other labels."""
    return aggregate("sum", by, inner)


def max_by(by: Iterable[str], inner: Expression) -> Expression:
    """The largest over all other labels."""
    return aggregate("max", by, inner)


def count_by(by: Iterable[str], inner: Expression) -> Expression:
    """How many there are over all other labels."""
    return aggregate("count", by, inner)


def sum_without(labels: Iterable[str], inner: Expression) -> Expression:
    """The sum over these labels alone."""
    return Expression(f"sum without({listed(labels)})({bare(inner)})")


def max_without(labels: Iterable[str], inner: Expression) -> Expression:
    """The largest over these labels alone."""
    return Expression(f"max without({listed(labels)})({bare(inner)})")


def count_without(labels: Iterable[str], inner: Expression) -> Expression:
    """How many there are over these labels alone."""
    return Expression(f"count without({listed(labels)})({bare(inner)})")


def each(right: Expression, on: Iterable[str], take: Iterable[str] = ()) -> Matched:
    """Right operand: one for many on the left, which keep their labels and get those to `take`."""
    return Matched(f"on({listed(on)}) group_left({listed(take)}) {right.text}")


def each_but(right: Expression, labels: Iterable[str], take: Iterable[str] = ()) -> Matched:
    """Right operand: one for many on the left, by all labels but these; those get `take` too."""
    return Matched(f"ignoring({listed(labels)}) group_left({listed(take)}) {right.text}")


def either(*expressions: Expression) -> Expression:
    """The first's samples, then the next's with labels not yet there, and so on."""
    return Expression(f"({' or '.join(one.text for one in expressions)})")


def labelled(inner: Expression, label: str, value: str) -> Expression:
    """With a label set to a value; `$` in the value stands for itself."""
    return call("label_replace", inner, named_label(label), value.replace("$", "$$"), "", "")


def named(inner: Expression, label: str, value: str, other: str) -> Expression:
    """With `value` in place of another value of the label."""
    return call("label_replace", inner, named_label(label), value, named_label(label), other)


def named_by_metric(inner: Expression, label: str, pattern: str) -> Expression:
    """With a part of the metric's own name, the first group of a pattern of ours, as a label."""
    return call("label_replace", inner, named_label(label), "$1", "__name__", pattern)


def copied(inner: Expression, source: str, target: str) -> Expression:
    """With the value of one label under the name of another as well."""
    return call("label_replace", inner, named_label(target), "$1", named_label(source), "(.*)")


def _argument(operand: Operand) -> str:
    return bare(operand) if isinstance(operand, Expression) else text_of(operand)
