"""Plain HTTP, as LitServe's documentation does it.

python litserve_client.py URL JOURNAL
"""

import sys

import requests
from customers import customers, features_only
from journal import Journal

ROWS = 300
SEED = 4

if __name__ == "__main__":
    session = requests.Session()
    with Journal(sys.argv[2]) as book:
        for customer in customers(ROWS, SEED):
            row = features_only(customer)
            answer = session.post(f"{sys.argv[1]}/predict", json=row)
            book.write(
                "customers",
                [row],
                answer.status_code,
                answer.content,
                [answer.json().get("prediction")],
                [answer.json().get("score")],
            )
