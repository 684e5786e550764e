"""The request of the figures (327 bytes of JSON, 30 features) and the baseline it is counted on."""

import json
import random
from pathlib import Path
from typing import Any

from modelmonitor_api.baseline import Baseline, BaselineFeature, Bins, Column
from modelmonitor_api.spec_reading import parse_monitor
from modelmonitor_cli.documents import MonitorDocument, NamedBaseline
from modelmonitor_cli.run.documents import write_folder

MODEL = "bench"
PATH = f"/v1/models/{MODEL}:predict"
BODY_BYTES = 327
FEATURES = 30
ANSWER = '{"predictions":[0.5]}'
BASELINE_ROWS = 50_000
EDGES = tuple(float(edge) for edge in range(-8, 10, 2))


def body(features: int = FEATURES, rows: int = 1, size: int | None = None) -> bytes:
    """A V1 request; digits are added to its numbers until it has `size` bytes."""
    chance = random.Random(7)
    numbers = [f"{chance.uniform(1, 9.9):.6f}" for _ in range(features * rows)]
    missing = 0 if size is None else size - len(_wrapped(numbers, features))
    for index in range(missing):
        numbers[index % len(numbers)] += str(chance.randint(1, 9))
    return _wrapped(numbers, features).encode()


def _wrapped(numbers: list[str], features: int) -> str:
    rows = [numbers[start : start + features] for start in range(0, len(numbers), features)]
    return '{"instances":[' + ",".join(f"[{','.join(row)}]" for row in rows) + "]}"


def request(payload: bytes) -> bytes:
    """The whole HTTP request with the headers of an ordinary client."""
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: python-requests/2.32\r\n"
        "Accept-Encoding: gzip, deflate\r\nAccept: */*\r\nConnection: keep-alive\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(payload)}\r\n\r\n"
    )
    return head.encode() + payload


def write_configuration(folder: Path, features: int = FEATURES) -> None:
    """What the sidecars are told: one model with a baseline of so many numeric features."""
    spec: dict[str, Any] = {
        "selector": {"matchLabels": {"app": MODEL}},
        "ports": ["http"],
        "models": [{"name": MODEL, "match": {"paths": [PATH]}}],
    }
    monitor = parse_monitor({"metadata": {"name": MODEL}, "spec": spec})
    baseline = NamedBaseline(MODEL, None, Path("baseline.json"), _baseline(features))
    write_folder(folder, MonitorDocument(spec, monitor), [baseline], None)


def _baseline(features: int) -> Baseline:
    inputs = tuple(_feature(f"feature_{index}", "input") for index in range(features))
    return Baseline(
        model=MODEL,
        version=None,
        rows=BASELINE_ROWS,
        columns=tuple(Column(feature.name) for feature in inputs),
        features=(*inputs, _feature("prediction", "prediction")),
    )


def _feature(name: str, role: Any) -> BaselineFeature:
    bins = len(EDGES) + 1
    representatives = tuple(2.0 * index - 9 for index in range(bins))
    share = BASELINE_ROWS // bins
    counts = Bins(EDGES, (share,) * bins, representatives, 0.0, 5.74, -10.0, 10.0)
    return BaselineFeature(name, role, "numeric", counts)


if __name__ == "__main__":
    assert len(body(size=BODY_BYTES)) == BODY_BYTES
    print(json.loads(body(size=BODY_BYTES)))
