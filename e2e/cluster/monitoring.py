"""The cluster's Prometheus and Alertmanager, asked through the API server."""

import json
import os
from typing import Any, Final
from urllib.parse import quote

from e2e.cluster.kubectl import kubectl

# NAMESPACE/SERVICE:PORT
PROMETHEUS: Final = os.environ.get("MODELMONITOR_E2E_PROMETHEUS", "monitoring/prometheus:9090")
ALERTMANAGER: Final = os.environ.get(
    "MODELMONITOR_E2E_ALERTMANAGER", "monitoring/alertmanager:9093"
)


def query(expression: str) -> list[dict[str, Any]]:
    """The series of an instant query, each with `metric` and `value`."""
    answer = _asked(PROMETHEUS, f"/api/v1/query?query={quote(expression, safe='')}")
    assert answer["status"] == "success", answer
    found: list[dict[str, Any]] = answer["data"]["result"]
    return found


def value(expression: str) -> float | None:
    """The only series' value; None where there is none."""
    found = query(expression)
    assert len(found) <= 1, f"{expression}: {len(found)} series"
    return float(found[0]["value"][1]) if found else None


def firing(alert: str, **labels: str) -> list[dict[str, Any]]:
    """Alerts of this name and labels that fire in Prometheus."""
    alerts = _asked(PROMETHEUS, "/api/v1/alerts")["data"]["alerts"]
    return [one for one in alerts if one["state"] == "firing" and _is(one, alert, labels)]


def received(alert: str, **labels: str) -> list[dict[str, Any]]:
    """Alerts of this name and labels that Alertmanager has."""
    return [one for one in _asked(ALERTMANAGER, "/api/v2/alerts") if _is(one, alert, labels)]


def rule_groups(namespace: str) -> list[dict[str, Any]]:
    """Groups that Prometheus evaluates and that came from this namespace."""
    groups = _asked(PROMETHEUS, "/api/v1/rules")["data"]["groups"]
    return [group for group in groups if f"/{namespace}-" in group["file"]]


def hurry() -> None:
    """Let the kubelet refresh the volumes of Prometheus now, not within a minute."""
    namespace = PROMETHEUS.partition("/")[0]
    pods = ("pods", "-l", "app.kubernetes.io/name=prometheus")
    poke = f"modelmonitor-e2e={os.urandom(4).hex()}"
    kubectl("-n", namespace, "annotate", "--overwrite", *pods, poke)


def _is(alert: dict[str, Any], name: str, labels: dict[str, str]) -> bool:
    wanted = {"alertname": name, **labels}
    return bool(wanted.items() <= alert["labels"].items())


def _asked(service: str, path: str) -> Any:
    namespace, _, name = service.partition("/")
    base = f"/api/v1/namespaces/{namespace}/services/{name}/proxy"
    return json.loads(kubectl("get", "--raw", f"{base}{path}"))
