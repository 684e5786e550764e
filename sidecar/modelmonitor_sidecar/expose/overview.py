"""What matters first: which window to show, which features come first, and one headline.

Pure judgement over a `Status`; it refuses to know HTML.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from modelmonitor_sidecar.expose.status import (
    FeatureStatus,
    ModelStatus,
    Outcome,
    Status,
    WindowStatus,
)

Tone = Literal["ok", "drift", "quiet", "trouble"]

MOST_NAMED: Final = 4
_ORDER: Final[dict[Outcome | None, int]] = {"drift": 0, "insufficient": 1, "ok": 2, None: 3}
_WORST_FIRST: Final[tuple[Outcome, ...]] = ("drift", "ok", "insufficient")
_SHARE_WORDS: Final = {
    "missing": "More missing",
    "invalid": "More invalid",
    "unseen": "New values",
    "outOfRange": "Out of range",
}
VERDICT_WORDS: Final[dict[Outcome | None, str]] = {
    "drift": "Drift",
    "ok": "OK",
    "insufficient": "Not enough rows",
    None: "Not judged",
}


@dataclass(frozen=True, slots=True)
class Headline:
    """One sentence about everything, and how it is meant."""

    tone: Tone
    words: str
    detail: str


def verdict_of(feature: FeatureStatus) -> Outcome | None:
    """The worse of the distribution's verdict and the shares'."""
    judged = None if feature.judgement is None else feature.judgement.verdict
    if "drift" in (judged, *(share.verdict for share in feature.shares)):
        return "drift"
    return judged


def verdict_words(feature: FeatureStatus) -> str:
    """`Drift`, or what rose where the distribution itself is well."""
    if feature.judgement is not None and feature.judgement.verdict == "drift":
        return VERDICT_WORDS["drift"]
    risen = [share.name for share in feature.shares if share.verdict == "drift"]
    return _SHARE_WORDS[risen[0]] if risen else VERDICT_WORDS[verdict_of(feature)]


def in_order_of_concern(features: tuple[FeatureStatus, ...]) -> list[FeatureStatus]:
    """Drifting first, the strongest effect before others; equals stay as the baseline has them."""
    return sorted(features, key=lambda one: (_ORDER[verdict_of(one)], -_strength(one)))


def _strength(feature: FeatureStatus) -> float:
    judged = feature.judgement
    if judged is None or judged.effect is None or judged.verdict == "insufficient":
        return 0.0
    return judged.effect / judged.effect_threshold


def window_of(model: ModelStatus, name: str) -> WindowStatus | None:
    """The model's window of this name."""
    return next((window for window in model.windows if window.window == name), None)


def window_verdict(status: Status, name: str) -> Outcome | None:
    """The worst verdict of all models in a window: drift, else ok, else insufficient."""
    verdicts = {verdict_of(feature) for _, feature in features_in(status, name)}
    return next((verdict for verdict in _WORST_FIRST if verdict in verdicts), None)


def features_in(status: Status, name: str) -> Iterator[tuple[ModelStatus, FeatureStatus]]:
    """Every feature of every model in one window."""
    for model in status.models:
        window = window_of(model, name)
        for feature in window.features if window else ():
            yield model, feature


def first_window(status: Status) -> str:
    """The window to open with: the first that drifts, else that has enough rows, else the first."""
    for wanted in ("drift", "ok"):
        for name in status.windows:
            if window_verdict(status, name) == wanted:
                return name
    return status.windows[0] if status.windows else ""


def headline(status: Status, window: str) -> Headline:
    """Is it healthy?  One sentence, and one that says what to do or where to look."""
    features = [feature for _, feature in features_in(status, window)]
    drifting = [feature for feature in features if verdict_of(feature) == "drift"]
    if drifting:
        return Headline("drift", _drift_words(drifting), _drift_detail(drifting))
    if not any(model.rows for model in status.models):
        return _nothing_yet(status)
    if all(model.baseline is None for model in status.models):
        return Headline(
            "quiet",
            "Counting, without a baseline",
            "Nothing is judged. Build one: modelmonitor baseline build train.csv -o baseline.json",
        )
    if window_verdict(status, window) == "ok":
        return Headline("ok", "No drift", "Every feature with enough rows looks like its baseline.")
    return Headline("quiet", "Collecting rows", _lacking(features))


def _lacking(features: list[FeatureStatus]) -> str:
    judged = [(one.judgement.needed_rows, one.values) for one in features if one.judgement]
    if not judged:
        return "There are not enough yet in this window to judge."
    needed, values = min(judged, key=lambda pair: pair[0] - pair[1])
    return f"The first verdict in this window needs {needed:,} rows; there are {values:,}."


def _drift_words(drifting: list[FeatureStatus]) -> str:
    if len(drifting) == 1:
        return f"{verdict_words(drifting[0])} in {drifting[0].feature}"
    return f"Drift in {len(drifting)} features"


def _drift_detail(drifting: list[FeatureStatus]) -> str:
    judged = [one.judgement for one in drifting if one.judgement is not None]
    if all(one.provisional for one in judged):
        note = "Provisional: the baseline had no time order, so this never pages."
    elif not any(one.confirmed for one in judged):
        note = "Seen in one window only; the next has to confirm it."
    else:
        note = "The traffic has left the baseline by more than chance, and by more than you allow."
    return note if len(drifting) == 1 else f"{_listed(drifting)}. {note}"


def _listed(drifting: list[FeatureStatus]) -> str:
    """The strongest by name, the others by number."""
    strongest = sorted(drifting, key=_strength, reverse=True)
    shown = [one.feature for one in strongest[:MOST_NAMED]]
    rest = len(drifting) - len(shown)
    if rest:
        return f"{', '.join(shown)} and {rest} more"
    return f"{', '.join(shown[:-1])} and {shown[-1]}"


def _nothing_yet(status: Status) -> Headline:
    taken = sum(
        sum(one.undecodable.values()) + sum(one.skipped.values()) for one in status.payloads
    )
    if taken and taken == sum(one.skipped.get("status", 0) for one in status.payloads):
        return Headline(
            "trouble",
            "Requests come, but every answer is an error",
            f"{taken:,} requests had no answer of 200 to 299; the model server knows why.",
        )
    if taken:
        return Headline(
            "trouble",
            "Requests come, but none can be read",
            f"{taken:,} payloads became no rows; the reasons stand below.",
        )
    if not status.proxies:
        return Headline(
            "trouble", "No proxy is connected", "Start modelmonitor-proxy with the same socket."
        )
    return Headline("quiet", "Waiting for the first request", "Send one through the proxy.")
