"""The admission policy: what it is bound to, and that it says all that inject() does.

Whether an API server takes it, and makes of pods what inject() makes, is tested in e2e/apiserver.
"""

import re
from dataclasses import replace
from typing import Any

import pytest
import yaml

from modelmonitor_operator.inject.references import PLACES
from modelmonitor_operator.inject.settings import (
    InjectionSettings,
    PairResources,
    Resources,
    SidecarPorts,
)
from modelmonitor_operator.inject.skips import Reason
from modelmonitor_operator.inject.template import Template
from modelmonitor_operator.render.cel import built, literal
from modelmonitor_operator.render.injection_conditions import injected_pods, not_skipped
from modelmonitor_operator.render.injection_policy import (
    injection_objects,
    injection_policy,
    injection_policy_binding,
)

SETTINGS = InjectionSettings("team/sidecar:1")


def patch_of(settings: InjectionSettings) -> str:
    (mutation,) = injection_policy(settings)["spec"]["mutations"]
    text: str = mutation["jsonPatch"]["expression"]
    return text


def test_every_reason_to_skip_a_pod_has_its_condition() -> None:
    """Opting out is the object selector's: there it costs nothing."""
    assert set(not_skipped(SETTINGS)) == set(Reason) - {Reason.OPTED_OUT}
    (opted_out,) = injection_policy(SETTINGS)["spec"]["matchConstraints"]["objectSelector"][
        "matchExpressions"
    ]
    assert opted_out == {"key": "modelmonitor.io/inject", "operator": "NotIn", "values": ["false"]}


def test_only_an_armed_monitor_injects() -> None:
    assert injected_pods(SETTINGS).startswith("params.?status.?injection.orValue('') == 'Armed' &&")


def test_there_is_one_condition_and_one_mutation() -> None:
    """A second mutation that fails would leave the first one's half."""
    spec = injection_policy(SETTINGS)["spec"]
    assert (len(spec["matchConditions"]), len(spec["mutations"])) == (1, 1)
    assert spec["failurePolicy"] == "Ignore"


def test_every_probe_and_hook_is_rewritten() -> None:
    paths = re.findall(r"'/(\w+(?:/\w+)*)/port', value: variables.number", patch_of(SETTINGS))
    assert [tuple(path.split("/")) for path in paths] == list(PLACES)


def test_image_ports_and_sizes_are_literals() -> None:
    sizes = {**SETTINGS.sizes, "Small": PairResources(Resources("7m", "8Mi", "9"), SMALL)}
    text = patch_of(replace(SETTINGS, ports=SidecarPorts(25080, 25081, 25090), sizes=sizes))
    assert text.count("image: 'team/sidecar:1'") == 2
    assert "containerPort: 25080" in text
    assert "variables.size == 'Small'" in text
    assert "requests: {'cpu': '7m', 'memory': '8Mi'}, limits: {'memory': '8Mi', 'cpu': '9'}" in text
    assert "params.spec.image" not in text


SMALL = Resources("1m", "2Mi")


@pytest.mark.parametrize("mode", ["Webhook", "Off"])
def test_another_mode_has_no_policy(mode: Any) -> None:
    assert injection_objects(replace(SETTINGS, mode=mode), ["kube-system"]) == []


def test_the_control_plane_and_the_operator_are_left_alone() -> None:
    spec = injection_policy_binding({"monitoring", "kube-system"})["spec"]
    by_name, by_label = spec["matchResources"]["namespaceSelector"]["matchExpressions"]
    assert by_name["values"] == ["kube-system", "monitoring"]
    assert by_label["values"] == ["false"]
    assert spec["paramRef"] == {"selector": {}, "parameterNotFoundAction": "Allow"}


def test_policy_and_binding_survive_yaml() -> None:
    objects = injection_objects(SETTINGS, ["kube-system"])
    assert list(yaml.safe_load_all(yaml.safe_dump_all(objects))) == objects


def test_brackets_are_balanced() -> None:
    text = re.sub(r"'(\\.|[^'\\])*'", "", patch_of(SETTINGS) + injected_pods(SETTINGS))
    for opening, closing in ("()", "[]", "{}"):
        assert text.count(opening) == text.count(closing)


@pytest.mark.parametrize(
    ("text", "written"), [("it's", r"'it\'s'"), ("a\\b", r"'a\\b'"), ("a\nb", r"'a\nb'")]
)
def test_a_literal_stays_one_text(text: str, written: str) -> None:
    assert literal(text) == written


def test_lists_bear_the_path_of_their_entries_and_free_maps_none() -> None:
    template: Template = {
        "env": [{"name": "a"}],
        "requests": {"cpu": "1"},
        "flag": True,
        "count": 2,
    }
    assert built(template, "Object.spec", {}, "") == (
        "Object.spec{env: [Object.spec.env{name: 'a'}], requests: {'cpu': '1'}, "
        "flag: true, count: 2}"
    )
