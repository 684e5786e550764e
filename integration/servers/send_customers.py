"""Sends customers to LitServe's API, one a request; prints its answers by status.

It ends before its time where the file /tmp/enough is made.

python send_customers.py URL COUNT SEED INCOME_FACTOR REQUESTS_PER_SECOND
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import requests
from customers import customers, features_only

ENOUGH = Path("/tmp/enough")


def sent(url: str, rows: list[dict[str, Any]], rate: float) -> dict[str, int]:
    """How many answers of each status, at an even pace."""
    statuses: dict[str, int] = {}
    begun = time.monotonic()
    session = requests.Session()
    for number, row in enumerate(rows):
        if ENOUGH.exists():
            break
        due = begun + number / rate
        time.sleep(max(0.0, due - time.monotonic()))
        status = str(session.post(f"{url}/predict", json=row, timeout=30).status_code)
        statuses[status] = statuses.get(status, 0) + 1
    return statuses


def shifted(row: dict[str, Any], factor: float) -> dict[str, Any]:
    """The customer as a currency that changed would show it."""
    income = row["income"]
    return {**row, "income": None if income is None else income * factor}


if __name__ == "__main__":
    url, count, seed, factor, rate = sys.argv[1:]
    rows = [shifted(features_only(one), float(factor)) for one in customers(int(count), int(seed))]
    print(json.dumps(sent(url, rows, float(rate))))
