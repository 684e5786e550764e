"""Trains the model that `kserve_server.py` serves.

python kserve_train.py FOLDER
"""

import sys
from pathlib import Path

import joblib
from bundled import trained, write_training_csv


def main(folder: Path) -> None:
    """`FOLDER/model.joblib` and the table that it was trained on."""
    folder.mkdir(parents=True, exist_ok=True)
    pipeline = trained("wine")
    joblib.dump(pipeline, folder / "model.joblib")
    write_training_csv("wine", pipeline, folder / "wine.csv")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
