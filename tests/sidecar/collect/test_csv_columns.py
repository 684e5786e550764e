"""CSV reaches the counters: numbers as numbers, texts as texts, empty fields as missing."""

from modelmonitor_api.baseline import Baseline, BaselineFeature, Bins, Categories, Column
from modelmonitor_api.sidecar_config import SidecarConfig
from modelmonitor_api.spec import Feature, Model, ModelMonitor
from modelmonitor_sidecar.collect.baselines import LoadedBaseline
from modelmonitor_sidecar.collect.versions import Version, basis_of, text_columns
from modelmonitor_sidecar.decode.registry import decode
from modelmonitor_sidecar.decode.rows import Captured

AGE = Bins((30.0, 40.0), (5, 5, 5), (25.0, 35.0, 45.0), 35.0, 8.0, 20.0, 50.0)
CODE = Categories(("007", "7"), (30, 20))
BASELINE = Baseline(
    "churn",
    None,
    50,
    (Column("age"), Column("id", ignored=True), Column("code")),
    (
        BaselineFeature("age", "input", "numeric", AGE),
        BaselineFeature("code", "input", "categorical", CODE),
    ),
)
MODEL = Model("churn", protocol="SageMaker")
BODY = b"35,1,007\n,2,007\nold,3,7\n45,4,\n1e999,5,8\n35,007\n"


def version() -> Version:
    loaded = LoadedBaseline(BASELINE, "0" * 64)
    config = SidecarConfig(ModelMonitor("churn", "team"))
    return Version(MODEL, "1", loaded, basis_of(MODEL, loaded, config))


def test_every_field_of_every_line_is_counted_missing_or_invalid() -> None:
    counted = version()
    exchange = Captured("/invocations", BODY, b"", "text/csv", "text/csv")
    assert counted.add(decode(exchange, MODEL)) == 6
    counted.flush(1_000.0)
    view = counted.statistics.window("5m", 1_001.0)
    age, code = view.feature("age"), view.feature("code")
    assert (age.rows, age.cells, age.missing) == (6, (0, 1, 1), 1)
    assert dict(age.invalid) == {"string": 1, "infinite": 1, "width": 1}
    assert (code.rows, code.cells, code.missing) == (6, (2, 1, 0, 1), 1)
    assert dict(code.invalid) == {"width": 1}


def test_columns_of_texts_are_those_of_the_baseline_and_the_resource() -> None:
    assert text_columns(MODEL, BASELINE) == {"code"}
    model = Model("churn", features=(Feature("code", kind="discrete"), Feature("id", kind="text")))
    assert text_columns(model, BASELINE) == {"id"}
    assert text_columns(MODEL, None) == frozenset()
