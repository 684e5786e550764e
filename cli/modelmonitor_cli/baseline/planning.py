"""What will be counted: features with their edges, the request's columns, the calibration table.

Decided from the survey, or taken over from another baseline.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from modelmonitor_api.baseline import Baseline, BaselineFeature, Column
from modelmonitor_api.errors import InputError
from modelmonitor_cli.baseline.calibration import CalibrationPlan, given_score_edges, score_edges
from modelmonitor_cli.baseline.features import FeaturePlan, given, planned
from modelmonitor_cli.baseline.kinds import decide
from modelmonitor_cli.baseline.options import BuildOptions
from modelmonitor_cli.baseline.sources import (
    Source,
    derived_source,
    label_source,
    request_columns,
)
from modelmonitor_cli.baseline.survey import NumberFacts
from modelmonitor_cli.baseline.surveying import Surveyed
from modelmonitor_cli.baseline.tables import TableFile, check_column


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be counted; `unsaid` are sentences about what will not."""

    features: tuple[FeaturePlan, ...]
    columns: tuple[Column, ...]
    calibration: CalibrationPlan | None

    @property
    def cells(self) -> int:
        """Of all features."""
        return sum(feature.cells for feature in self.features)

    def needed_columns(self, time: str | None) -> list[str]:
        """Of the table, in no more than one copy."""
        names = [name for feature in self.features for name in feature.source.columns]
        if self.calibration:
            names += self.calibration.label.columns
        return list(dict.fromkeys([*names, time] if time else names))


def plan_anew(
    options: BuildOptions, found: Sequence[Source], surveyed: Surveyed, table: TableFile
) -> Plan:
    """From what was seen; InputError where a column that the user named holds nothing."""
    whys = dict.fromkeys(options.ignored, "as asked")
    features: list[FeaturePlan] = []
    for source in found:
        one = _planned(source, surveyed, options.bins)
        if isinstance(one, str):
            whys[source.name] = one
        else:
            features.append(one)
    if not any(plan.source.role == "input" for plan in features):
        raise InputError(
            str(table.path), "has no column that can be watched; say what they are with --kind"
        )
    columns = tuple(
        Column(name, ignored=name in whys, why=whys.get(name))
        for name in request_columns(options, table)
    )
    return Plan(tuple(features), columns, _calibration(features, surveyed, options, table))


def plan_as_given(options: BuildOptions, base: Baseline, table: TableFile) -> Plan:
    """The same features on the same edges as another baseline."""
    features = []
    for feature in base.features:
        source = _source_as_given(options, feature, table)
        features.append(given(source, feature))
    edges = given_score_edges(base.calibration)
    roles = {plan.source.role: plan for plan in features}
    label = label_source(options, table)
    calibration = None
    if edges and label and {"prediction", "score"} <= roles.keys():
        calibration = CalibrationPlan(roles["prediction"], roles["score"].source, label, edges)
    return Plan(tuple(features), base.columns, calibration)


def _source_as_given(options: BuildOptions, feature: BaselineFeature, table: TableFile) -> Source:
    several = feature.role == "score" and options.scores
    columns = options.scores if several else (feature.name,)
    if feature.derived is not None:
        columns = (feature.derived.column,)
    for column in columns:
        check_column(column, f"--edges-from {options.edges_from}:", table)
    if feature.derived is not None:
        return derived_source(feature.name, feature.derived)
    type_of_first = table.types[columns[0]]
    return Source(feature.name, feature.role, columns, type_of_first, table.all_text)


def _planned(source: Source, surveyed: Surveyed, bins: int) -> FeaturePlan | str:
    """The plan, or why the column is left out."""
    facts = surveyed.facts.get(source.name)
    if facts is None:
        return _left_out(source, source.unreadable or "")
    decision = decide(source.name, facts)
    kind = source.forced or decision.kind
    if source.role != "input" and kind is None and facts.counted:
        kind = "numeric" if isinstance(facts, NumberFacts) else "categorical"
    if kind is None or not facts.counted:
        return _left_out(source, decision.why or "")
    return planned(source, kind, facts, bins)


def _left_out(source: Source, why: str) -> str:
    """InputError where the user has named this column."""
    if source.role != "input":
        option = f"--{source.role} {source.columns[0]}"
        raise InputError(option, f"cannot be watched ({why}); name another column")
    if source.forced is not None:
        option = f"--kind {source.name}={source.forced}"
        raise InputError(option, f"cannot be ({why}); leave the option out")
    return why


def _calibration(
    features: Sequence[FeaturePlan], surveyed: Surveyed, options: BuildOptions, table: TableFile
) -> CalibrationPlan | None:
    roles = {plan.source.role: plan for plan in features}
    label = label_source(options, table)
    if label is None or not {"prediction", "score"} <= roles.keys():
        return None
    facts = surveyed.facts[roles["score"].source.name]
    if roles["prediction"].kind in ("numeric", "text") or not isinstance(facts, NumberFacts):
        return None
    return CalibrationPlan(roles["prediction"], roles["score"].source, label, score_edges(facts))


def options_of(options: BuildOptions, base: Baseline | None) -> BuildOptions:
    """The options, with the name and version of the baseline that gives the edges."""
    if base is None:
        return options
    return replace(
        options, model=options.model or base.model, version=options.version or base.version
    )
