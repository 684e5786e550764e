"""What Prometheus made of the rules, as its HTTP API tells it and as far as the tour needs it."""

import asyncio
import json
import urllib.parse
import urllib.request
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from modelmonitor_api import names, recorded
from modelmonitor_cli.run.addresses import Address

TIMEOUT_SECONDS: Final = 10.0
_OF_A_FEATURE: Final = (
    recorded.ROWS, recorded.VERDICT, recorded.SCORE, recorded.THRESHOLD, recorded.DRIFTING_WINDOWS,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Alert:
    """One that fires: its texts as Prometheus expanded them, its value, since when."""

    name: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    value: float
    since: datetime

    @property
    def feature(self) -> str:
        """Which feature it is about; empty where it is about none."""
        return self.labels.get(names.L_FEATURE, "")


@dataclass(frozen=True, slots=True)
class Judgement:
    """One feature's window as it was judged last; `drifting_windows` in a row, without overlap."""

    feature: str
    rows: int
    verdict: int
    score: float
    threshold: float
    drifting_windows: int


@dataclass(frozen=True, slots=True)
class Judged:
    """All features at one evaluation.  `waiting`: the model is younger than the window."""

    features: tuple[Judgement, ...]
    waiting: bool
    at: datetime


async def judged(address: Address, window: str) -> Judged:
    """The last evaluation; no features before the first one that had rows and a baseline."""
    listed = "|".join((*_OF_A_FEATURE, recorded.ROLLOUT))
    found = await _vector(
        address, f'{{__name__=~"{listed}", window="{window}", test=~"{recorded.DRIFT}|"}}'
    )
    evaluated = await _vector(
        address, f'max(timestamp({recorded.VERDICT}{{window="{window}"}})) or vector(0)'
    )
    seconds = float(evaluated[0]["value"][1])
    return read_judged(found, datetime.fromtimestamp(seconds, UTC))


async def firing(address: Address) -> tuple[Alert, ...]:
    """All alerts that fire now, the first first."""
    found = await _asked(address, "alerts")
    alerts = read_firing(found["alerts"])
    return tuple(sorted(alerts, key=lambda one: (one.since, one.name, one.feature)))


async def broken_rules(address: Address) -> list[str]:
    """The rules whose last evaluation failed, each with what Prometheus said of it."""
    found = await _asked(address, "rules")
    return [
        f"{rule['name']}: {rule['lastError']}"
        for group in found["groups"]
        for rule in group["rules"]
        if rule["health"] == "err"
    ]


def read_judged(result: Iterable[Mapping[str, Any]], at: datetime) -> Judged:
    """From an instant vector; a feature counts once its verdict has been recorded."""
    features: dict[str, dict[str, float]] = defaultdict(dict)
    waiting = False
    for one in result:
        labels, value = one["metric"], float(one["value"][1])
        waiting = waiting or labels["__name__"] == recorded.ROLLOUT
        features[labels.get(names.L_FEATURE, "")][labels["__name__"]] = value
    whole = {name: found for name, found in features.items() if recorded.VERDICT in found}
    return Judged(tuple(_judgement(name, whole[name]) for name in sorted(whole)), waiting, at)


def read_firing(alerts: Iterable[Mapping[str, Any]]) -> Iterator[Alert]:
    """Those of the list that are past pending."""
    for one in alerts:
        if one["state"] == "firing":
            labels = dict(one["labels"])
            yield Alert(
                labels.pop("alertname"),
                labels,
                one["annotations"],
                float(one["value"]),
                datetime.fromisoformat(one["activeAt"]),
            )


def _judgement(feature: str, found: Mapping[str, float]) -> Judgement:
    return Judgement(
        feature,
        rows=round(found.get(recorded.ROWS, 0)),
        verdict=round(found[recorded.VERDICT]),
        score=found.get(recorded.SCORE, 0.0),
        threshold=found.get(recorded.THRESHOLD, 1.0),
        drifting_windows=round(found.get(recorded.DRIFTING_WINDOWS, 0)),
    )


async def _vector(address: Address, query: str) -> list[dict[str, Any]]:
    found = await _asked(address, f"query?{urllib.parse.urlencode({'query': query})}")
    vector: list[dict[str, Any]] = found["result"]
    return vector


async def _asked(address: Address, what: str) -> dict[str, Any]:
    return await asyncio.to_thread(_fetched, f"http://{address}/api/v1/{what}")


def _fetched(url: str) -> dict[str, Any]:
    with urllib.request.urlopen(url, timeout=TIMEOUT_SECONDS) as response:  # noqa: S310 - our own
        data: dict[str, Any] = json.load(response)["data"]
    return data
