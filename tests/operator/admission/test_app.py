"""The certificate that is shown, as a client meets it."""

import contextlib
import ssl
from datetime import UTC, datetime
from itertools import chain, repeat

import pytest

from modelmonitor_operator.admission.app import server_tls, show
from modelmonitor_operator.admission.certificates import Shown
from modelmonitor_operator.admission.pairs import Pair, new_pair

HOST = "modelmonitor-webhook.ml.svc"
FLIGHTS = 4
"""More than a handshake has."""


def pair() -> Pair:
    return new_pair([HOST], datetime.now(UTC), 3_600)


def shown(certificate: Pair, key: Pair) -> Shown:
    return Shown(certificate.certificate, key.key, certificate.made, certificate.ends)


def is_believed(tls: ssl.SSLContext, one: Pair) -> bool:
    """Whether a client that trusts the authority of `one` is shown what that signed."""
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    trusting = ssl.create_default_context(cadata=one.authority.decode())
    client = trusting.wrap_bio(to_client, to_server, server_hostname=HOST)
    server = tls.wrap_bio(to_server, to_client, server_side=True)
    try:
        for side in chain.from_iterable(repeat((client, server), FLIGHTS)):
            _goes_on(side)
    except ssl.SSLError:
        return False
    return client.getpeercert() is not None


def _goes_on(side: ssl.SSLObject) -> None:
    with contextlib.suppress(ssl.SSLWantReadError):
        side.do_handshake()


def test_what_is_shown_last_is_what_clients_meet() -> None:
    tls, first, second = server_tls(), pair(), pair()

    show(tls, shown(first, first))
    assert is_believed(tls, first)

    show(tls, shown(second, second))
    assert is_believed(tls, second)
    assert not is_believed(tls, first)


def test_a_certificate_with_another_s_key_leaves_the_one_that_is_shown() -> None:
    tls, good, other = server_tls(), pair(), pair()
    show(tls, shown(good, good))

    with pytest.raises(ValueError, match="certificate and key cannot be used"):
        show(tls, shown(other, good))

    assert is_believed(tls, good)
