"""A month of a model in small: its baseline, its rows, and the command over them."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as arrow_parquet
import pytest

from modelmonitor_api.baseline import Baseline, to_json
from modelmonitor_cli.backtest.options import BacktestOptions
from modelmonitor_cli.backtest.results import Backtest
from modelmonitor_cli.backtest.running import backtest
from modelmonitor_cli.testing_backtest import known


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    """Columns as a file, CSV or Parquet by its name."""

    def write(columns: Mapping[str, Sequence[Any]], name: str = "live.parquet") -> Path:
        path, table = tmp_path / name, pa.table(dict(columns))
        if name.endswith(".csv"):
            arrow_csv.write_csv(table, path)
        else:
            arrow_parquet.write_table(table, path)
        return path

    return write


@pytest.fixture
def saved(tmp_path: Path) -> Callable[..., Path]:
    """A baseline as a file."""

    def write(one: Baseline | None = None, name: str = "b.json") -> Path:
        path = tmp_path / name
        path.write_text(to_json(one or known()))
        return path

    return write


@pytest.fixture
def monitor(tmp_path: Path) -> Callable[..., Path]:
    """A ModelMonitor of one model, with what is given of its spec."""

    def write(model: Mapping[str, Any] | None = None, **spec: Any) -> Path:
        path = tmp_path / "m.yaml"
        document = {
            "apiVersion": "modelmonitor.io/v1alpha1",
            "kind": "ModelMonitor",
            "metadata": {"name": "team"},
            "spec": {"models": [{"name": "model", **(model or {})}], **spec},
        }
        path.write_text(json.dumps(document))  # JSON is YAML
        return path

    return write


@pytest.fixture
def found(saved: Callable[..., Path], file: Callable[..., Path]) -> Callable[..., Backtest]:
    """The findings about columns, or about several tables of them."""

    def run(*tables: Mapping[str, Sequence[Any]], **options: Any) -> Backtest:
        data = tuple(file(one, f"live-{at}.parquet") for at, one in enumerate(tables))
        given = options.pop("baseline", None)
        return backtest(BacktestOptions(data, (str(saved(given)),), **options))

    return run


@pytest.fixture
def command(
    call: Callable[..., Any], saved: Callable[..., Path], file: Callable[..., Path]
) -> Callable[..., Any]:
    """The command over one table."""

    def run(columns: Mapping[str, Sequence[Any]], *arguments: Any, name: str = "live.csv") -> Any:
        return call("backtest", "--baseline", saved(), "--data", file(columns, name), *arguments)

    return run
