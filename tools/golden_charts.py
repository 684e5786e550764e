"""Writes what Helm makes of the chart in each mode, for a test to compare; Helm is needed.

What other tests hold equal to the renderers is left out: it would be here a second time.
"""

from pathlib import Path
from typing import Any

import yaml

from tools.chart_files import dumped
from tools.chart_rendering import MODES, template

GOLDEN = Path(__file__).resolve().parent.parent / "tests" / "charts" / "golden"
LEFT_OUT = "left out: made by tools/chart_files.py"
_MADE = {
    "CustomResourceDefinition": "spec",
    "MutatingAdmissionPolicy": "spec",
    "PrometheusRule": "spec",
}


def main() -> None:
    """One file a mode."""
    for mode, values in MODES.items():
        (GOLDEN / f"{mode}.yaml").write_text(golden(template(values)))


def golden(text: str) -> str:
    """The rendered objects by kind and name, without what is made elsewhere.

    Helm 3 and Helm 4 have other orders for kinds that they do not know.
    """
    objects = sorted(yaml.safe_load_all(text), key=_place)
    return dumped(*map(_shortened, objects))


def _place(manifest: dict[str, Any]) -> tuple[str, str, str]:
    metadata = manifest["metadata"]
    return manifest["kind"], metadata["name"], metadata.get("namespace", "")


def _shortened(manifest: dict[str, Any]) -> dict[str, Any]:
    made = _MADE.get(manifest["kind"])
    if made is not None:
        return {**manifest, made: LEFT_OUT}
    if manifest["kind"] == "ConfigMap":
        data = {
            key: LEFT_OUT if key.endswith(".json") else text
            for key, text in manifest["data"].items()
        }
        return {**manifest, "data": data}
    return manifest


if __name__ == "__main__":
    main()
