"""One model server asked twice by its own client: directly, and behind `modelmonitor run`.

It collects what the client's journals and the sidecars say; what must hold is said by the tests.
"""

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from model_servers import HERE, ModelServer, serving

from modelmonitor_api.baseline import Baseline
from modelmonitor_api.baseline_reading import read_baseline
from modelmonitor_cli.testing import (
    RunningPair,
    Sample,
    accounted,
    eventually,
    fetched,
    running_pair,
    total,
)

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """One request of a journal."""

    model: str
    rows: tuple[Row, ...]
    status: int
    answer: str
    predictions: tuple[Any, ...]
    scores: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Watched:
    """What came of it; the samples and the status were taken at rest."""

    server: ModelServer
    direct: tuple[Entry, ...]
    through: tuple[Entry, ...]
    requests: tuple[Sample, ...]
    features: tuple[Sample, ...]
    status: Mapping[str, Any]
    baselines: Mapping[str, Baseline]

    def sent(self, model: str) -> list[Entry]:
        """The requests for this model that went through the sidecars."""
        return [entry for entry in self.through if entry.model == model]

    def rows(self, model: str) -> list[Row]:
        """Their rows."""
        return [row for entry in self.sent(model) for row in entry.rows]


def watch(server: ModelServer, folder: Path) -> Watched:
    """Train, serve, ask directly, ask through the pair, wait for rest."""
    trained = folder / "trained"
    server.train(trained)
    files = {model: _build_baseline(model, trained, folder) for model in server.models}
    with serving(server, trained, folder / "log") as url:
        server.ask(url, folder / "direct.jsonl")
        with running_pair(
            url.removeprefix("http://"),
            monitor=HERE / "monitors" / f"{server.name}.yaml",
            baselines=[f"{model}={file}" for model, file in files.items()],
        ) as pair:
            server.ask(f"http://{pair.listen}", folder / "through.jsonl")
            through = _journal(folder / "through.jsonl")
            _wait_for_rest(pair, server.models, through)
            return Watched(
                server,
                _journal(folder / "direct.jsonl"),
                through,
                tuple(pair.requests()),
                tuple(pair.features()),
                json.loads(fetched(f"http://{pair.collector}/api/status")),
                {model: read_baseline(file.read_bytes()) for model, file in files.items()},
            )


def _build_baseline(model: str, trained: Path, folder: Path) -> Path:
    table, file = trained / f"{model}.csv", folder / f"{model}.json"
    label = "churned" if model == "customers" else "target"
    command = [sys.executable, "-m", "modelmonitor_cli", "baseline", "build", str(table)]
    command += ["--model", model, "--prediction", "prediction", "--label", label, "-o", str(file)]
    if "score" in table.read_text().partition("\n")[0].split(","):
        command += ["--score", "score"]
    subprocess.run(command, check=True)
    return file


def _journal(file: Path) -> tuple[Entry, ...]:
    return tuple(_entry(json.loads(line)) for line in file.read_text().splitlines())


def _entry(line: dict[str, Any]) -> Entry:
    return Entry(
        line["model"],
        tuple(line["rows"]),
        line["status"],
        line["answer"],
        tuple(line["predictions"]),
        tuple(line["scores"]),
    )


def _wait_for_rest(pair: RunningPair, models: Iterable[str], through: tuple[Entry, ...]) -> None:
    """Until the law of frames holds for what was sent; the tests say so again, with the numbers."""
    for model in models:
        wanted = sum(entry.model == model for entry in through)
        eventually(lambda m=model, n=wanted: accounted(pair.requests(), m) >= n)
    rows = sum(len(entry.rows) for entry in through)
    eventually(lambda: total(pair.features(), "modelmonitor_rows_total") >= rows)
