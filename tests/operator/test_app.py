"""The operator's process, as far as it can be tried without a cluster."""

import asyncio
import getpass
import ssl

import pytest

from modelmonitor_operator.access import Access
from modelmonitor_operator.app import put_together, watch
from modelmonitor_operator.health import Condition
from modelmonitor_operator.own_metrics import OwnMetrics
from modelmonitor_operator.pulse import Pulse
from modelmonitor_operator.settings import OperatorSettings
from modelmonitor_operator.testing_cluster import FakeCluster
from modelmonitor_operator.testing_monitors import SETTINGS


async def test_a_user_without_a_name_canwatch(monkeypatch: pytest.MonkeyPatch) -> None:
    """kopf asks for its user's name where it is not told who it is; 65532 has none."""

    def nameless() -> str:
        raise KeyError("getpwuid(): uid not found: 65532")

    monkeypatch.setattr(getpass, "getuser", nameless)
    access = Access("http://127.0.0.1:1", ssl.create_default_context(), lambda: None)
    pulse = Pulse(["modelmonitors"])
    told = (Condition(pulse, 180, lambda: 0.0), OwnMetrics("1"))
    parts = put_together(OperatorSettings(SETTINGS), access, FakeCluster(), told)
    stop = asyncio.Event()
    stop.set()

    await asyncio.wait_for(watch(parts, stop), 30)
