"""The proxy's counters as Prometheus text.  Names and meanings: docs/metrics.md.

What is configured is there at 0 before the first request: where nobody asks a new pod, silence has
to look different from no pod.
"""

from collections.abc import Iterable, Iterator, Mapping

from modelmonitor_api import names
from modelmonitor_sidecar.exposition import (
    Distribution,
    Sample,
    counter,
    gauge,
    histogram,
    joined,
    label_text,
)
from modelmonitor_sidecar.frames import Outcome
from modelmonitor_sidecar.tap.budget import Budget
from modelmonitor_sidecar.tap.counters import (
    ABORTED,
    BYTES,
    SECONDS,
    FrameCounts,
    RouteCounters,
)
from modelmonitor_sidecar.tap.observer import Observer
from modelmonitor_sidecar.tap.shipper import REASONS
from modelmonitor_sidecar.wire.routes import Route


def observed(observer: Observer) -> str:
    """Requests, connections and the fate of copies."""
    return "".join((_requests(observer), _histograms(observer), _frames(observer), _wire(observer)))


def captured(observer: Observer, budget: Budget, *, connected: bool) -> str:
    """What copies take, and whether somebody takes them."""
    common = labels(observer)
    return "".join(
        gauge(name, explanation, [(common, value)])
        for name, value, explanation in (
            (names.PROXY_CAPTURE_BYTES, budget.used, "Copies held, queued or unacknowledged."),
            (names.PROXY_CAPTURE_BUDGET, budget.limit, "How many bytes they may be."),
            (names.PROXY_COLLECTOR_CONNECTED, connected, "1 while a collector takes copies."),
        )
    )


def labels(observer: Observer, model: str = names.OTHER, version: str = "") -> str:
    """The labels of every series."""
    return label_text(
        {
            names.L_MONITOR: observer.monitor,
            names.L_MODEL: model,
            names.L_VERSION: version or names.UNKNOWN_VERSION,
        }
    )


def _routes(observer: Observer) -> list[tuple[str, RouteCounters]]:
    return [
        (
            joined(
                labels(observer, route.model, route.version),
                label_text({names.L_ROUTE: route.label}),
            ),
            counters,
        )
        for route, counters in observer.routes.items()
    ]


def _requests(observer: Observer) -> str:
    routes = _routes(observer)
    parts = [
        counter(
            names.REQUESTS,
            "Requests whose head was complete, by the status of their answer.",
            [*_unasked(observer), *(pair for text, one in routes for pair in _codes(text, one))],
        ),
        gauge(
            names.REQUESTS_IN_FLIGHT,
            "Requests begun and not yet answered.",
            _in_flight(observer),
        ),
    ]
    if observer.objective_milliseconds:
        parts.append(_within(observer, observer.objective_milliseconds))
    return "".join(parts)


def _within(observer: Observer, milliseconds: int) -> str:
    limit = label_text({names.L_OBJECTIVE: str(milliseconds)})
    by_model = {joined(text, limit): 0 for text in _expected(observer)}
    for route, counters in observer.routes.items():
        text = joined(labels(observer, route.model, route.version), limit)
        by_model[text] = by_model.get(text, 0) + counters.within_objective
    return counter(
        names.REQUESTS_WITHIN_OBJECTIVE,
        "Requests answered without server error within the latency objective.",
        by_model.items(),
    )


def _codes(text: str, counters: RouteCounters) -> Iterator[Sample]:
    for code, count in sorted(counters.codes.items()):
        yield joined(text, label_text({names.L_CODE: str(code)})), count
    yield joined(text, label_text({names.L_CODE: ABORTED})), counters.aborted


def _unasked(observer: Observer) -> Iterator[Sample]:
    """One series of each expected route that nobody has taken."""
    for text, route in _expected(observer).items():
        if route not in observer.routes:
            own = {names.L_ROUTE: route.label, names.L_CODE: ABORTED}
            yield joined(text, label_text(own)), 0


def _expected(observer: Observer) -> Mapping[str, Route]:
    """By the labels of model and version."""
    return {labels(observer, one.model, one.version): one for one in observer.expected}


def _in_flight(observer: Observer) -> Iterable[Sample]:
    by_model = dict.fromkeys(_expected(observer), 0)
    for route, counters in observer.routes.items():
        text = labels(observer, route.model, route.version)
        by_model[text] = by_model.get(text, 0) + counters.in_flight
    return by_model.items()


def _histograms(observer: Observer) -> str:
    routes = _routes(observer)

    def distributions(which: str) -> Iterator[Distribution]:
        for text, counters in routes:
            one = getattr(counters.histograms, which)
            yield text, one.counts, one.total

    return "".join(
        histogram(name, explanation, edges, distributions(which))
        for name, which, edges, explanation in (
            (
                names.REQUEST_DURATION,
                "duration",
                SECONDS,
                "From the request's first byte to the answer's last.",
            ),
            (
                names.TIME_TO_FIRST_BYTE,
                "first_byte",
                SECONDS,
                "From the request's last byte to the answer's first.",
            ),
            (names.REQUEST_SIZE, "request_size", BYTES, "Body of the request."),
            (names.RESPONSE_SIZE, "response_size", BYTES, "Body of the answer."),
        )
    )


def _frames(observer: Observer) -> str:
    expected = {(one.model, one.version): FrameCounts() for one in observer.expected}
    fates = [
        (labels(observer, model, version), counts)
        for (model, version), counts in {**expected, **observer.frames}.items()
        if model != names.OTHER
    ]
    outcomes = {outcome: label_text({names.L_OUTCOME: outcome.name.lower()}) for outcome in Outcome}
    reasons = {reason: label_text({names.L_REASON: reason}) for reason in REASONS}
    return counter(
        names.FRAMES,
        "Copies whose fate is known, by what the collector made of them.",
        (
            (joined(text, label), counts.acknowledged[outcome])
            for text, counts in fates
            for outcome, label in outcomes.items()
        ),
    ) + counter(
        names.FRAMES_DROPPED,
        "Copies that were lost, by reason.",
        (
            (joined(text, label), counts.dropped.get(reason, 0))
            for text, counts in fates
            for reason, label in reasons.items()
        ),
    )


def _wire(observer: Observer) -> str:
    common = labels(observer)
    protocols = [
        (joined(common, label_text({names.L_PROTOCOL: name})), counters)
        for name, counters in sorted(observer.protocols.items())
    ]
    return counter(
        names.CONNECTIONS,
        "Connections from clients, by what they turned out to speak.",
        ((text, one.connections) for text, one in protocols),
    ) + counter(
        names.CONNECTION_BYTES,
        "Bytes carried, both directions.",
        ((text, one.bytes) for text, one in protocols),
    )
