"""What the status API says, as far as the tour needs it, and in sentences."""

import asyncio
import json
import urllib.request
from dataclasses import dataclass
from typing import Any, Final

from modelmonitor_api.names import UNSEEN

TIMEOUT_SECONDS: Final = 10.0
DRIFT: Final = "drift"


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature as its last whole window of rows was judged.

    `outcome` is ok, drift or insufficient; `alarms` are the kinds (drift, missing, ...) that as
    many windows in a row as the monitor asks for have confirmed; `evidence` is in sentences.
    """

    name: str
    outcome: str
    alarms: tuple[str, ...]
    evidence: tuple[str, ...]
    effect: float
    effect_threshold: float


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All features at one moment; rows counted so far, and those of them in whole windows."""

    rows: int
    judged_rows: int
    features: tuple[Feature, ...]

    @property
    def alarmed(self) -> dict[str, Feature]:
        """The features with a confirmed alarm of any kind, by name."""
        return {feature.name: feature for feature in self.features if feature.alarms}

    @property
    def drifting(self) -> list[str]:
        """The features with an alarm, or a last window that would be the first of one."""
        return [one.name for one in self.features if one.alarms or one.outcome == DRIFT]

    @property
    def not_ok(self) -> list[str]:
        """The features whose last window was anything but ok."""
        return [feature.name for feature in self.features if feature.outcome != "ok"]


async def snapshot(status_page: str, window: str) -> Snapshot:
    """Ask the status API; before the first row everything is insufficient."""
    text = await asyncio.to_thread(_fetched, f"{status_page}api/status")
    models = json.loads(text)["models"]
    return _snapshot(models[0], window) if models else Snapshot(0, 0, ())


def _fetched(url: str) -> str:
    with urllib.request.urlopen(url, timeout=TIMEOUT_SECONDS) as response:  # noqa: S310 - our own
        return str(response.read().decode())


def _snapshot(model: dict[str, Any], window: str) -> Snapshot:
    (found,) = (one for one in model["windows"] if one["window"] == window)
    full = found["rows"] == int(window.removesuffix("r"))
    features = tuple(_feature(one) for one in found["features"])
    return Snapshot(model["rows"], found["endRow"] if full else 0, features)


def _feature(one: dict[str, Any]) -> Feature:
    judgement, shares = one["judgement"], one["shares"]
    risen = [name for name, share in shares.items() if share["verdict"] == DRIFT]
    drifted = judgement["verdict"] == DRIFT
    moved = [*([DRIFT] if drifted else []), *risen]
    sentences = [_share_sentence(name, shares[name]) for name in risen]
    if drifted:
        sentences = [*_moved(one), *sentences, _judgement_sentence(judgement, one["values"])]
    return Feature(
        name=one["feature"],
        outcome=DRIFT if risen else judgement["verdict"],
        alarms=tuple(moved) if judgement["confirmed"] else (),
        evidence=tuple(sentences),
        effect=judgement["effect"] or 0.0,
        effect_threshold=judgement["effectThreshold"],
    )


def _judgement_sentence(judgement: dict[str, Any], rows: int) -> str:
    return (
        f"effect {judgement['effect']:.2f} by {judgement['effectMeasure']} (it matters from "
        f"{judgement['effectThreshold']:g}), evidence z = {judgement['z']:.0f} "
        f"({judgement['zThreshold']:.1f} is needed), {rows} values"
    )


def _share_sentence(name: str, share: dict[str, Any]) -> str:
    words = {"outOfRange": "out of range"}.get(name, name)
    return f"{words} values went from {share['baselineShare']:.1%} to {share['share']:.1%}"


def _moved(one: dict[str, Any]) -> list[str]:
    live, base = one["moments"], one["baselineMoments"]
    if live and base and live["mean"] is not None and base["mean"] is not None:
        return [f"the mean went from {base['mean']:.1f} to {live['mean']:.1f}"]
    changes = sorted(_changes(one["cells"]), key=lambda change: abs(change[2] - change[1]))
    return [f"{label} went from {before:.1%} to {now:.1%}" for label, before, now in changes[-2:]]


def _changes(cells: list[dict[str, Any]]) -> list[tuple[str, float, float]]:
    """Categories with their shares before and now; what is unseen is said as a share."""
    before = sum(cell["baselineRows"] or 0 for cell in cells) or 1
    now = sum(cell["rows"] for cell in cells) or 1
    return [
        (c["label"], (c["baselineRows"] or 0) / before, c["rows"] / now)
        for c in cells
        if c["label"] != UNSEEN
    ]
