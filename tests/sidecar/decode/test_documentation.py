"""docs/protocols.md: each example is decoded, each protocol, type, name and reason is there."""

import re
from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from modelmonitor_api import protocols
from modelmonitor_api.names import API_VERSION, KIND
from modelmonitor_api.spec import Model
from modelmonitor_api.spec_reading import parse_monitor
from modelmonitor_sidecar.decode import csv_rows, json_lines
from modelmonitor_sidecar.decode.answers import PREDICTION_NAMES, SCORE_NAMES, predictions
from modelmonitor_sidecar.decode.registry import PROTOCOLS, decode
from modelmonitor_sidecar.decode.rows import MAX_BODY_BYTES, MAX_ROWS, Captured, Reason, Records

PAGE = (Path(__file__).parents[3] / "docs" / "protocols.md").read_text()
SECTIONS = dict(pairwise(re.split(r"^## (.+)\n", PAGE, flags=re.MULTILINE)[1:]))
EXAMPLES = [
    (decoder.name, example)
    for decoder in PROTOCOLS
    for example in re.findall(r"```http\n(.*?)```", SECTIONS[decoder.name], flags=re.DOTALL)
]


def captured(example: str) -> Captured:
    request, answer = example.split("\n\n200 OK\n")
    (head, body), (answer_head, answer_body) = (
        message.split("\n\n", maxsplit=1) for message in (request, answer)
    )
    content_type, answer_type = (h.rpartition("Content-Type: ")[2] for h in (head, answer_head))
    path = head.split("\n")[0].removeprefix("POST ")
    return Captured(path, body.encode(), answer_body.encode(), content_type, answer_type)


def test_every_protocol_has_an_example() -> None:
    assert {name for name, _ in EXAMPLES} == set(protocols.NAMES) - {protocols.AUTO}


@pytest.mark.parametrize(("name", "example"), EXAMPLES)
def test_each_example_is_rows_with_predictions_named_or_detected(name: str, example: str) -> None:
    exchange = captured(example)
    found = decode(exchange, Model("m", protocol=name))
    detected = decode(exchange, Model("m"))
    assert repr(found.inputs) == repr(detected.inputs)  # arrays have no single truth
    assert found.inputs.count == len(predictions(found.outputs, None, None)[0] or ())
    assert predictions(found.outputs, None, None) == predictions(detected.outputs, None, None)


def test_every_reason_has_its_meaning_and_no_other_is_named() -> None:
    rows = re.findall(r"^\| `(\w+)` \|", SECTIONS["What is not readable"], flags=re.MULTILINE)
    assert rows == [reason.value for reason in Reason]


@pytest.mark.parametrize("name", [*csv_rows.TYPES, *json_lines.TYPES])
def test_every_content_type_is_named(name: str) -> None:
    assert f"`{name}`" in SECTIONS["Which protocol"]


@pytest.mark.parametrize("names", [PREDICTION_NAMES, SCORE_NAMES])
def test_the_usual_names_are_listed_in_their_order(names: tuple[str, ...]) -> None:
    assert ", ".join(f"`{name}`" for name in names) in SECTIONS["Predictions and scores"]


def test_the_resource_of_the_page_finds_what_it_names() -> None:
    (fragment,) = re.findall(r"```yaml\n(.*?)```", SECTIONS["JSON"], flags=re.DOTALL)
    spec = {"selector": {"matchLabels": {"app": "churn"}}, **yaml.safe_load(fragment)}
    document = {"apiVersion": API_VERSION, "kind": KIND, "metadata": {"name": "m"}, "spec": spec}
    (model,) = parse_monitor(document).models
    request = b'{"data": {"rows": [{"person": {"age": 39}}, {"person": {}}]}}'
    answer = b'{"results": [{"label": "a", "scores": [0, 1]}, {"label": "b", "scores": [2, 3]}]}'
    decoded = decode(Captured("/predict", request, answer), model)
    assert isinstance(decoded.inputs, Records)
    assert [row.get("age") for row in decoded.inputs.rows] == [39, None]
    assert predictions(decoded.outputs, model.prediction, model.score) == (["a", "b"], [1, 3])


def test_the_limits_are_those_that_hold() -> None:
    assert MAX_ROWS == 65_536
    assert MAX_BODY_BYTES == 4 << 20
    assert "65,536 rows" in PAGE
    assert "up to 4 MiB" in PAGE
