"""What is allowed and yet worth a word before going live."""

from collections.abc import Iterator, Sequence

from modelmonitor_api.errors import SpecError
from modelmonitor_api.selection import check_selection
from modelmonitor_api.spec import Model, ModelMonitor
from modelmonitor_cli.validate.estimate import Estimate
from modelmonitor_cli.validate.training_rows import training_remarks
from modelmonitor_operator.render.settings import RenderSettings
from modelmonitor_operator.render.sidecar_config_map import UsedBaseline

SCRAPES_A_WINDOW = 4
_MINUTE_SECONDS = 60


def remarks(
    monitor: ModelMonitor,
    baselines: Sequence[UsedBaseline],
    cost: Estimate,
    settings: RenderSettings,
) -> Iterator[str]:
    """A sentence each."""
    yield from _of_cluster(monitor)
    interval = settings.interval_seconds
    if "1m" in monitor.windows and SCRAPES_A_WINDOW * interval > _MINUTE_SECONDS:
        yield f"spec.windows: 1m holds fewer than {SCRAPES_A_WINDOW} scrapes of {interval} s each"
    for model in monitor.models:
        own = [one for one in baselines if one.model == model.name]
        yield from _of_model(model, own)
    if cost.series_dropped:
        yield (
            f"{cost.series_dropped} series are over the budget of {settings.series_budget} and "
            "are left out, by whole features from the end; ignore features, or use fewer bins"
        )


def _of_cluster(monitor: ModelMonitor) -> Iterator[str]:
    try:
        check_selection(monitor)
    except SpecError as error:
        yield f"{error}; modelmonitor run does without"


def _of_model(model: Model, baselines: Sequence[UsedBaseline]) -> Iterator[str]:
    if not baselines:
        yield f"model {model.name}: no --baseline given, so drift is not judged"
        return
    known = {feature.name for one in baselines for feature in one.baseline.inputs}
    for feature in model.features:
        if not feature.ignore and feature.name not in known:
            yield f"model {model.name}: feature {feature.name} is in no baseline: it is not judged"
    said = [
        remark for one in baselines for remark in training_remarks(model.features, one.baseline)
    ]
    yield from (f"model {model.name}: {remark}" for remark in dict.fromkeys(said))
    if any(one.baseline.provisional for one in baselines):
        yield (
            f"model {model.name}: a baseline has no order of time, so its verdicts are provisional "
            "and never page; build it with --time COLUMN"
        )
