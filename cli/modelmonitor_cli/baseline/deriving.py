"""What is measured of texts besides their length: how many words, and how many of them are unknown.

It takes two more passes over the columns of texts: the words, then what is measured by them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import pyarrow as pa

from modelmonitor_api.baseline import Derived
from modelmonitor_api.errors import InputError
from modelmonitor_api.names import UNKNOWN_SUFFIX, WORDS_SUFFIX
from modelmonitor_cli.baseline.features import FeaturePlan, planned
from modelmonitor_cli.baseline.options import BuildOptions
from modelmonitor_cli.baseline.planning import Plan
from modelmonitor_cli.baseline.sources import Source, derived_source
from modelmonitor_cli.baseline.survey import Facts
from modelmonitor_cli.baseline.surveying import survey_tables
from modelmonitor_cli.baseline.tables import TableFile
from modelmonitor_cli.baseline.vocabulary import vocabularies


def with_derived(plan: Plan, options: BuildOptions, tables: Sequence[TableFile]) -> Plan:
    """The plan with what is measured of each input of kind text, after its feature.

    InputError where a column has the name that such a feature gets.
    """
    texts = [one.source for one in plan.features if _is_text(one)]
    if not texts or not options.vocabulary:
        return plan
    _check_free(texts, tables[0].types)
    words = vocabularies(tables, texts, options.vocabulary)
    sources = {text.name: tuple(_derived(text.name, words[text.name])) for text in texts}
    facts = survey_tables(tables, [one for some in sources.values() for one in some], None).facts
    features = [
        one
        for feature in plan.features
        for one in (feature, *_planned(sources.get(feature.source.name, ()), facts, options.bins))
    ]
    return replace(plan, features=tuple(features))


def _is_text(feature: FeaturePlan) -> bool:
    return feature.kind == "text" and feature.source.role == "input"


def _check_free(texts: Sequence[Source], columns: Mapping[str, pa.DataType]) -> None:
    for text in texts:
        for name in (text.name + WORDS_SUFFIX, text.name + UNKNOWN_SUFFIX):
            if name in columns:
                raise InputError(
                    f"column {name!r}",
                    f"has the name of what is measured of the texts of {text.name!r}; rename it, "
                    "or leave words out with --vocabulary 0",
                )


def _derived(column: str, vocabulary: tuple[str, ...]) -> Iterator[Source]:
    yield derived_source(column + WORDS_SUFFIX, Derived(column, "words"))
    if vocabulary:
        derived = Derived(column, "unknownShare", vocabulary)
        yield derived_source(column + UNKNOWN_SUFFIX, derived)


def _planned(
    sources: Sequence[Source], facts: Mapping[str, Facts], bins: int
) -> Iterator[FeaturePlan]:
    for source in sources:
        if facts[source.name].counted:
            yield planned(source, "numeric", facts[source.name], bins)
