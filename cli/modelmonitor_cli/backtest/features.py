"""The features of a replay: each with its reference, its bar, and its places in the counts."""

from modelmonitor_cli.backtest.plan import Source
from modelmonitor_cli.backtest.results import ReplayedFeature
from modelmonitor_cli.backtest.subject import Subject
from modelmonitor_sidecar.stats.effect import Reference
from modelmonitor_sidecar.stats.layout import Layout, Watched
from modelmonitor_sidecar.stats.verdict import Bar


def replayed_features(
    subject: Subject, sources: tuple[Source, ...], layout: Layout, z_threshold: float
) -> tuple[ReplayedFeature, ...]:
    """In the order of the sources."""
    places = _places(layout)
    features = []
    for source in sources:
        watched = source.watched
        assert watched.baseline is not None
        place = places[watched.role, watched.name]
        features.append(
            ReplayedFeature(
                watched=watched,
                reference=Reference(watched.baseline),
                bar=Bar(subject.minimum_effect(watched), z_threshold),
                severity=subject.severity(watched),
                place=place,
                cells=layout.cells_of(place),
            )
        )
    return tuple(features)


def _places(layout: Layout) -> dict[tuple[str, str], int]:
    def key(watched: Watched) -> tuple[str, str]:
        return watched.role, watched.name

    lanes = {key(watched): lane for lane, watched in enumerate(layout.binned)}
    categories = enumerate(layout.categorical)
    return lanes | {key(one): layout.category_feature(place) for place, one in categories}
