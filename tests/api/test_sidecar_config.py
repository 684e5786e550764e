"""`config.json` between the operator and the sidecars."""

import json
from typing import Any

import pytest

from modelmonitor_api.errors import DocumentError
from modelmonitor_api.sidecar_config import (
    FORMAT_VERSION,
    BaselineReference,
    SidecarConfig,
    parse_config,
    render_config,
)
from modelmonitor_api.spec_reading import parse_monitor

SPEC = {"selector": {"matchLabels": {"app": "churn"}}, "ports": ["http"], "windows": ["1h"]}
MONITOR = parse_monitor({"metadata": {"name": "churn", "namespace": "team-a"}, "spec": SPEC})


def document(**changes: Any) -> str:
    return json.dumps(json.loads(render_config(SidecarConfig(MONITOR), SPEC)) | changes)


def test_what_is_rendered_is_what_is_read() -> None:
    reference = BaselineReference("churn", "3", "a1b2c3d4", "baseline-a1b2c3d4.json.gz")
    config = SidecarConfig(MONITOR, (reference,), 1_000, 2_000, 3_000, 500)
    assert parse_config(render_config(config, SPEC)) == config


def test_the_next_version_is_read_and_its_news_passed_over() -> None:
    newer = document(formatVersion=FORMAT_VERSION + 1, news={}, spec=SPEC | {"news": 1})
    assert parse_config(newer).monitor == MONITOR


def test_what_is_missing_has_a_default() -> None:
    config = parse_config('{"formatVersion": 1, "monitor": "m"}')
    assert config.monitor.models[0].name == "m"
    assert config.window_rows is None


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", r"config\.json: no JSON"),
        ("[" * 200_000, r"config\.json: no JSON"),
        ("[]", "no JSON object"),
        ("{}", "formatVersion is missing"),
        ('{"formatVersion": "1"}', "formatVersion is missing"),
        (document(formatVersion=FORMAT_VERSION + 2), "newer than this sidecar reads.*upgrade"),
        (document(monitor=None), r"metadata\.name: is missing"),
        (document(spec={"windows": ["2m"]}), r"spec\.windows\[0\]"),
        (document(maxPayloadBytes=-1), "maxPayloadBytes is -1"),
        (document(maxPayloadBytes=True), "maxPayloadBytes is True"),
        (document(baselines=[{"model": "m"}]), "an entry of baselines has no digest8"),
        (document(baselines=["m"]), "baselines holds something that is no object"),
        (document(baselines=7), "baselines is 7; it must be a list"),
    ],
)
def test_a_broken_document_is_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(DocumentError, match=sentence):
        parse_config(text)
