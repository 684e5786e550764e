"""Customers of a telephone company, made from a fixed seed: numbers, a category, missing values.

Standard library only.
"""

import csv
import random
from pathlib import Path
from typing import Any

PLANS = ("basic", "plus", "pro")
FEATURES = ("age", "income", "tenure_months", "plan")
LABEL = "churned"


def customers(count: int, seed: int) -> list[dict[str, Any]]:
    """Rows with the features and the label; one income in twenty is None."""
    chance = random.Random(seed)
    return [_customer(chance) for _ in range(count)]


def _customer(chance: random.Random) -> dict[str, Any]:
    age = chance.randint(18, 90)
    income = None if chance.random() < 0.05 else round(chance.lognormvariate(10, 0.5), 2)
    tenure = min(chance.randint(0, 120), (age - 17) * 12)
    plan = chance.choices(PLANS, (5, 3, 2))[0]
    leaves = chance.random() < 0.05 + 0.9 * (plan == "basic") * (tenure < 48)
    return {"age": age, "income": income, "tenure_months": tenure, "plan": plan, LABEL: int(leaves)}


def features_only(row: dict[str, Any]) -> dict[str, Any]:
    """The row as a client sends it: without the label."""
    return {name: row[name] for name in FEATURES}


def with_answers(rows: list[dict[str, Any]], **columns: list[Any]) -> list[dict[str, Any]]:
    """The rows with what the model answered, one more column each."""
    answers = [
        dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)
    ]
    return [{**row, **answer} for row, answer in zip(rows, answers, strict=True)]


def write_csv(path: Path, rows: list[dict[str, Any]]) -> None:
    """A table with a header, in the order of the rows' keys; None becomes an empty field."""
    with path.open("w", newline="") as file:
        table = csv.DictWriter(file, rows[0].keys())
        table.writeheader()
        table.writerows(rows)
