"""Trains the model that `litserve_server.py` serves.

python litserve_train.py FOLDER
"""

import sys
from pathlib import Path

import joblib
from customers import FEATURES, LABEL, customers, with_answers, write_csv
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.feature_extraction import DictVectorizer
from sklearn.pipeline import make_pipeline

TRAINING_ROWS = 2_000
SEED = 3
NO_INCOME = -1.0
THRESHOLD = 0.5


def features(row: dict[str, object]) -> dict[str, object]:
    """What the vectorizer takes: no missing value."""
    known = {name: row[name] for name in FEATURES}
    return {**known, "income": NO_INCOME if known["income"] is None else known["income"]}


def main(folder: Path) -> None:
    """`FOLDER/model.joblib` and the table that it was trained on."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = customers(TRAINING_ROWS, SEED)
    model = make_pipeline(
        DictVectorizer(sparse=False), HistGradientBoostingClassifier(max_iter=20, random_state=SEED)
    )
    known = [features(row) for row in rows]
    model.fit(known, [row[LABEL] for row in rows])
    scores = model.predict_proba(known)[:, 1].tolist()
    predictions = [int(score >= THRESHOLD) for score in scores]
    write_csv(folder / "customers.csv", with_answers(rows, prediction=predictions, score=scores))
    joblib.dump(model, folder / "model.joblib")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
