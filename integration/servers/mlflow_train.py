"""Logs a scikit-learn pipeline to a local MLflow store; `FOLDER/model` is what is served.

python mlflow_train.py FOLDER
"""

import sys
from pathlib import Path

import mlflow
import pandas as pd
from customers import FEATURES, LABEL, customers, with_answers, write_csv
from mlflow.models import infer_signature
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

TRAINING_ROWS = 2_000
SEED = 1


def main(folder: Path) -> None:
    """Train, log with a signature, download beside the training table."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = customers(TRAINING_ROWS, SEED)
    frame = pd.DataFrame(rows).astype({"age": float, "tenure_months": float})
    features, label = frame[list(FEATURES)], frame[LABEL]
    numbers = make_pipeline(SimpleImputer(), StandardScaler())
    columns = make_column_transformer((OneHotEncoder(), ["plan"]), remainder=numbers)
    model = make_pipeline(columns, LogisticRegression())
    model.fit(features, label)
    predictions = model.predict(features).tolist()
    write_csv(folder / "customers.csv", with_answers(rows, prediction=predictions))
    mlflow.set_tracking_uri(f"sqlite:///{folder / 'mlflow.db'}")
    mlflow.create_experiment("customers", artifact_location=(folder / "artifacts").as_uri())
    mlflow.set_experiment("customers")
    with mlflow.start_run():
        signature = infer_signature(features, model.predict(features))
        logged = mlflow.sklearn.log_model(
            model,
            name="model",
            signature=signature,
            serialization_format="cloudpickle",
            pip_requirements=["scikit-learn"],
        )
    mlflow.artifacts.download_artifacts(logged.model_uri, dst_path=str(folder / "model"))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
