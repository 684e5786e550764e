"""Which baselines the sidecars of a monitor are told of.

A baseline that cannot be read must not take a good one out of use: what the sidecars have been told
stays until something better can be read.  It refuses to know where documents come from.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from modelmonitor_api.names import BASELINE_KEY
from modelmonitor_api.spec import BaselineSource, Model, ModelMonitor
from modelmonitor_operator.world import LoadedBaseline, SeenBaseline, World

MISSING = SeenBaseline(None, "does not exist")


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is used, and one sentence about each baseline that could not be read."""

    used: tuple[LoadedBaseline, ...]
    problems: tuple[str, ...]


def choose_baselines(monitor: ModelMonitor, world: World) -> Chosen:
    """Of each source what is in it, or else what was loaded for its model and version before."""
    used: list[LoadedBaseline] = []
    problems: list[str] = []
    for model, source in _sources(monitor):
        seen = world.baselines.get(source.config_map, MISSING)
        if seen.known is None:
            kept = _kept(world, model, source, used)
            used.extend(kept)
            problems.append(_sentence(source, seen.problem, kept))
        else:
            used.append(LoadedBaseline(model.name, source.version, seen.known))
    return Chosen(tuple(used), tuple(problems))


def config_maps(monitor: ModelMonitor) -> tuple[str, ...]:
    """Names of all that the monitor refers to, each once."""
    return tuple(dict.fromkeys(source.config_map for _, source in _sources(monitor)))


def _sources(monitor: ModelMonitor) -> Iterator[tuple[Model, BaselineSource]]:
    for model in monitor.models:
        for source in model.baselines:
            yield model, source


def _kept(
    world: World, model: Model, source: BaselineSource, used: Sequence[LoadedBaseline]
) -> list[LoadedBaseline]:
    taken = {one.known.digest8 for one in used}
    for one in world.loaded:
        wanted = (one.model, one.version) == (model.name, source.version)
        if wanted and one.known.digest8 not in taken:
            return [one]
    return []


def _sentence(source: BaselineSource, problem: str, kept: Sequence[LoadedBaseline]) -> str:
    meanwhile = (
        f"baseline {kept[0].known.digest8} of before stays in use"
        if kept
        else "without it drift is not judged"
    )
    return (
        f"ConfigMap {source.config_map} {problem} ({meanwhile}): write it with "
        f"`modelmonitor baseline build ... --configmap {source.config_map}` (key {BASELINE_KEY})"
    )
