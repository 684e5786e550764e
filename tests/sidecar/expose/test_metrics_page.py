"""`docs/metrics.md` and the names in the code are one list."""

import re
from pathlib import Path

from modelmonitor_api import names

PAGE = Path(__file__).parents[3] / "docs" / "metrics.md"
METRIC_ROW = re.compile(r"^\| `(modelmonitor_[a-z_]+)` \| (\w+) \|([^|]*)\|", re.MULTILINE)


def documented() -> list[str]:
    return [name for name, _, _ in METRIC_ROW.findall(PAGE.read_text())]


def known() -> set[str]:
    values = (value for key, value in vars(names).items() if key.isupper())
    return {value for value in values if str(value).startswith("modelmonitor_")}


def test_every_metric_of_the_code_is_in_the_page_and_no_other() -> None:
    assert set(documented()) == known()


def test_no_metric_is_documented_twice() -> None:
    assert len(documented()) == len(set(documented()))


def test_every_label_of_the_page_is_a_known_label() -> None:
    labels = {value for key, value in vars(names).items() if key.startswith("L_")}
    used = {
        label
        for _, _, cell in METRIC_ROW.findall(PAGE.read_text())
        for label in re.findall(r"`([a-z_]+)`", cell)
    }

    assert used <= labels
