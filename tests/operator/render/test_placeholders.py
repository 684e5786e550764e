"""What is made once for all monitors is what would be made for each alone."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmonitor_api.errors import InputError
from modelmonitor_api.spec_reading import parse_monitor
from modelmonitor_operator.plan.desired import desired_objects
from modelmonitor_operator.plan.planning import plan
from modelmonitor_operator.render.checked_rules import rule_document
from modelmonitor_operator.render.dashboard.config_map import dashboard_config_map
from modelmonitor_operator.render.dashboard.monitor import monitor_dashboard
from modelmonitor_operator.render.placeholders import MONITOR, NAMESPACE, put_in
from modelmonitor_operator.render.prometheus_rule import links, monitor_rules
from modelmonitor_operator.render.rules.groups import monitor_groups
from modelmonitor_operator.testing_monitors import SETTINGS, monitor
from modelmonitor_operator.world import World

LABELS = st.one_of(
    st.from_regex(r"[a-z0-9]([-a-z0-9]{0,20}[a-z0-9])?", fullmatch=True),
    st.sampled_from([NAMESPACE, MONITOR, "a", "namespace", "modelmonitor"]),
)
NAMES = st.lists(LABELS, min_size=1, max_size=2).map(".".join)
WINDOWS = st.lists(st.sampled_from(["5m", "1h", "24h"]), min_size=1, unique=True)


@given(LABELS, NAMES, WINDOWS)
def test_rules_are_those_of_the_monitor_alone(
    namespace: str, name: str, windows: list[str]
) -> None:
    resource = monitor(name, windows=windows)
    resource["metadata"]["namespace"] = namespace
    parsed, render = parse_monitor(resource), SETTINGS.render

    alone = rule_document(monitor_groups(namespace, name, parsed.windows, links(render)))

    assert monitor_rules(parsed, render) == json.loads(json.dumps(alone))


@given(LABELS, NAMES, WINDOWS)
def test_the_dashboard_is_that_of_the_monitor_alone(
    namespace: str, name: str, windows: list[str]
) -> None:
    resource = monitor(name, windows=windows)
    resource["metadata"]["namespace"] = namespace
    judged = plan(resource, World(), SETTINGS).draft.judged
    assert judged is not None

    (made,) = (
        one.manifest()
        for one in desired_objects(judged.subject)
        if one.reference.name.endswith("-dashboard")
    )

    alone = monitor_dashboard(
        namespace, name, judged.subject.monitor.windows, SETTINGS.render.runbook_url
    )
    assert made["data"] == dashboard_config_map(namespace, name, alone)["data"]


@pytest.mark.parametrize("name", ['a"b', "a b", "A", "a/b", "", "a\n", "{{a}}"])
def test_a_name_that_would_have_to_be_quoted_is_refused(name: str) -> None:
    with pytest.raises(InputError, match=r"metadata\.name"):
        put_in("{}", "team-a", name)
    with pytest.raises(InputError, match=r"metadata\.namespace"):
        put_in("{}", name, "churn")
