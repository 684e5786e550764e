"""The objects that bring a dashboard into Grafana."""

import json
from typing import Any

import pytest

from modelmonitor_api.names import dashboard_uid
from modelmonitor_operator.render.dashboard.config_map import dashboard_config_map
from modelmonitor_operator.render.dashboard.grafana_dashboard import grafana_dashboard

Json = dict[str, Any]
LIMIT_BYTES = 1024 * 1024


def test_a_configmap_is_found_by_grafanas_sidecar(monitor: Json) -> None:
    manifest = dashboard_config_map("shop", "watch", monitor)

    assert (manifest["apiVersion"], manifest["kind"]) == ("v1", "ConfigMap")
    assert manifest["metadata"] == {
        "name": "watch-modelmonitor-dashboard",
        "namespace": "shop",
        "labels": {"grafana_dashboard": "1", "modelmonitor.io/monitor": "watch"},
    }
    assert json.loads(manifest["data"]["shop.watch-modelmonitor.json"]) == monitor


def test_keys_differ_between_namespaces_and_are_never_downloaded(monitor: Json) -> None:
    keys = {
        key
        for namespace in ("shop", "bank", "shop-watch")
        for name in ("watch.url", "watch-watch.url", "watch.watch.url")
        for key in dashboard_config_map(namespace, name, monitor)["data"]
    }
    assert len(keys) == 9
    assert all(key.endswith(".json") for key in keys)


def test_a_manifest_stays_below_what_a_cluster_takes(dashboard: Json) -> None:
    manifest = dashboard_config_map("shop", "watch", dashboard)
    assert len(json.dumps(manifest)) < LIMIT_BYTES


def test_a_folder_is_an_annotation(monitor: Json) -> None:
    manifest = dashboard_config_map("shop", "watch", monitor, "Models of the shop")
    assert manifest["metadata"]["annotations"] == {"grafana_folder": "Models of the shop"}


@pytest.mark.parametrize("folder", [None, "Models"])
def test_grafana_operator_reads_the_same_configmap(monitor: Json, folder: str | None) -> None:
    config_map = dashboard_config_map("shop", "watch", monitor)
    resource = grafana_dashboard("shop", "watch", {"dashboards": "grafana"}, folder)

    spec = resource["spec"]
    assert spec["configMapRef"]["name"] == config_map["metadata"]["name"]
    assert spec["configMapRef"]["key"] in config_map["data"]
    assert resource["metadata"]["namespace"] == config_map["metadata"]["namespace"]
    assert spec["instanceSelector"] == {"matchLabels": {"dashboards": "grafana"}}
    assert spec["allowCrossNamespaceImport"] is True
    assert spec["uid"] == dashboard_uid("shop", "watch") == monitor["uid"]
    assert spec.get("folder") == folder
