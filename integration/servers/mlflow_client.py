"""The five forms that MLflow's scoring server takes on /invocations, with pandas and `requests`.

python mlflow_client.py URL JOURNAL
"""

import sys
from collections.abc import Callable
from typing import Any

import pandas as pd
import requests
from batches import batches
from customers import FEATURES, customers, features_only
from journal import Journal

ROWS = 200
SEED = 2
Row = dict[str, Any]


def dataframe_split(rows: list[Row]) -> dict[str, Any]:
    """Columns once, then rows; with the index, as pandas writes it."""
    split = pd.DataFrame(rows, columns=list(FEATURES)).astype(object).to_dict(orient="split")
    split["data"] = [[None if pd.isna(v) else v for v in row] for row in split["data"]]
    return {"dataframe_split": split}


def dataframe_records(rows: list[Row]) -> dict[str, Any]:
    """One object a row."""
    return {"dataframe_records": rows}


def instances(rows: list[Row]) -> dict[str, Any]:
    """One object a row, in the words of TensorFlow Serving."""
    return {"instances": rows}


def inputs(rows: list[Row]) -> dict[str, Any]:
    """One list a column."""
    return {"inputs": {name: [row[name] for row in rows] for name in FEATURES}}


def send_json(url: str, journal: Journal, form: Callable[[list[Row]], dict[str, Any]]) -> None:
    """All rows in this form."""
    for batch in batches([features_only(row) for row in customers(ROWS, SEED)]):
        _journal(journal, list(batch), session.post(f"{url}/invocations", json=form(list(batch))))


def send_csv(url: str, journal: Journal) -> None:
    """A table with a header; a missing value is an empty field."""
    headers = {"Content-Type": "text/csv"}
    for batch in batches([features_only(row) for row in customers(ROWS, SEED)]):
        body = pd.DataFrame(batch).to_csv(index=False)
        _journal(
            journal, list(batch), session.post(f"{url}/invocations", data=body, headers=headers)
        )


def _journal(journal: Journal, rows: list[Row], answer: requests.Response) -> None:
    predictions = answer.json().get("predictions", [])
    journal.write("customers", rows, answer.status_code, answer.content, predictions)


if __name__ == "__main__":
    session = requests.Session()
    with Journal(sys.argv[2]) as book:
        for body_form in (dataframe_split, dataframe_records, instances, inputs):
            send_json(sys.argv[1], book, body_form)
        send_csv(sys.argv[1], book)
