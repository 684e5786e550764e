"""Plain JSON: by the resource's paths, or by what the body looks like."""

import json
from typing import Any

import pytest

from modelmonitor_api.spec import Feature, Locator, Model, Output
from modelmonitor_sidecar.decode.answers import predictions
from modelmonitor_sidecar.decode.registry import decode
from modelmonitor_sidecar.decode.rows import (
    Captured,
    Decoded,
    Reason,
    Records,
    Rows,
    Table,
    Undecodable,
)


def exchanged(request: Any, answer: Any = None, **model: Any) -> Decoded:
    exchange = Captured("/predict", json.dumps(request).encode(), json.dumps(answer).encode())
    return decode(exchange, Model("churn", **model))


def answered(answer: Any, rows: int, **model: Any) -> tuple[Any, Any]:
    decoded = exchanged([[1, 2]] * rows, answer, **model)
    spec = Model("churn", **model)
    assert decoded.outputs_reason is None
    return predictions(decoded.outputs, spec.prediction, spec.score)


@pytest.mark.parametrize(
    ("body", "table"),
    [
        ([[1, 2], [3, 4]], Rows(None, [[1, 2], [3, 4]])),
        ([1, "a", None], Rows(None, [[1, "a", None]])),
        ([], Rows(None, [])),
        ([{"a": 1}, {"a": 2}], Records([{"a": 1}, {"a": 2}])),
        ({"age": 39, "job": "cook"}, Records([{"age": 39, "job": "cook"}])),
        ({"input": 4.0}, Records([{"input": 4.0}])),
        ({"input": [4.0, 5.0]}, Rows(None, [[4.0, 5.0]])),
        ({"input_data": [[1, 2], [3, 4]]}, Rows(None, [[1, 2], [3, 4]])),
        ({"data": {"rows": [{"a": 1, "b": 2}]}}, Records([{"a": 1, "b": 2}])),
        ({"customer": {"age": 3, "job": "x"}}, Records([{"age": 3, "job": "x"}])),
        ({"a": [1, 2], "b": ["x", "y"]}, Rows(("a", "b"), [[1, "x"], [2, "y"]])),
        ({"a": [1, 2], "b": ["x"]}, Records([{"a": [1, 2], "b": ["x"]}])),
        ({}, Records([{}])),
        ({"a": {"b": {"c": {"d": {"e": 1}}}}}, Records([{"e": 1}])),
        ({"a": {"b": {"c": {"d": {"e": {"f": 1}}}}}}, Records([{"e": {"f": 1}}])),
    ],
)
def test_without_paths_a_body_is_read_as_it_looks(body: Any, table: Table) -> None:
    assert exchanged(body, protocol="JSON").inputs == table
    assert exchanged(body, protocol="Auto").inputs == table


@pytest.mark.parametrize("body", [3, "text", None, True])
def test_a_body_without_rows_is_of_another_shape(body: Any) -> None:
    for protocol in ("JSON", "Auto"):
        with pytest.raises(Undecodable) as caught:
            exchanged(body, protocol=protocol)
        assert caught.value.reason is Reason.SHAPE_UNKNOWN


def test_rows_and_features_are_found_at_their_paths() -> None:
    body = {
        "id": "7",
        "data": {"rows": [{"p": {"age": 3}, "v": [7, 8]}, {"p": {}, "v": []}, None]},
    }
    features = (Feature("age", path="p.age"), Feature("second", path="v[1]"), Feature("p"))
    table = exchanged(body, instances="data.rows", features=features, protocol="JSON").inputs
    assert table == Records(
        [{"p": {"age": 3}, "v": [7, 8], "age": 3, "second": 8}, {"p": {}, "v": []}, {}]
    )


def test_features_of_a_single_row_are_found_from_the_root() -> None:
    features = (Feature("age", path="customer.age"), Feature("x", path="measures[0].x"))
    body = {"customer": {"age": 39}, "measures": [{"x": 5}]}
    table = exchanged(body, features=features).inputs
    assert isinstance(table, Records)
    assert [(row["age"], row["x"]) for row in table.rows] == [(39, 5)]


def test_the_path_of_instances_may_lead_to_any_shape() -> None:
    assert exchanged({"q": {"x": [1, 2]}}, instances="q.x").inputs == Rows(None, [[1, 2]])
    assert exchanged({"q": {"x": 1, "y": 2}, "z": 3}, instances="q").inputs == Records(
        [{"x": 1, "y": 2}]
    )
    assert exchanged({"q": {"x": [1, 2], "y": [3, 4]}}, instances="q").inputs == Rows(
        ("x", "y"), [[1, 3], [2, 4]]
    )


