"""Expressions of PromQL: selectors, operators, numbers, strings; escaping in one place.

An `Expression` is text that can stand as an operand anywhere: what binds loosely has parentheses.
No text of a user gets in but through `quoted`.  Functions are in `promql`, which is the door.
"""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

_DURATION: Final = re.compile(r"([0-9]+(ms|[smhdw]))+|\$__rate_interval")
"""A duration, or the word for which Grafana puts in one."""
_METRIC: Final = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_LABEL: Final = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_ESCAPES: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


@dataclass(frozen=True, slots=True)
class Differs:
    """A matcher: the label's value is another than this."""

    value: str


@dataclass(frozen=True, slots=True)
class Like:
    """A matcher: the label's value is wholly matched by this pattern of ours, never a user's."""

    pattern: str


@dataclass(frozen=True, slots=True)
class Unlike:
    """A matcher: the label's value is not matched by this pattern of ours."""

    pattern: str


Matcher = str | Differs | Like | Unlike


@dataclass(frozen=True, slots=True)
class Expression:
    """PromQL that can be an operand.  Between two of them, `+` and the like match equal labels."""

    text: str

    def __str__(self) -> str:
        """As it is written where it stands alone."""
        return bare(self)

    def __add__(self, other: "Operand") -> "Expression":
        return _binary(self, "+", other)

    def __sub__(self, other: "Operand") -> "Expression":
        return _binary(self, "-", other)

    def __mul__(self, other: "Operand") -> "Expression":
        return _binary(self, "*", other)

    def __truediv__(self, other: "Operand") -> "Expression":
        return _binary(self, "/", other)

    def __pow__(self, other: "Operand") -> "Expression":
        negative = self.text.startswith("-")  # -2^2 is -4
        return _binary(Expression(f"({self.text})") if negative else self, "^", other)

    def __radd__(self, other: float) -> "Expression":
        return _binary(number(other), "+", self)

    def __rsub__(self, other: float) -> "Expression":
        return _binary(number(other), "-", self)

    def __rmul__(self, other: float) -> "Expression":
        return _binary(number(other), "*", self)

    def __rtruediv__(self, other: float) -> "Expression":
        return _binary(number(other), "/", self)

    def __gt__(self, other: "Operand") -> "Expression":
        return _binary(self, ">", other)

    def __ge__(self, other: "Operand") -> "Expression":
        return _binary(self, ">=", other)

    def __lt__(self, other: "Operand") -> "Expression":
        return _binary(self, "<", other)

    def __le__(self, other: "Operand") -> "Expression":
        return _binary(self, "<=", other)

    def equals(self, other: "Operand") -> "Expression":
        """The samples whose value equals the other's."""
        return _binary(self, "==", other)

    def differs(self, other: "Operand") -> "Expression":
        """The samples whose value is not the other's."""
        return _binary(self, "!=", other)

    def also(self, other: "Expression", on: Iterable[str] | None = None) -> "Expression":
        """The samples that have a partner in the other, by all labels or by those named."""
        return _binary(self, "and", other if on is None else alike(other, on))

    def also_but(self, other: "Expression", labels: Iterable[str]) -> "Expression":
        """The samples that have a partner in the other, by all labels but these."""
        return _binary(self, "and", ignoring(other, labels))

    def without(self, other: "Expression", on: Iterable[str] | None = None) -> "Expression":
        """The samples that have no partner in the other."""
        return _binary(self, "unless", other if on is None else alike(other, on))

    def each(self, duration: str, step: str) -> "Expression":
        """A subquery: the value at whole multiples of `step`, for so long."""
        return Expression(f"{self.text}[{_duration(duration)}:{_duration(step)}]")

    def unless_but(self, other: "Expression", labels: Iterable[str]) -> "Expression":
        """The samples that have no partner in the other, by all labels but these."""
        return _binary(self, "unless", ignoring(other, labels))


@dataclass(frozen=True, slots=True)
class Matched:
    """A right operand with the labels by which it is matched."""

    text: str


