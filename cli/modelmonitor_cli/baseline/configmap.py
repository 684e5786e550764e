"""A baseline as the manifest of a ConfigMap; refuses what a cluster's tools would not take.

The same document gives the same text; when it was built goes along, so that a cluster knows how old
it is.  No cluster is contacted.
"""

import base64
import json
import zlib
from collections import Counter
from collections.abc import Mapping
from typing import Final

from modelmonitor_api.baseline import MAX_ENCODED_BYTES, Baseline, digest, to_document, to_gzip
from modelmonitor_api.errors import InputError
from modelmonitor_api.names import BASELINE_KEY, GROUP

_MOST_NAMED: Final = 12


def manifest(baseline: Baseline, name: str, namespace: str | None) -> str:
    """The manifest as YAML; InputError names the features to drop where it is too large."""
    packed = base64.b64encode(to_gzip(baseline)).decode()
    if len(packed) > MAX_ENCODED_BYTES:
        raise InputError(f"ConfigMap {name}", _too_large(baseline, len(packed)))
    lines = ["apiVersion: v1", "kind: ConfigMap", "metadata:", f"  name: {name}"]
    if namespace:
        lines.append(f"  namespace: {namespace}")
    lines += ["  annotations:", f"    {GROUP}/model: {json.dumps(baseline.model)}"]
    if baseline.version is not None:
        lines.append(f"    {GROUP}/model-version: {json.dumps(baseline.version)}")
    lines.append(f"    {GROUP}/baseline-digest: {json.dumps(digest(baseline))}")
    lines += ["binaryData:", f"  {BASELINE_KEY}: {packed}", ""]
    return "\n".join(lines)


def encoded_costs(baseline: Baseline) -> Mapping[str, int]:
    """About how many bytes of the packed and encoded document each column's features take."""
    packer = zlib.compressobj(9)
    costs: Counter[str] = Counter()
    document = to_document(baseline)
    for feature in (*document["features"], *document.get("derivedFeatures", ())):
        text = json.dumps(feature, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
        size = len(packer.compress(text.encode()) + packer.flush(zlib.Z_SYNC_FLUSH))
        costs[feature.get("derived", {}).get("from", feature["name"])] += size * 4 // 3
    return costs


def _too_large(baseline: Baseline, encoded_bytes: int) -> str:
    surplus = encoded_bytes - MAX_ENCODED_BYTES
    named, saved = [], 0
    for name, cost in sorted(encoded_costs(baseline).items(), key=lambda item: -item[1]):
        if saved >= surplus:
            break
        named.append(f"{name} ({_kib(cost)})")
        saved += cost
    more = f" and {len(named) - _MOST_NAMED} more" if len(named) > _MOST_NAMED else ""
    return (
        f"takes {_kib(encoded_bytes)} encoded, {_kib(MAX_ENCODED_BYTES)} is the most; drop with "
        f"--ignore e.g. {', '.join(named[:_MOST_NAMED])}{more}{_fewer_words(baseline)}"
    )


def _fewer_words(baseline: Baseline) -> str:
    if not any(feature.derived for feature in baseline.features):
        return ""
    return "; or keep fewer words of texts with --vocabulary N, or none with --vocabulary 0"


def _kib(size_bytes: int) -> str:
    return f"{size_bytes / 1024:.1f} KiB"