def test_a_path_that_leads_nowhere_is_named_as_the_reason() -> None:
    with pytest.raises(Undecodable) as caught:
        exchanged({"data": 3}, instances="data.rows", protocol="JSON")
    assert caught.value.reason is Reason.PATH_ABSENT


@pytest.mark.parametrize(
    ("answer", "predicted", "scored"),
    [
        (0.5, [0.5], None),
        ([0.5], [0.5], None),
        ([0.1, 0.9], [1], [0.9]),
        ({"output": 16.0}, [16.0], None),
        ({"prediction": 1, "score": 0.88}, [1], [0.88]),
        ({"predictions": [1], "probability": [0.7]}, [1], [0.7]),
        ({"prediction": {"no": 0.2, "yes": 0.8}}, ["yes"], [0.8]),
        ({"price": 3.5}, [3.5], None),
        ({"result": {"label": "a", "score": 0.3}}, ["a"], [0.3]),
        ({"data": {"answer": {"label": "a", "score": 0.3}}}, ["a"], [0.3]),
        ({"results": [{"label": "a", "score": 0.3}], "version": "3"}, ["a"], [0.3]),
        ({"a": {"b": {"c": {"d": {"e": 1}}}}}, [1], None),
        ({"label": "a", "probabilities": [0.1, 0.2, 0.7]}, ["a"], [0.7]),
        ({"probabilities": [0.1, 0.2, 0.7]}, [2], [0.7]),
    ],
)
def test_answers_to_one_row_are_found_by_the_usual_names(
    answer: Any, predicted: list[Any], scored: list[Any] | None
) -> None:
    assert answered(answer, 1) == (predicted, scored)


@pytest.mark.parametrize(
    ("answer", "predicted", "scored"),
    [
        ([1, 2], [1, 2], None),
        ([[0.1, 0.9], [0.8, 0.2]], [1, 0], [0.9, 0.2]),
        ([{"label": "a"}, {"label": "b"}], ["a", "b"], None),
        ({"predictions": [1, 2]}, [1, 2], None),
        ({"prediction": [1, 2], "score": [0.1, 0.2], "version": "3"}, [1, 2], [0.1, 0.2]),
        ({"results": [{"label": "a"}, {"label": "b"}], "took": 3}, ["a", "b"], None),
        ({"data": {"results": [{"label": "a"}, {"label": "b"}]}}, ["a", "b"], None),
    ],
)
def test_answers_to_several_rows_are_paired_with_them(
    answer: Any, predicted: list[Any], scored: list[Any] | None
) -> None:
    assert answered(answer, 2) == (predicted, scored)


@pytest.mark.parametrize("answer", [[1, 2, 3], [1], 5, {"predictions": [1, 2, 3]}, {}, None])
def test_answers_of_another_number_leave_the_inputs_standing(answer: Any) -> None:
    decoded = exchanged([[1], [2]], answer)
    assert (decoded.inputs.count, decoded.outputs) == (2, None)
    assert decoded.outputs_reason is Reason.ROW_COUNTS_DIFFER


def located(prediction: str | None, score: str | None = None) -> dict[str, Output]:
    paths = {"prediction": prediction, "score": score}
    return {name: Output(Locator(path=path)) for name, path in paths.items() if path}


def test_predictions_and_scores_are_found_at_their_paths() -> None:
    one = {"out": {"y": "a", "p": {"a": 0.7, "b": 0.3}}}
    assert answered(one, 1, **located("out.y", "out.p.a")) == (["a"], [0.7])
    two = {"out": [{"y": "a", "p": [0.7]}, {"y": "b"}]}
    assert answered(two, 2, **located("out.y", "out[].p[0]")) == (["a", "b"], [0.7, None])
    columns = {"y": ["a", "b"], "p": [[0.7, 0.3], [0.1, 0.9]]}
    assert answered(columns, 2, **located("y", "p")) == (["a", "b"], [0.3, 0.9])


def test_a_located_score_stands_beside_the_usual_prediction() -> None:
    assert answered({"prediction": 1, "p": {"yes": 0.7}}, 1, **located(None, "p.yes")) == (
        [1],
        [0.7],
    )
    assert answered([0.1, 0.2], 2, **located(None, "$")) == ([0.1, 0.2], [0.1, 0.2])


def test_a_path_of_another_number_of_values_leaves_the_inputs_standing() -> None:
    decoded = exchanged([[1], [2]], {"y": [1, 2, 3]}, **located("y"))
    assert decoded.outputs_reason is Reason.ROW_COUNTS_DIFFER
    decoded = exchanged([[1], [2]], {"y": [1, 2]}, **located("z"))
    assert decoded.outputs_reason is Reason.PATH_ABSENT
    assert decoded.inputs.count == 2
