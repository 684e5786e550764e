"""The chart's values as far as objects need them."""

import pytest

from modelmonitor_api.errors import SpecError
from modelmonitor_operator.render.settings import RenderSettings, read_settings


def test_nothing_given_is_what_a_common_cluster_needs() -> None:
    assert read_settings({}) == RenderSettings()
    assert RenderSettings().mode == "PerMonitor"
    assert read_settings({"prometheus": {"scrapeBy": "Annotations"}}).scrape_by == "Annotations"


def test_values_of_others_are_passed_over() -> None:
    assert read_settings({"image": {"tag": "1"}, "rules": {"mode": "Shared"}}).mode == "Shared"


@pytest.mark.parametrize(
    ("values", "where"),
    [
        ({"rules": {"mode": "Both"}}, "rules.mode"),
        ({"rules": {"runbookUrl": "javascript:alert(1)"}}, "rules.runbookUrl"),
        ({"rules": {"runbookUrl": "https://x/{{ query `up` }}"}}, "rules.runbookUrl"),
        ({"grafana": {"url": 'https://g"/'}}, "grafana.url"),
        ({"prometheus": {"scrapeIntervalSeconds": 120}}, "prometheus.scrapeIntervalSeconds"),
        ({"prometheus": {"labels": {"release": 1}}}, "prometheus.labels"),
        ({"rules": []}, "rules"),
        ({"grafana": {"clusterLabel": "a-b"}}, "grafana.clusterLabel"),
        ({"grafana": {"clusterLabel": "namespace"}}, "grafana.clusterLabel"),
    ],
)
def test_a_wrong_value_is_named(values: dict[str, object], where: str) -> None:
    with pytest.raises(SpecError) as refused:
        read_settings(values)
    assert refused.value.where == where
