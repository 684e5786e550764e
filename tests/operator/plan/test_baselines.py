"""A baseline that cannot be read takes no good one out of use."""

from modelmonitor_api.spec import ModelMonitor
from modelmonitor_api.spec_reading import parse_monitor
from modelmonitor_operator.plan.baselines import choose_baselines, config_maps
from modelmonitor_operator.testing_monitors import baseline, monitor
from modelmonitor_operator.world import KnownBaseline, LoadedBaseline, SeenBaseline, World

NEW, OLD = KnownBaseline(baseline(100), "new"), KnownBaseline(baseline(200), "old")
BROKEN = SeenBaseline(None, "is broken")


def churn(*sources: dict[str, str]) -> ModelMonitor:
    return parse_monitor(monitor(models=[{"name": "churn", "baselines": list(sources)}]))


def test_what_can_be_read_is_used() -> None:
    parsed = churn({"configMap": "a"}, {"configMap": "b", "version": "2"})
    world = World(baselines={"a": SeenBaseline(NEW), "b": SeenBaseline(OLD)})

    chosen = choose_baselines(parsed, world)

    assert chosen.used == (
        LoadedBaseline("churn", None, NEW),
        LoadedBaseline("churn", "2", OLD),
    )
    assert chosen.problems == ()


def test_what_was_loaded_before_stays_in_use_while_the_new_one_is_broken() -> None:
    parsed = churn({"configMap": "a"})
    world = World(baselines={"a": BROKEN}, loaded=[LoadedBaseline("churn", None, OLD)])

    chosen = choose_baselines(parsed, world)

    assert chosen.used == (LoadedBaseline("churn", None, OLD),)
    (problem,) = chosen.problems
    assert problem.startswith("ConfigMap a is broken (baseline old of before stays in use)")


def test_only_a_baseline_of_the_same_version_takes_its_place() -> None:
    parsed = churn({"configMap": "a", "version": "2"})
    world = World(baselines={"a": BROKEN}, loaded=[LoadedBaseline("churn", "1", OLD)])

    chosen = choose_baselines(parsed, world)

    assert chosen.used == ()
    assert "without it drift is not judged" in chosen.problems[0]


def test_a_config_map_that_is_not_there_is_named_with_the_command_that_makes_it() -> None:
    chosen = choose_baselines(churn({"configMap": "a"}), World())

    assert "ConfigMap a does not exist" in chosen.problems[0]
    assert "--configmap a" in chosen.problems[0]


def test_a_config_map_of_two_models_is_read_once() -> None:
    models = [{"name": name, "baselines": [{"configMap": "a"}]} for name in ("x", "y")]

    assert config_maps(parse_monitor(monitor(models=models))) == ("a",)
