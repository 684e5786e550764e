"""What kopf is told about watching."""

from typing import cast

import kopf

from modelmonitor_operator.testing_monitors import monitor
from modelmonitor_operator.watch import watching_settings


def test_kopf_neither_copies_nor_remembers_what_it_brings() -> None:
    storage = watching_settings().persistence.diffbase_storage
    raw = cast(kopf.RawBody, monitor())
    body, patch = kopf.Body(raw), kopf.Patch()

    assert storage.build(body=body) == {}
    assert storage.fetch(body=body) is None
    storage.store(body=body, patch=patch, essence=storage.build(body=body))
    assert dict(patch) == {}
