"""Prometheus' text format: families of samples in, one string out.

It refuses to know where the numbers come from, which names exist and how a page is served.  Label
text (``a="b",c="d"``) is built once with `label_text` and reused by whoever renders often; it is
the expensive part.
"""

from collections.abc import Iterable, Mapping, Sequence
from math import inf, isinf, isnan
from typing import Final, Literal

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

Kind = Literal["counter", "gauge", "histogram", "summary"]
Sample = tuple[str, float]
"""Label text (may be empty), or one label's value, and a value."""
Distribution = tuple[str, Sequence[int], float]
"""Label text, observations of each bucket (not cumulative; the last is above every edge), sum."""

_LABEL_ESCAPES: Final = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})
_HELP_ESCAPES: Final = str.maketrans({"\\": r"\\", "\n": r"\n"})


def label_text(labels: Mapping[str, str]) -> str:
    r"""The labels as they stand between braces, values escaped.

    >>> label_text({"path": 'C:\\"x"', "code": "200"})
    'path="C:\\\\\\"x\\"",code="200"'
    """
    return ",".join(f'{name}="{escape(value)}"' for name, value in labels.items())


def escape(value: str) -> str:
    """A label's value as it stands between quotes; lone surrogates become question marks."""
    return value.encode("utf-8", "replace").decode().translate(_LABEL_ESCAPES)


def joined(*texts: str) -> str:
    """Several label texts as one; empty ones leave no comma behind."""
    return ",".join(text for text in texts if text)


def number(value: float) -> str:
    """Whole numbers without a point, others in their shortest exact form.

    >>> number(3.0), number(0.25), number(float("inf")), number(10**20)
    ('3', '0.25', '+Inf', '100000000000000000000')
    """
    if isinstance(value, int):
        return str(int(value))
    if isnan(value):
        return "NaN"
    if isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    whole = int(value)
    return str(whole) if whole == value and abs(value) < 1e15 else repr(float(value))


def header(name: str, kind: Kind, explanation: str) -> str:
    """The HELP and TYPE lines that open a family."""
    return f"# HELP {name} {explanation.translate(_HELP_ESCAPES)}\n# TYPE {name} {kind}\n"


def line(name: str, labels: str, value: float) -> str:
    """One sample with its newline."""
    return f"{name}{{{labels}}} {number(value)}\n" if labels else f"{name} {number(value)}\n"


def by_label(name: str, common: str, label: str, values: Iterable[Sample]) -> str:
    """Samples of one family that differ in one label, whose values come with them."""
    return "".join(
        line(name, joined(common, label_text({label: text})), value) for text, value in values
    )


def counter(name: str, explanation: str, samples: Iterable[Sample]) -> str:
    """A family of counters; `name` ends with ``_total``."""
    return _family(name, "counter", explanation, samples)


def gauge(name: str, explanation: str, samples: Iterable[Sample]) -> str:
    """A family of gauges."""
    return _family(name, "gauge", explanation, samples)


def histogram(
    name: str, explanation: str, edges: Sequence[float], distributions: Iterable[Distribution]
) -> str:
    """A family of histograms over the same upper `edges` (ascending, inclusive, without +Inf)."""
    limits = [f'le="{number(edge)}"' for edge in (*edges, inf)]
    parts = [header(name, "histogram", explanation)]
    for labels, counts, total in distributions:
        parts.append(_distribution(name, labels, limits, counts))
        parts.append(line(f"{name}_sum", labels, total))
        parts.append(line(f"{name}_count", labels, sum(counts)))
    return "".join(parts) if len(parts) > 1 else ""


def _distribution(name: str, labels: str, limits: Sequence[str], counts: Sequence[int]) -> str:
    if len(counts) != len(limits):
        raise ValueError(
            f"{name}: {len(limits) - 1} edges make {len(limits)} buckets, not {len(counts)}"
        )
    lines, below = [], 0
    for limit, count in zip(limits, counts, strict=True):
        below += count
        lines.append(f"{name}_bucket{{{joined(labels, limit)}}} {below}\n")
    return "".join(lines)


def _family(name: str, kind: Kind, explanation: str, samples: Iterable[Sample]) -> str:
    # A family without samples is left out: two headers without a line say nothing.
    lines = [line(name, labels, value) for labels, value in samples]
    return header(name, kind, explanation) + "".join(lines) if lines else ""
