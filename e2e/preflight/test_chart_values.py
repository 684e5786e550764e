"""What the platform team can get wrong for all, or decide for all: the sidecars' image, namespaces.

Both are values of the one release that all tests share, so they are changed together and once.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from e2e.cluster import images, release, watching, workloads
from e2e.cluster.kubectl import Place
from modelmonitor_cli.testing_team import monitor

pytestmark = pytest.mark.timeout(600)

WATCHED = monitor(models=watching.MODELS)
APP = workloads.deployment(watching.template())


@dataclass(slots=True)
class Story:
    """Messages, and our containers in each pod: while the values were wrong, and afterwards."""

    excluded: str = ""
    in_excluded: list[set[str]] = field(default_factory=list)
    image: str = ""
    next_pods: list[set[str]] = field(default_factory=list)
    mended: list[set[str]] = field(default_factory=list)


@pytest.fixture(scope="module")
def story(installed: None) -> Iterator[Story]:
    """Values that are wrong, and then right again, whatever happens."""
    told = Story()
    with watching.new_team() as team, watching.new_team() as other:
        repository, _, tag = images.MISSING.rpartition(":")
        for place in (team, other):
            place.apply(WATCHED)
            assert watching.begins_to_inject(place)
        try:
            release.install(
                sidecar={"image": {"repository": repository, "tag": tag}},
                injection={"excludedNamespaces": [other.namespace]},
            )
            _while_wrong(told, team, other)
        finally:
            release.install()
        watching.comes_to(team, "Armed", "Armed")
        assert watching.begins_to_inject(team)
        told.mended = _pods_of_a_restart(team)
        assert watching.serves(team, 5)
        yield told


def _while_wrong(told: Story, team: Place, other: Place) -> None:
    told.excluded = watching.comes_to(other, "Armed", "NamespaceExcluded")
    for place in (other, team):
        place.apply(APP)
    told.image = watching.comes_to(team, "Armed", "SidecarImage")
    other.rolled_out("deployment/churn")
    told.in_excluded = [watching.sidecars(pod) for pod in other.pods()]
    told.next_pods = _pods_of_a_restart(team)


def _pods_of_a_restart(place: Place) -> list[set[str]]:
    place.restart("deployment/churn")
    return [watching.sidecars(pod) for pod in place.pods()]


def test_pods_of_an_excluded_namespace_come_up_without_sidecars_and_it_is_said(
    story: Story,
) -> None:
    assert story.in_excluded == [set()]
    assert "chart value injection.excludedNamespaces" in story.excluded


def test_with_an_image_that_cannot_be_had_the_next_pods_come_up_without_sidecars(
    story: Story,
) -> None:
    assert images.MISSING in story.image
    assert "new pods come without sidecars" in story.image
    assert story.next_pods == [set()]


def test_once_the_image_is_right_again_pods_are_injected_again(story: Story) -> None:
    assert story.mended == [watching.SIDECARS]
