"""Which share of columns evidently calls drifted; runs in evidently's own environment.

Prints JSON: lines by method.  `default` is what it chooses itself, by the size of the reference.
"""

import json
import sys
import warnings
from typing import Any

import pandas
from evidently import Report
from evidently.presets import DataDriftPreset
from false_alarms_tables import COLUMNS, Case, Table, cases, cell, column_names, reference

METHODS: dict[str, dict[str, Any]] = {
    "default": {},
    "psi": {"method": "psi"},
}


def flagged(window: Table, held_against: pandas.DataFrame, options: dict[str, Any]) -> float:
    """The share of a window's columns."""
    now = pandas.DataFrame(window, columns=column_names())
    found = Report([DataDriftPreset(**options)]).run(now, held_against).dict()
    count: float = found["metrics"][0]["value"]["count"]
    return count / COLUMNS


def lines(case: Case, held_against: pandas.DataFrame, options: dict[str, Any]) -> dict[str, float]:
    """The mean over all windows of a case."""
    return cell(case, [flagged(window, held_against, options) for window in case.windows])


def main() -> None:
    """Print all methods."""
    warnings.simplefilter("ignore")
    held_against = pandas.DataFrame(reference(), columns=column_names())
    found = {
        name: [lines(case, held_against, options) for case in cases()]
        for name, options in METHODS.items()
    }
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
