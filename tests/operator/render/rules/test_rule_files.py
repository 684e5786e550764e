"""The text of rules: it parses, stays small, does not grow, and touches one monitor's series."""

import subprocess
from collections.abc import Sequence
from itertools import chain, combinations
from pathlib import Path
from typing import Final

import promql_parser
import pytest
import yaml

from modelmonitor_api import names, recorded
from modelmonitor_api.spec import DEFAULT_WINDOWS, WINDOWS, Feature, Model, ModelMonitor
from modelmonitor_operator.render.checked_rules import rule_document
from modelmonitor_operator.render.prometheus_rule import monitor_rules
from modelmonitor_operator.render.rules.alerts.annotations import Links
from modelmonitor_operator.render.rules.groups import monitor_groups, shared_groups
from modelmonitor_operator.render.rules.rule import Group, Record
from modelmonitor_operator.render.rules.scope import Scope
from modelmonitor_operator.render.rules.service_group import CONTAINER_MEMORY
from modelmonitor_operator.render.settings import RenderSettings

ROOT: Final = Path(__file__).resolve().parents[4]
GOLDEN: Final = ROOT / "tests" / "operator" / "render" / "golden" / "rules.yaml"
MOST_RULES: Final = 100
MOST_BYTES: Final = 64 << 10
OF_OTHERS: Final = {CONTAINER_MEMORY, "up"}
"""Series of clusters and of Prometheus, which know no monitor."""
SUBSETS: Final = list(
    chain.from_iterable(combinations(WINDOWS, count) for count in range(1, len(WINDOWS) + 1))
)


def text_of(groups: Sequence[Group]) -> str:
    return yaml.safe_dump(rule_document(groups), width=1_000_000, sort_keys=False)


def alone(windows: tuple[str, ...], monitor: str = "churn") -> tuple[Group, ...]:
    return monitor_groups("team-a", monitor, windows, Links())


def selectors(groups: Sequence[Group]) -> list[promql_parser.VectorSelector]:
    found: list[promql_parser.VectorSelector] = []

    def visit(node: promql_parser.Expr) -> None:
        if isinstance(node, promql_parser.VectorSelector):
            found.append(node)

    for group in groups:
        for rule in group.rules:
            promql_parser.walk(promql_parser.parse(str(rule.expression)), visit)
    return found


def matched(selector: promql_parser.VectorSelector) -> dict[str, str]:
    equal = promql_parser.MatchOp.Equal
    return {one.name: one.value for one in selector.matchers.matchers if one.op == equal}


def test_rules_of_a_monitor_are_few_and_short() -> None:
    groups = alone(DEFAULT_WINDOWS)

    assert sum(len(group.rules) for group in groups) <= MOST_RULES
    assert len(text_of(groups).encode()) <= MOST_BYTES


def test_rules_of_all_monitors_are_as_few() -> None:
    groups = shared_groups(Links())

    assert sum(len(group.rules) for group in groups) <= MOST_RULES
    assert len(text_of(groups).encode()) <= MOST_BYTES


def test_sizes_are_those_of_the_page() -> None:
    """docs/rules.md says how long names and many windows make them, in KiB."""
    longest = monitor_groups("n" * 63, "m" * 50, WINDOWS, Links())
    page = (ROOT / "docs" / "rules.md").read_text()

    for groups in (alone(DEFAULT_WINDOWS), alone(WINDOWS), longest, shared_groups(Links())):
        rules, kib = sum(len(group.rules) for group in groups), len(text_of(groups)) / 1024
        assert f"{rules} rules, {kib:.0f} KiB" in page


def test_rules_do_not_grow_with_models_and_features() -> None:
    settings = RenderSettings()
    features = tuple(Feature(f"feature {one}", severity="Page") for one in range(100))
    many = tuple(Model(f"model {one}", features=features) for one in range(5))

    one = monitor_rules(ModelMonitor("churn", "team-a", models=(Model("m"),)), settings)
    assert one == monitor_rules(ModelMonitor("churn", "team-a", models=many), settings)


@pytest.mark.promtool
def test_promtool_finds_nothing_in_any_subset_of_windows(
    tmp_path: Path, promtools: list[str]
) -> None:
    assert len(SUBSETS) == 31
    files = {f"{'-'.join(windows)}.yaml": alone(windows) for windows in SUBSETS}
    files["shared.yaml"] = shared_groups(Links())
    for name, groups in files.items():
        (tmp_path / name).write_text(text_of(groups))

    for promtool in promtools:
        run = subprocess.run(
            [promtool, "check", "rules", *files],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 0, run.stdout + run.stderr
        assert run.stdout.count("SUCCESS") == len(files)


def test_rules_of_one_monitor_read_no_other_s_series() -> None:
    own = {recorded.L_NAMESPACE: "team-a", names.L_MONITOR: "churn"}
    read = selectors(alone(WINDOWS))

    assert len(read) > 100
    for selector in read:
        if selector.name in OF_OTHERS:
            assert matched(selector).get(recorded.L_NAMESPACE) == "team-a", selector
        else:
            assert own.items() <= matched(selector).items(), selector


def test_rules_of_all_monitors_name_none() -> None:
    for selector in selectors(shared_groups(Links())):
        assert not {recorded.L_NAMESPACE, names.L_MONITOR} & set(matched(selector)), selector


def test_a_rule_reads_what_was_recorded_before_it_or_its_own_past() -> None:
    """Else it saw another moment; only the memory is of the batch before."""
    of_the_last_batch = {recorded.BATCH_CELL_ROWS, recorded.MEMORY_LENGTH}
    for group in alone(WINDOWS):
        mine = {rule.name for rule in group.rules if isinstance(rule, Record)}
        done: set[str] = set()
        for rule in group.rules:
            read = {selector.name for selector in selectors([Group("", "", (rule,))])}
            early = (read & mine) - done - {rule.name}
            assert early <= of_the_last_batch, f"{group.name}: {rule.name}"
            assert not early or rule.name == recorded.MEMORY_ROWS
            done.add(rule.name)


def test_rules_are_as_they_were() -> None:
    """`python tools/golden_rules.py` writes them anew if a change is meant."""
    now = rule_document(alone(DEFAULT_WINDOWS))
    assert now == yaml.safe_load(GOLDEN.read_text()), "if meant, run python tools/golden_rules.py"


def test_a_scope_without_a_monitor_is_of_all() -> None:
    assert str(Scope().select("x")) == "x"
    assert str(Scope("n", "m").select("x")) == 'x{namespace="n",modelmonitor="m"}'
