"""Which model is meant, where there are several."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from modelmonitor_api.errors import InputError
from modelmonitor_cli.backtest.options import BacktestOptions
from modelmonitor_cli.backtest.subject import Subject, subject_of
from modelmonitor_cli.testing_backtest import known

Saved = Callable[..., Path]

TWO = {"models": [
    {"name": "churn", "match": {"paths": ["/churn"]}},
    {"name": "price", "match": {"paths": ["/price"]}},
]}  # fmt: skip


@pytest.fixture
def chosen(saved: Saved) -> Callable[..., Subject]:
    """The subject of baselines by name; `a=churn` is a file a.json for model churn."""

    def choose(*names: str, **options: Any) -> Subject:
        files = []
        for name in names:
            file, _, model = name.rpartition("=")
            one = replace(known(), model=model)
            files.append(f"{file and file + '='}{saved(one, f'{model}.json')}")
        return subject_of(BacktestOptions((), tuple(files), **options))

    return choose


def test_the_only_baseline_names_the_model(chosen: Callable[..., Subject]) -> None:
    subject = chosen("churn")
    assert subject.model.name == "churn"
    assert len(subject.monitor.models) == 1


def test_a_written_name_and_version_win(chosen: Callable[..., Subject]) -> None:
    subject = chosen("sales@7=churn")
    assert (subject.model.name, subject.version) == ("sales", "7")


def test_one_of_several_baselines_is_chosen_by_name(chosen: Callable[..., Subject]) -> None:
    assert chosen("churn", "price", model="price").model.name == "price"
    with pytest.raises(InputError, match="pass --monitor FILE"):
        chosen("churn", "price")


def test_a_model_of_the_monitor_is_chosen_and_its_neighbours_share_the_budget(
    chosen: Callable[..., Subject], monitor: Callable[..., Path]
) -> None:
    subject = chosen("churn", "price", model="price", monitor=monitor(**TWO))
    assert subject.model.paths == ("/price",)
    assert subject.budget(3, 1_000_000).models == 2


@pytest.mark.parametrize(
    ("names", "options", "sentence"),
    [
        (["churn", "price"], {}, "the files are for churn, price; say which with --model NAME"),
        (["churn"], {"model": "price"}, "no --baseline is for it"),
        (["churn"], {"model": "sales"}, "the monitor's models are churn, price"),
        (["churn@1=churn", "churn@2=churn"], {}, "2 files are for model churn; keep that"),
    ],
)
def test_what_fits_no_model_or_several_is_refused(
    chosen: Callable[..., Subject],
    monitor: Callable[..., Path],
    names: list[str],
    options: dict[str, str],
    sentence: str,
) -> None:
    with pytest.raises(InputError, match=sentence):
        chosen(*names, monitor=monitor(**TWO), **options)


def test_a_name_that_no_baseline_has_is_refused(chosen: Callable[..., Subject]) -> None:
    with pytest.raises(InputError, match=r"--model sales: the baselines are for churn; write"):
        chosen("churn", model="sales")
