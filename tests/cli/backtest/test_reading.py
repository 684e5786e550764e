"""Reading ahead changes neither the order of blocks nor that of errors."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from modelmonitor_api.errors import InputError
from modelmonitor_cli.backtest.reading import ahead
from modelmonitor_cli.testing_backtest import rows


def counted(upto: int, threads: set[int]) -> Iterator[int]:
    for number in range(upto):
        threads.add(threading.get_ident())
        yield number
    raise InputError("line 7", "is broken; mend it")


def test_blocks_come_in_order_and_an_error_after_those_before_it() -> None:
    threads: set[int] = set()
    blocks = ahead(counted(5, threads))
    assert [next(blocks) for _ in range(5)] == list(range(5))
    with pytest.raises(InputError, match="line 7: is broken"):
        next(blocks)
    assert threading.get_ident() not in threads


def test_who_stops_early_leaves_no_thread_behind() -> None:
    before = threading.active_count()
    blocks = ahead(counted(5, set()))
    assert next(blocks) == 0
    blocks.close()  # type: ignore[attr-defined]
    assert threading.active_count() == before


def test_a_line_that_is_broken_far_down_is_named(
    call: Callable[..., Any], saved: Callable[..., Path], file: Callable[..., Path]
) -> None:
    data = file(rows(60_000), "live.csv")
    with data.open("a") as live:
        live.write("1,2,3,4\n")
    answer = call("backtest", "--baseline", saved(), "--data", data)
    assert answer.status == 1
    assert answer.err.startswith(f"modelmonitor: {data}: line 60002 has 4 field(s)")
    assert answer.err.count("\n") == 1
