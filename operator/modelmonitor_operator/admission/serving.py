"""The webhook's HTTP: reviews over TLS, health and metrics without.

Fail-open: whatever goes wrong here, the answer allows the pod and leaves it as it is.
"""

import json
import logging
import time
from typing import Any, Final

from aiohttp import web

from modelmonitor_api.errors import InputError
from modelmonitor_api.webhook_metrics import FAILED
from modelmonitor_operator.admission.metrics import WebhookMetrics
from modelmonitor_operator.admission.monitors import Monitors
from modelmonitor_operator.admission.review import (
    Decision,
    PodRequest,
    answer,
    decide,
    read_request,
)
from modelmonitor_operator.admission.settings import WebhookSettings
from modelmonitor_operator.cluster import ClusterError
from modelmonitor_operator.health_pages import Problem, health_pages
from modelmonitor_operator.render.injection_webhook import PATH

logger = logging.getLogger(__name__)

BODY_BYTES: Final = 8 << 20
"""An API server takes objects of up to 1.5 MiB."""
WARNING: Final = "modelmonitor: the pod was left as it is, since something failed: {}"


class Reviewer:
    """Answers one review after the other; keeps nothing of them."""

    def __init__(
        self, monitors: Monitors, settings: WebhookSettings, metrics: WebhookMetrics
    ) -> None:
        self._monitors, self._settings, self._metrics = monitors, settings, metrics

    async def review(self, body: bytes) -> dict[str, Any]:
        """The answer; InputError where nobody asked for a pod."""
        request = read_request(_parsed(body))
        begun = time.monotonic()
        decision, warning = await self._decided(request)
        self._metrics.reviewed(time.monotonic() - begun, decision.outcome)
        return answer(request.uid, decision.patch, warning)

    async def _decided(self, request: PodRequest) -> tuple[Decision, str]:
        """A pod that does not come up is worse than one that is not watched: hence every error."""
        namespace, settings = request.namespace, self._settings
        try:
            monitors = await self._monitors.of(namespace)
            return decide(request, monitors, settings.injection, settings.excluded_namespaces), ""
        except (ClusterError, TimeoutError) as error:
            logger.warning("monitors of namespace %s are not to be had: %r", namespace, error)
            return Decision(FAILED), WARNING.format("monitors are not to be had")
        except Exception as error:
            logger.exception("a pod of namespace %s could not be looked at", namespace)
            return Decision(FAILED), WARNING.format(type(error).__name__)


def review_app(reviewer: Reviewer) -> web.Application:
    """What API servers ask."""

    async def inject(request: web.Request) -> web.Response:
        try:
            answered = await reviewer.review(await request.read())
        except InputError as error:
            return web.Response(text=str(error), status=400)
        return web.json_response(answered)

    app = web.Application(client_max_size=BODY_BYTES)
    app.add_routes([web.post(PATH, inject)])
    return app


def health_app(unready: Problem, metrics: WebhookMetrics) -> web.Application:
    """/healthz, /readyz and /metrics; `unready` says why it is not ready.

    It is never sick: one that hangs answers nobody, and all others are of more use alive.
    """
    return health_pages(lambda: None, unready, metrics.page)


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise InputError("body", f"is no JSON ({error}); send an AdmissionReview") from None
