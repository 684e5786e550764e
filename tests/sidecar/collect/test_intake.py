"""What becomes of a frame, and which payload is known to be in hand when."""

import pytest

from modelmonitor_api.spec import Model
from modelmonitor_sidecar.collect.intake import NO_DIGEST, FrameIntake
from modelmonitor_sidecar.collect.payload_counts import PayloadCounts, Skip
from modelmonitor_sidecar.decode.rows import Decoded, Exchange, Reason, Rows, Undecodable
from modelmonitor_sidecar.frames import Flag, Outcome, unpack
from modelmonitor_sidecar.supervise.recorder import FlightRecorder
from modelmonitor_sidecar.testing_collector import frame


class CountedModel(PayloadCounts):
    def __init__(self) -> None:
        super().__init__()
        self.spec = Model("churn")
        self.rows = 0

    def add(self, decoded: Decoded) -> int:
        self.rows += decoded.inputs.count
        self.decoded += 1
        return decoded.inputs.count


class Models:
    def __init__(self) -> None:
        self.other = PayloadCounts()
        self.model = CountedModel()
        self.failures: list[str] = []

    def find(self, name: str) -> CountedModel | None:
        return self.model if name == "churn" else None

    def failed(self, doing: str, error: Exception) -> None:
        self.failures.append(f"{doing}: {type(error).__name__}")


class Recorder(FlightRecorder):
    """A real flight recorder that also writes down what was in hand."""

    def __init__(self) -> None:
        super().__init__()
        self.hands: list[bytes] = []

    def takes(self, digest: bytes) -> None:
        self.hands.append(digest)
        super().takes(digest)


class Flusher:
    def __init__(self) -> None:
        self.log: list[str] = []

    def added(self, rows: int, size_bytes: int) -> None:
        assert size_bytes > 0
        self.log.append(f"added {rows}")

    def flush(self) -> None:
        self.log.append("flush")


class DeathError(BaseException):
    """The end of the worker, as far as one process can play it."""


def decoding(exchange: Exchange, _model: Model) -> Decoded:
    """Bodies that begin with a word do what the word says."""
    body = exchange.request_body
    if body.startswith(b"undecodable"):
        raise Undecodable(Reason.NOT_JSON)
    if body.startswith(b"memory"):
        raise MemoryError
    if body.startswith(b"killer"):
        raise DeathError
    if body.startswith(b"fault"):
        raise KeyError("a payload's secret")
    return Decoded(Rows(None, [[1.0], [2.0]]))


class Setting:
    def __init__(self) -> None:
        self.models, self.recorder, self.flusher = Models(), Recorder(), Flusher()
        self.intake = FrameIntake(self.models, self.recorder, decoding, self.flusher)

    def take(self, raw: bytes) -> Outcome:
        return self.intake.take(unpack(raw), len(raw))

    def dies(self) -> None:
        """What the supervisor does after a death, and the next worker at its start."""
        self.recorder.settle()
        self.recorder.refresh()
        self.intake = FrameIntake(self.models, self.recorder, decoding, self.flusher)


@pytest.mark.parametrize(
    ("given", "outcome", "skipped", "undecodable"),
    [
        (frame(1), Outcome.DECODED, None, None),
        (frame(1, request=b"undecodable"), Outcome.UNDECODABLE, None, "not_json"),
        (frame(1, request=b"fault"), Outcome.UNDECODABLE, None, "internal"),
        (frame(1, request=b"memory"), Outcome.SKIPPED, Skip.MEMORY, None),
        (frame(1, status=503), Outcome.SKIPPED, Skip.STATUS, None),
        (frame(1, status=301), Outcome.SKIPPED, Skip.STATUS, None),
        (frame(1, flags=Flag.REQUEST_TRUNCATED), Outcome.SKIPPED, Skip.TRUNCATED, None),
        (frame(1, flags=Flag.RESPONSE_TRUNCATED), Outcome.SKIPPED, Skip.TRUNCATED, None),
    ],
)
def test_every_frame_has_one_outcome_and_is_counted_once(
    given: bytes, outcome: Outcome, skipped: Skip | None, undecodable: str | None
) -> None:
    setting = Setting()
    assert setting.take(given) is outcome
    model = setting.models.model
    assert model.total == 1
    assert [name for name, n in model.skips.items() if n] == ([skipped] if skipped else [])
    assert [name for name, n in model.failures.items() if n] == (
        [undecodable] if undecodable else []
    )


def test_a_model_beyond_the_bound_is_skipped_under_other() -> None:
    setting = Setting()
    assert setting.take(frame(1, model="stranger")) is Outcome.SKIPPED
    assert setting.models.other.skips["models"] == 1


def test_a_fault_is_told_without_what_it_says_of_the_payload() -> None:
    setting = Setting()
    setting.take(frame(1, request=b"fault"))
    assert setting.models.failures == ["decoding: KeyError"]


def test_a_payload_that_kills_twice_is_skipped_for_good() -> None:
    setting = Setting()
    for _ in range(2):
        with pytest.raises(DeathError):
            setting.take(frame(1, request=b"killer"))
        setting.dies()
    assert setting.take(frame(3, request=b"killer")) is Outcome.SKIPPED
    assert setting.models.model.skips["poison"] == 1
    assert setting.take(frame(4, request=b"another")) is Outcome.DECODED


def test_a_payload_that_was_there_when_somebody_else_killed_the_worker_is_acquitted() -> None:
    setting = Setting()
    for _ in range(2):
        setting.take(frame(1, request=b"innocent"))
        setting.dies()
        assert setting.take(frame(2, request=b"innocent")) is Outcome.DECODED
    assert setting.models.model.skips["poison"] == 0


def test_a_suspect_is_counted_alone() -> None:
    setting = Setting()
    setting.take(frame(1, request=b"suspect"))
    setting.dies()
    setting.flusher.log.clear()
    setting.take(frame(2, request=b"suspect"))
    assert setting.flusher.log == ["flush", "added 2", "flush", "added 0"]


def test_a_death_between_two_reads_makes_no_suspect() -> None:
    setting = Setting()
    setting.take(frame(1))
    setting.intake.paused()
    assert setting.recorder.settle() is None


def test_in_a_flush_of_many_the_largest_is_in_hand() -> None:
    setting = Setting()
    for size in (10, 500, 20):
        setting.take(frame(1, request=b"x" * size))
    largest = setting.recorder.hands[1]
    setting.intake.paused()
    with setting.intake.flushing():
        assert setting.recorder.hands[-1] == largest
        assert setting.recorder.settle() == largest
    setting.take(frame(2, request=b"y"))
    setting.intake.paused()
    with setting.intake.flushing():
        assert setting.recorder.hands[-1] != largest


def test_digests_tell_payloads_apart_and_are_never_empty() -> None:
    setting = Setting()
    setting.take(frame(1, request=b"a"))
    setting.take(frame(2, request=b"b"))
    setting.take(frame(3, request=b"a"))
    first, second, third = setting.recorder.hands
    assert first == third
    assert len({first, second, NO_DIGEST}) == 3
