"""What is asked of the kernel, and how long a supervisor waits."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmonitor_sidecar.supervise.limits import container_memory_bytes, thread_count
from modelmonitor_sidecar.supervise.patience import LONGEST_DELAY_SECONDS, Patience


@pytest.mark.parametrize(
    ("file", "text", "limit"),
    [
        ("memory.max", "134217728\n", 134217728),
        ("memory.max", "max\n", None),
        ("memory/memory.limit_in_bytes", "134217728\n", 134217728),
        ("memory/memory.limit_in_bytes", "9223372036854771712\n", None),
        ("elsewhere", "1", None),
    ],
)
def test_the_containers_memory_is_what_its_cgroup_says(
    tmp_path: Path, file: str, text: str, limit: int | None
) -> None:
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_text(text)

    assert container_memory_bytes(tmp_path) == limit


def test_threads_are_counted() -> None:
    assert thread_count() >= 1


@given(st.lists(st.floats(0.0, 10.0), max_size=40))
def test_no_delay_is_longer_than_a_second_and_a_long_life_costs_none(lives: list[float]) -> None:
    patience = Patience()
    delays = [patience.delay_seconds(life) for life in lives]

    assert all(0.0 <= delay <= LONGEST_DELAY_SECONDS for delay in delays)
    assert all(delay == 0.0 for life, delay in zip(lives, delays, strict=True) if life >= 0.5)
