"""Certificates follow each other so that at no time an API server meets one it does not trust."""

import dataclasses
import itertools
import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from modelmonitor_operator.admission.app import server_tls, show
from modelmonitor_operator.admission.certificates import Shown
from modelmonitor_operator.admission.pairs import (
    SKEW_SECONDS,
    Pair,
    certificate_period,
    new_pair,
    read_pair,
)
from modelmonitor_operator.admission.rotation import Pairs, Terms, rotated

HOST = "modelmonitor-webhook.ml.svc"
HOSTS = frozenset({HOST, "127.0.0.1"})
LIFE_SECONDS = 9_000
OVERLAP_SECONDS = 600
TERMS = Terms(partial(new_pair, HOSTS, valid_seconds=LIFE_SECONDS), HOSTS, OVERLAP_SECONDS)
NOW = datetime.now(UTC).replace(microsecond=0)


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def believed(pair: Pair, trusted: bytes, host: str) -> bool:
    """Whether a strict client that trusts these authorities speaks to a server with this pair."""
    tls = server_tls()
    show(tls, Shown(pair.certificate, pair.key, pair.made, pair.ends))
    client = ssl.create_default_context(cadata=trusted.decode())
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    ours, theirs = socket.socketpair()
    with ours, theirs:
        answering = threading.Thread(target=_answer, args=(tls, theirs))
        answering.start()
        try:
            with client.wrap_socket(ours, server_hostname=host):
                return True
        except ssl.SSLCertVerificationError:
            return False
        finally:
            ours.close()
            answering.join()


def _answer(tls: ssl.SSLContext, connection: socket.socket) -> None:
    try:
        tls.wrap_socket(connection, server_side=True).close()
    except (ssl.SSLError, OSError):
        return


@pytest.mark.parametrize("host", [HOST, "127.0.0.1"])
def test_a_new_certificate_is_believed_under_each_of_its_names(host: str) -> None:
    pair = new_pair(HOSTS, NOW, LIFE_SECONDS)
    assert believed(pair, pair.authority, host)
    assert not believed(pair, pair.authority, "other.ml.svc")
    assert not believed(pair, new_pair(HOSTS, NOW, LIFE_SECONDS).authority, host)


def test_a_pair_says_of_itself_when_it_was_made_and_when_it_ends() -> None:
    pair = new_pair(HOSTS, NOW, LIFE_SECONDS)
    assert (pair.made, pair.ends, pair.hosts) == (NOW, after(LIFE_SECONDS), HOSTS)
    assert read_pair(pair.authority, pair.certificate, pair.key) == pair
    begins = NOW - timedelta(seconds=SKEW_SECONDS)
    assert certificate_period(pair.certificate) == (begins, pair.ends)


def test_a_key_of_another_certificate_is_refused() -> None:
    one, other = (new_pair(HOSTS, NOW, LIFE_SECONDS) for _ in range(2))
    with pytest.raises(ValueError, match="the key is not the certificate's"):
        read_pair(one.authority, one.certificate, other.key)
    with pytest.raises(ValueError, match=r"."):
        read_pair(one.authority, b"no PEM", one.key)
    with pytest.raises(ValueError, match="cannot be used"):
        show(server_tls(), Shown(one.certificate, other.key, one.made, one.ends))


def test_nothing_of_what_is_shown_stays_on_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    pair = new_pair(HOSTS, NOW, LIFE_SECONDS)
    show(server_tls(), Shown(pair.certificate, pair.key, pair.made, pair.ends))
    assert list(tmp_path.iterdir()) == []


def test_a_whole_life_is_told_in_steps() -> None:
    first = rotated(None, b"", NOW, TERMS)
    assert first.other is None
    trusted = first.trusted()
    assert rotated(first, trusted, after(LIFE_SECONDS * 2 / 3 - 1), TERMS) == first

    due = LIFE_SECONDS * 2 / 3
    both = rotated(first, trusted, after(due), TERMS)
    assert both.serving == first.serving
    assert both.other is not None
    assert both.trusted().count(b"BEGIN CERTIFICATE") == 2
    assert rotated(both, both.trusted(), after(due + OVERLAP_SECONDS - 1), TERMS) == both

    swapped = rotated(both, both.trusted(), after(due + OVERLAP_SECONDS), TERMS)
    assert swapped == Pairs(both.other, first.serving)
    assert swapped.trusted() == both.trusted()
    assert rotated(swapped, swapped.trusted(), after(LIFE_SECONDS - 1), TERMS) == swapped

    alone = rotated(swapped, swapped.trusted(), after(LIFE_SECONDS), TERMS)
    assert alone == Pairs(both.other)


def test_a_pair_that_was_not_announced_is_not_shown() -> None:
    first = rotated(None, b"", NOW, TERMS)
    both = rotated(first, b"", after(LIFE_SECONDS * 2 / 3), TERMS)
    much_later = after(LIFE_SECONDS - 1)
    assert rotated(both, first.trusted(), much_later, TERMS) == both
    assert rotated(both, b"", much_later, TERMS) == both


def test_at_every_moment_old_and_new_clients_believe_old_and_new_servers() -> None:
    """Each step is one that a slow replica, or an API server that heard late, may be behind."""
    steps = [rotated(None, b"", NOW, TERMS)]
    for second in range(0, LIFE_SECONDS * 3, OVERLAP_SECONDS):
        last = steps[-1]
        following = rotated(last, last.trusted(), after(second), TERMS)
        if following != last:
            steps.append(following)
    assert len(steps) >= 7
    for before, now in itertools.pairwise(steps):
        assert now.serving.authority in before.trusted()
        assert before.serving.authority in now.trusted()


def test_a_certificate_that_has_ended_is_replaced_at_once() -> None:
    first = rotated(None, b"", NOW, TERMS)
    late = after(LIFE_SECONDS)
    new = rotated(first, first.trusted(), late, TERMS)
    assert (new.serving.made, new.other) == (late, None)


def test_a_new_name_is_reason_enough_for_the_next_certificate() -> None:
    first = rotated(None, b"", NOW, TERMS)
    wider = frozenset({*HOSTS, "webhook.example.com"})
    terms = dataclasses.replace(
        TERMS, make=partial(new_pair, wider, valid_seconds=LIFE_SECONDS), hosts=wider
    )
    both = rotated(first, first.trusted(), after(1), terms)
    assert both.serving == first.serving
    assert both.other is not None
    assert both.other.hosts == wider
