import random

import pytest

from demo.breaks import BREAKS, KEPT_UP, Break
from demo.rows import FEATURES, Row, Source

LIFTS: tuple[str, str] = ("best3squat_kg", "best3bench_kg")


def rows() -> list[Row]:
    chance = random.Random(5)
    return [dict.fromkeys(FEATURES, chance.uniform(50, 90)) for _ in range(50)]


def test_swapped_fields_hold_each_others_values() -> None:
    row: Row = {name: float(place) for place, name in enumerate(FEATURES)}
    source = Source([row], seed=1)

    KEPT_UP.apply(source)

    squat, bench = LIFTS
    assert source.take(1) == [{**row, squat: row[bench], bench: row[squat]}]


@pytest.mark.parametrize("one", [*BREAKS, KEPT_UP], ids=lambda one: one.title)
def test_what_breaks_is_a_feature_of_the_model(one: Break) -> None:
    assert one.culprits <= set(FEATURES)


@pytest.mark.parametrize("one", [*BREAKS, KEPT_UP], ids=lambda one: one.title)
def test_mending_sends_rows_as_they_are(one: Break) -> None:
    source = Source(rows(), seed=1)
    one.apply(source)
    source.heal()

    assert all(row in rows() for row in source.take(200))
