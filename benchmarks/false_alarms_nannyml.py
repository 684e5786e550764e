"""Which share of columns NannyML alerts on; runs in NannyML's own environment.

Prints JSON: lines by method.  Chunks have as many rows as the case's windows, thresholds are its
defaults.
"""

import json
import logging
import sys
import warnings

import numpy as np
import pandas
from false_alarms_tables import Case, cases, cell, column_names, reference
from nannyml import UnivariateDriftCalculator

METHODS = ("jensen_shannon", "kolmogorov_smirnov", "wasserstein", "hellinger")
"""The first is its default."""


def lines(case: Case, method: str) -> dict[str, float]:
    """The share over all windows of a case."""
    names = column_names()
    calculator = UnivariateDriftCalculator(
        column_names=names, continuous_methods=[method], chunk_size=case.rows
    )
    calculator.fit(pandas.DataFrame(reference(), columns=names))
    now = pandas.DataFrame(case.table, columns=names)
    found = calculator.calculate(now).filter(period="analysis").to_df()
    alerts = [found[(name, method, "alert")] for name in names]
    return cell(case, np.array(alerts, dtype=float))


def main() -> None:
    """Print all methods."""
    warnings.simplefilter("ignore")
    logging.disable()
    found = {method: [lines(case, method) for case in cases()] for method in METHODS}
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