@dataclass(frozen=True, slots=True)
class Selector(Expression):
    """Series by name and labels; only they can be shifted in time or seen over a range."""

    def offset(self, duration: str) -> Expression:
        """As it was so long ago."""
        return Expression(f"{self.text} offset {_duration(duration)}")

    def over(self, duration: str, offset: str | None = None) -> Expression:
        """All samples of so long, for functions that take a range."""
        shifted = "" if offset is None else f" offset {_duration(offset)}"
        return Expression(f"{self.text}[{_duration(duration)}]{shifted}")


Operand = Expression | Matched | float


def selector(metric: str, matchers: Mapping[str, Matcher] | None = None) -> Selector:
    """Series of one metric, or ("") of those that the matchers name.

    ValueError where a name is none: names are ours, values are quoted.
    """
    if metric:
        _named(_METRIC, metric)
    inside = ",".join(_matcher(label, value) for label, value in (matchers or {}).items())
    return Selector(f"{metric}{{{inside}}}" if inside else metric)


def number(value: float) -> Expression:
    """A number as a scalar.

    >>> str(number(0.5)), str(number(3)), str(number(-1))
    ('0.5', '3', '-1')
    """
    if math.isnan(value):
        return Expression("NaN")
    if math.isinf(value):
        return Expression("+Inf" if value > 0 else "-Inf")
    return Expression(str(int(value)) if float(value).is_integer() else repr(float(value)))


def quoted(text: str) -> str:
    """A string of PromQL: what a user wrote stays what it is, whatever it holds.

    >>> print(quoted('say "hi"'))
    "say \\"hi\\""
    """
    plain = text.encode("utf-8", "replace").decode()
    return '"' + "".join(map(_escaped, plain)) + '"'


def alike(right: Expression, on: Iterable[str]) -> Matched:
    """Right operand: one partner for one, by these labels, which are all that is left."""
    return Matched(f"on({listed(on)}) {right.text}")


def ignoring(right: Expression, labels: Iterable[str]) -> Matched:
    """Right operand: one partner for one, by all labels but these."""
    return Matched(f"ignoring({listed(labels)}) {right.text}")


def bare(inner: Expression) -> str:
    """Without its own parentheses where they are the outermost pair."""
    text = inner.text
    return text[1:-1] if text.startswith("(") and _closes_last(text) else text


def text_of(operand: Operand) -> str:
    """As it stands beside an operator."""
    return operand.text if isinstance(operand, Expression | Matched) else number(operand).text


def listed(names: Iterable[str]) -> str:
    """Names of labels; ValueError where one is none."""
    return ",".join(map(named_label, names))


def named_label(label: str) -> str:
    """A label's name; ValueError where it is none."""
    return _named(_LABEL, label)


def _binary(left: Expression, operator: str, right: Operand) -> Expression:
    spaced = f" {operator} " if operator.isalpha() else operator
    return Expression(f"({left.text}{spaced}{text_of(right)})")


def _closes_last(text: str) -> bool:
    """Whether the first parenthesis is closed by the last character; strings are passed over."""
    depth, quote, skip = 0, False, False
    for place, mark in enumerate(text):
        if skip:
            skip = False
        elif mark == "\\" and quote:
            skip = True
        elif mark == '"':
            quote = not quote
        elif not quote and mark in "()":
            depth += 1 if mark == "(" else -1
            if depth == 0:
                return place == len(text) - 1
    return False


def _matcher(label: str, value: Matcher) -> str:
    name = named_label(label)
    match value:
        case Differs(text):
            return f"{name}!={quoted(text)}"
        case Like(pattern):
            return f"{name}=~{quoted(pattern)}"
        case Unlike(pattern):
            return f"{name}!~{quoted(pattern)}"
        case _:
            return f"{name}={quoted(value)}"


def _escaped(mark: str) -> str:
    if mark in _ESCAPES:
        return _ESCAPES[mark]
    if mark.isprintable():
        return mark
    return f"\\u{ord(mark):04x}" if ord(mark) <= 0xFFFF else f"\\U{ord(mark):08x}"


def _named(form: re.Pattern[str], name: str) -> str:
    if not form.fullmatch(name):
        raise ValueError(f"{name!r} is no name in PromQL")
    return name


def _duration(text: str) -> str:
    return _named(_DURATION, text)
