"""Names that would be code, did they reach PromQL, Grafana's templates, Markdown or a path.

Names of models, features and categories are in no dashboard: they come as labels when it is read,
and into queries only if a reader chooses them.
"""

import json
import re
from typing import Any

import promql_parser
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from modelmonitor_api.errors import InputError
from modelmonitor_operator.render.dashboard.config_map import (
    dashboard_config_map,
    written,
)
from modelmonitor_operator.render.dashboard.monitor import monitor_dashboard
from modelmonitor_operator.render.dashboard.scope import CHOSEN_FEATURE, monitor_scope
from modelmonitor_operator.render.dashboard.variables import CHOOSABLE

Json = dict[str, Any]
RUNBOOK = "https://example.com/runbook"
CORPUS = (
    '"} or vector(1) or x{a="',
    "\\",
    '\\"',
    "it's",
    "{{ $labels.x }}",
    "{{ query `up` }}",
    "$datasource ${__all_variables} [[window]]",
    "a\nb",
    "<script>alert(1)</script>",
    "](javascript:alert(1))",
    "../../etc",
    "\u202egnp.exe",
    "\x00",
    "ä" * 10_000,
    "",
)
NAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")
PATH = re.compile(r"[/\\\x00-\x1f\x7f]|\.\.")
LABEL = "[a-z0-9]([a-z0-9-]{0,18}[a-z0-9])?"
HOSTILE = st.one_of(st.sampled_from(CORPUS), st.text(max_size=40))


@given(HOSTILE)
def test_a_hostile_namespace_is_refused(name: str) -> None:
    assume(not NAME.fullmatch(name))
    with pytest.raises(InputError, match=r"^metadata\.namespace: is no DNS name"):
        monitor_dashboard(name, "watch", ("5m",), RUNBOOK)


@given(HOSTILE)
def test_a_hostile_monitor_is_refused(name: str) -> None:
    assume(not NAME.fullmatch(name))
    with pytest.raises(InputError, match=r"^metadata\.name: is no DNS name"):
        monitor_dashboard("shop", name, ("5m",), RUNBOOK)


@given(st.from_regex(rf"{LABEL}(\.{LABEL}){{0,2}}", fullmatch=True))
def test_a_dns_name_stands_in_queries_as_it_is(name: str) -> None:
    dashboard = monitor_dashboard(name, name, ("5m",), RUNBOOK)
    assert json.loads(written(dashboard)) == dashboard
    assert f'{{namespace="{name}",modelmonitor="{name}",' in written_query(dashboard)


@given(HOSTILE)
def test_a_folder_that_may_be_a_path_is_refused(folder: str) -> None:
    assume(PATH.search(folder) or not folder.strip(" .") or len(folder) > 128)
    with pytest.raises(InputError, match=r"^spec\.grafana\.folder: must be the name of one folder"):
        dashboard_config_map("shop", "watch", {}, folder)


@given(st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters="/\\."), min_size=1))
def test_any_other_folder_is_written_as_it_is(folder: str) -> None:
    assume(len(folder) <= 128)
    manifest = json.loads(json.dumps(dashboard_config_map("shop", "watch", {}, folder)))
    assert manifest["metadata"]["annotations"] == {"grafana_folder": folder}


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "https://a.b/](javascript:x)", "https://a.b/${x}", "", "/runbook"],
)
def test_an_address_that_is_more_than_one_is_refused(address: str) -> None:
    with pytest.raises(InputError, match=r"^the runbook's address: must begin with https://"):
        monitor_dashboard("shop", "watch", ("5m",), address)


@pytest.mark.parametrize("windows", [(), ("5m", "2h"), ('5m"}',)])
def test_windows_that_are_none_are_refused(windows: tuple[str, ...]) -> None:
    with pytest.raises(InputError, match=r"^spec\.windows: must be one or more of 1m, 5m"):
        monitor_dashboard("shop", "watch", windows, RUNBOOK)


@given(HOSTILE)
def test_a_feature_that_can_be_chosen_is_itself_in_a_query(name: str) -> None:
    assume(re.fullmatch(CHOOSABLE, name))
    query = monitor_scope("shop", "watch", None).feature.select("x").text
    assert value_of("feature", query.replace(CHOSEN_FEATURE, name)) == name


@given(HOSTILE)
def test_a_version_that_can_be_chosen_is_itself_in_a_query(name: str) -> None:
    assume(re.fullmatch(CHOOSABLE, name))
    query = monitor_scope("shop", "watch", None).versions.select("x").text
    pattern = value_of("model_version", query.replace("$model_version", grafanas_escape(name)))
    assert re.fullmatch(pattern, name)


@pytest.mark.parametrize("name", [text for text in CORPUS if re.search(r'["\\\n\x00]', text)])
def test_what_grafana_does_not_escape_cannot_be_chosen(name: str) -> None:
    assert not re.fullmatch(CHOOSABLE, name)


def value_of(label: str, query: str) -> str:
    selector = promql_parser.parse(query)
    assert isinstance(selector, promql_parser.VectorSelector)
    (value,) = [m.value for m in selector.matchers.matchers if m.name == label]
    return str(value)


def grafanas_escape(value: str) -> str:
    """As Grafana 10 puts a choice of several into a query of Prometheus."""
    doubled = value.replace("\\", "\\\\\\\\")
    return re.sub(r"[$^*{}\[\]'+?.()|]", lambda mark: "\\\\" + mark[0], doubled)


def written_query(dashboard: Json) -> str:
    first: Json = dashboard["panels"][1]
    return str(first["targets"][0]["expr"])
