"""Every query that the documents offer parses, names what exists, and finds something.

The reference tables (`docs/metrics.md`, `docs/rules.md`) say which labels and values a series has.
From them promtool gets a Prometheus in which each query has to find something: a label that does
not exist, or sides that do not match each other, find nothing or are an error.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import promql_parser
import pytest
import yaml

from modelmonitor_api import names, recorded
from modelmonitor_api.spec import WINDOWS
from modelmonitor_operator.render.rules.alerts.annotations import Links
from modelmonitor_operator.render.rules.groups import shared_groups

ROOT = Path(__file__).resolve().parents[2]
PAGES = [*sorted((ROOT / "docs" / "runbook").glob("*.md")), ROOT / "docs" / "rules.md"]
BLOCK = re.compile(r"^ *```promql\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
ROW = re.compile(r"^\| `(modelmonitor[:_]\w+)` \|(.*)\|$", re.MULTILINE)
HISTOGRAM_PARTS: Final = {"_bucket": ("le",), "_sum": (), "_count": ()}
TARGET: Final = ("namespace", "job", "instance", "pod")
OF_EVERY_SERIES: Final = ("namespace", names.L_MONITOR, names.L_MODEL, names.L_VERSION)
FOREIGN: Final[dict[str, tuple[str, ...]]] = {
    "up": TARGET,
    "container_memory_working_set_bytes": (*TARGET, "container"),
    "ALERTS": ("alertname", "alertstate", "severity", *OF_EVERY_SERIES),
}
"""Series that are not ours: of Prometheus itself, and of the kubelet."""
CLOSED: Final = (
    names.L_REASON, names.L_OUTCOME, names.L_ROLE, names.L_SETTING, names.L_STATE,
    names.L_PROTOCOL, recorded.L_TEST, recorded.L_DISTANCE, recorded.L_MEMORY,
)  # fmt: skip
PLACEHOLDERS: Final = ("NAMESPACE", "MONITOR", "MODEL", "VERSION", "FEATURE", "WINDOW", "POD")


@dataclass(frozen=True)
class Documented:
    """What the reference says of a series: its labels, and all text from which values come."""

    labels: tuple[str, ...]
    text: str


def documented() -> dict[str, Documented]:
    found = {name: Documented(labels, "`firing`") for name, labels in FOREIGN.items()}
    for name, cells in ROW.findall((ROOT / "docs" / "metrics.md").read_text()):
        kind, labels, _, meaning = [cell.strip() for cell in cells.split("|", 3)]
        own = (*OF_EVERY_SERIES, *TARGET[1:], *re.findall(r"`(\w+)`", labels))
        parts = HISTOGRAM_PARTS if kind == "histogram" else {"": ()}
        for suffix, more in parts.items():
            found[name + suffix] = Documented((*own, *more), meaning)
    for name, cells in ROW.findall((ROOT / "docs" / "rules.md").read_text()):
        labels, meaning = [cell.strip() for cell in cells.split("|", 1)]
        found[name] = Documented((*OF_EVERY_SERIES, *re.findall(r"`(\w+)`", labels)), meaning)
    return found


SERIES: Final = documented()


@dataclass
class Selectors:
    """What a query selects, and by which labels it groups and joins.

    Of each selector the name, and for each label the value asked for: None where any other will do.
    """

    selected: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    grouped: set[str] = field(default_factory=set)

    def visit(self, node: Any) -> None:
        if isinstance(node, promql_parser.VectorSelector):
            self._select(node)
        modifier = getattr(node, "modifier", None)
        if isinstance(node, promql_parser.BinaryExpr) and modifier is not None:
            self.grouped |= set(modifier.group_labels or ())
            modifier = modifier.matching
        if modifier is not None:
            self.grouped |= set(modifier.labels)

    def _select(self, node: Any) -> None:
        equal: dict[str, str | None] = {}
        called = node.name or ""
        for matcher in node.matchers.matchers:
            if matcher.name == "__name__":
                called = matcher.value
            elif matcher.op == promql_parser.MatchOp.Equal:
                equal[matcher.name] = matcher.value
            else:
                equal.setdefault(matcher.name, None)
        self.selected += [(name, equal) for name in called.split("|")]


def queries() -> list[tuple[str, str]]:
    return [
        (str(page.relative_to(ROOT)), text.strip())
        for page in PAGES
        if page.exists()
        for text in BLOCK.findall(page.read_text())
    ]


def selectors(query: str) -> Selectors:
    found = Selectors()
    promql_parser.walk(promql_parser.parse(query), found.visit)
    return found


QUERIES: Final = queries()


def test_there_are_queries_to_check() -> None:
    assert len(QUERIES) > 40
    assert len(SERIES) > 100


@pytest.mark.parametrize(("page", "query"), QUERIES)
def test_a_query_selects_series_that_are_documented(page: str, query: str) -> None:
    constants = {
        value
        for module in (names, recorded)
        for value in vars(module).values()
        if isinstance(value, str)
    }
    ours = {name for name, _ in selectors(query).selected} - set(FOREIGN)

    assert ours <= set(SERIES)
    assert {re.sub(r"_(bucket|sum|count)$", "", name) for name in ours} <= {
        re.sub(r"_(bucket|sum|count)$", "", name) for name in constants
    }


@pytest.mark.parametrize(("page", "query"), QUERIES)
def test_a_query_uses_labels_that_its_series_have(page: str, query: str) -> None:
    found = selectors(query)
    for name, matchers in found.selected:
        assert set(matchers) <= set(SERIES[name].labels), name
    assert found.grouped <= {label for name, _ in found.selected for label in SERIES[name].labels}


@pytest.mark.parametrize(("page", "query"), QUERIES)
def test_a_query_asks_for_values_that_the_reference_names(page: str, query: str) -> None:
    for name, matchers in selectors(query).selected:
        values = {value for value in matchers.values() if value} - {
            names.OTHER,
            names.NO_BASELINE,
            *PLACEHOLDERS,
            *WINDOWS,
        }
        unknown = [value for value in values if f"`{value}`" not in SERIES[name].text]
        assert unknown == [], name


def test_the_rules_ask_for_values_that_the_reference_names() -> None:
    rules = [rule for group in shared_groups(Links()) for rule in group.rules]
    asked = {one for rule in rules for one in values_asked_for(rule.expression.text)}

    assert len(asked) > 40
    assert [one for one in sorted(asked) if f"`{one[2]}`" not in SERIES[one[0]].text] == []


def values_asked_for(expression: str) -> Iterator[tuple[str, str, str]]:
    """Series, label and value, of labels whose values the reference lists in full."""
    found: list[tuple[str, str, str]] = []

    def visit(node: Any) -> None:
        if isinstance(node, promql_parser.VectorSelector) and node.name in SERIES:
            found.extend(
                (node.name, matcher.name, value)
                for matcher in node.matchers.matchers
                if matcher.name in CLOSED
                for value in matcher.value.split("|")
                if value
            )

    promql_parser.walk(promql_parser.parse(expression), visit)
    yield from found


@pytest.mark.promtool
def test_every_query_finds_something(tmp_path: Path) -> None:
    promtool = shutil.which("promtool")
    assert promtool, "promtool is not on the path (Debian: prometheus)"
    (tmp_path / "rules.yaml").write_text("groups: []\n")
    (tmp_path / "tests.yaml").write_text(yaml.safe_dump(unit_tests()))

    run = subprocess.run(
        [promtool, "test", "rules", "tests.yaml"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stdout + run.stderr


def unit_tests() -> dict[str, Any]:
    return {
        "rule_files": ["rules.yaml"],
        "evaluation_interval": "1m",
        "tests": [unit_test(query) for _, query in QUERIES],
    }


def unit_test(query: str) -> dict[str, Any]:
    """One query, at a moment when its series have lasted a week where it asks for a week ago."""
    minutes = 180 + 7 * 24 * 60 * ("offset 1w" in query)
    values = f"{compared_with(query)}x{minutes}"
    return {
        "interval": "1m",
        "input_series": [
            {"series": series, "values": values} for series in sorted(set(series_for(query)))
        ],
        "promql_expr_test": [
            {
                "expr": f"count(({query})) > bool 0",
                "eval_time": f"{minutes}m",
                "exp_samples": [{"labels": "{}", "value": 1}],
            }
        ],
    }


def compared_with(query: str) -> str:
    """Series rise; where the query asks for a constant, they are that."""
    constant = re.search(r"== (-?\d+)\)?$", query)
    return f"{constant.group(1)}+0" if constant else "1+7"


def series_for(query: str) -> Iterator[str]:
    """For each selector a series, and one more for each label that it leaves open."""
    for name, matchers in selectors(query).selected:
        wanted = {label: value for label, value in matchers.items() if value is not None}
        labels = {label: some(label) for label in SERIES[name].labels} | wanted
        yield written(name, labels)
        for label in set(labels) - set(wanted):
            yield written(name, labels | {label: some(label, another=True)})


def some(label: str, *, another: bool = False) -> str:
    if label == "le":
        return "1" if another else "+Inf"
    return f"another {label}" if another else f"some {label}"


def written(name: str, labels: dict[str, str]) -> str:
    inside = ", ".join(f'{label}="{value}"' for label, value in labels.items() if value)
    return f"{name}{{{inside}}}"
