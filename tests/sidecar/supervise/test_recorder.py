"""The flight recorder: what it remembers, over how many deaths, in how much memory."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmonitor_sidecar.supervise.recorder import (
    CONDEMNED_SLOTS,
    DIGEST_BYTES,
    SUSPECT_SLOTS,
    FlightRecorder,
)

digests = st.integers(1, 6).map(lambda number: number.to_bytes(DIGEST_BYTES, "big"))


def digest(number: int) -> bytes:
    return number.to_bytes(DIGEST_BYTES, "big")


def kill(recorder: FlightRecorder, payload: bytes) -> bytes | None:
    recorder.takes(payload)
    return recorder.settle()


def test_two_deaths_in_a_row_condemn_and_one_does_not() -> None:
    recorder = FlightRecorder()

    assert kill(recorder, digest(1)) == digest(1)
    assert not recorder.is_condemned(digest(1))
    kill(recorder, digest(1))
    assert recorder.is_condemned(digest(1))


def test_a_success_between_two_deaths_acquits() -> None:
    recorder = FlightRecorder()
    kill(recorder, digest(1))
    recorder.takes(digest(1))
    recorder.done(digest(1))
    kill(recorder, digest(1))

    assert not recorder.is_condemned(digest(1))


def test_a_death_of_another_payload_between_does_not_acquit() -> None:
    recorder = FlightRecorder()
    for payload in (1, 2, 1):
        kill(recorder, digest(payload))

    assert recorder.is_condemned(digest(1))
    assert not recorder.is_condemned(digest(2))


def test_a_death_with_nothing_in_hand_blames_nobody() -> None:
    recorder = FlightRecorder()
    recorder.takes(digest(1))
    recorder.done(digest(1))

    assert recorder.settle() is None
    assert recorder.settle() is None


def test_one_death_is_settled_once() -> None:
    recorder = FlightRecorder()
    kill(recorder, digest(1))

    assert recorder.settle() is None
    assert not recorder.is_condemned(digest(1))


def test_both_tables_forget_their_oldest() -> None:
    recorder = FlightRecorder()
    for number in range(1, CONDEMNED_SLOTS + 2):
        kill(recorder, digest(number))
        kill(recorder, digest(number))
    assert not recorder.is_condemned(digest(1))
    assert recorder.is_condemned(digest(2))
    assert recorder.is_condemned(digest(CONDEMNED_SLOTS + 1))

    for number in range(10_000, 10_000 + SUSPECT_SLOTS + 1):
        kill(recorder, digest(number))
    kill(recorder, digest(10_000))
    kill(recorder, digest(10_002))
    assert not recorder.is_condemned(digest(10_000))
    assert recorder.is_condemned(digest(10_002))


def test_a_forked_worker_and_its_parent_see_the_same() -> None:
    recorder = FlightRecorder()
    for _ in range(2):
        pid = os.fork()
        if pid == 0:
            recorder.takes(digest(9))
            os._exit(0)
        os.waitpid(pid, 0)
        recorder.settle()

    assert recorder.is_condemned(digest(9))


@given(st.lists(st.tuples(digests, st.booleans()), max_size=60))
def test_condemned_is_exactly_two_deaths_without_a_success_between(
    events: list[tuple[bytes, bool]],
) -> None:
    recorder = FlightRecorder()
    deaths: dict[bytes, int] = {}
    expected = set()
    for payload, survives in events:
        if payload in expected:
            continue  # it is skipped, and never in hand again
        recorder.takes(payload)
        if survives:
            recorder.done(payload)
            deaths[payload] = 0
        else:
            recorder.settle()
            deaths[payload] = deaths.get(payload, 0) + 1
        if deaths[payload] == 2:
            expected.add(payload)

    assert {payload for payload, _ in events if recorder.is_condemned(payload)} == expected


def test_a_digest_of_another_length_is_refused() -> None:
    with pytest.raises((IndexError, ValueError)):
        FlightRecorder().takes(b"short")
