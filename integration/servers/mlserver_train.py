"""Trains two scikit-learn models and lays them out as MLServer's model repository.

python mlserver_train.py FOLDER
"""

import json
import sys
from pathlib import Path

import joblib
from bundled import LOADERS, trained, write_training_csv


def main(folder: Path) -> None:
    """`FOLDER/wine` and `FOLDER/cancer`, each with its settings, and the server's own settings."""
    for name in LOADERS:
        model = folder / name
        model.mkdir(parents=True, exist_ok=True)
        pipeline = trained(name)
        joblib.dump(pipeline, model / "model.joblib")
        settings = {
            "name": name,
            "implementation": "mlserver_sklearn.SKLearnModel",
            "parameters": {"uri": "./model.joblib", "version": "v1"},
        }
        (model / "model-settings.json").write_text(json.dumps(settings, indent=1))
        write_training_csv(name, pipeline, folder / f"{name}.csv")
    (folder / "settings.json").write_text(json.dumps({"debug": False, "parallel_workers": 0}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
