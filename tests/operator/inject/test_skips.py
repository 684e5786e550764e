"""A pod that is left as it is says why, and what to do."""

from typing import Any

from modelmonitor_operator.inject.injection import Target, inject
from modelmonitor_operator.inject.settings import InjectionSettings, SidecarPorts
from modelmonitor_operator.inject.skips import Reason

Corpus = dict[str, dict[str, Any]]


def message(pod: dict[str, Any], target: Target, settings: InjectionSettings) -> str:
    skip = inject(pod, target, settings).skip
    assert skip is not None
    return skip.message


def test_every_reason_is_in_the_corpus(corpus: Corpus) -> None:
    expected = {(pod["metadata"].get("annotations") or {}).get("expect") for pod in corpus.values()}
    assert expected - {None} == {reason.value for reason in Reason}


def test_a_missing_port_is_told_with_the_names_that_are_there(
    corpus: Corpus, settings: InjectionSettings
) -> None:
    told = message(corpus["several-ports"], Target("churn", "web"), settings)
    assert told == (
        "no container has a TCP port named web (names found: dns, http, metrics); "
        "name the port in the pod, or put its name into spec.ports of the monitor"
    )


def test_names_of_ports_with_braces_do_no_harm(settings: InjectionSettings) -> None:
    pod = {"spec": {"containers": [{"name": "a", "ports": [{"name": "{x}", "containerPort": 1}]}]}}
    assert "names found: {x}" in message(pod, Target("churn", "http"), settings)


def test_the_sidecars_ports_are_those_of_the_settings(corpus: Corpus, target: Target) -> None:
    moved = InjectionSettings("m", ports=SidecarPorts(proxy=25080, admin=25081, collector=25090))
    assert inject(corpus["on-our-port"], target, moved).skip is None


def test_every_message_says_what_to_do(
    corpus: Corpus, target: Target, settings: InjectionSettings
) -> None:
    for pod in corpus.values():
        skip = inject(pod, target, settings).skip
        assert skip is None or skip.message.rpartition("; ")[0]
