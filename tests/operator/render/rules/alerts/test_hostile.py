"""Whatever people call a model, a feature or a category stays text: promtool is the judge."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from modelmonitor_api import names, recorded
from modelmonitor_cli.testing_judged import (
    BROKEN,
    COUNTRY,
    STEP_SECONDS,
    baselines,
    counters,
    share,
)
from modelmonitor_operator.render.promql import quoted
from modelmonitor_operator.render.rules.baseline_group import baseline_group
from modelmonitor_operator.render.rules.groups import monitor_groups, shared_groups
from modelmonitor_operator.render.rules.rule import Group
from modelmonitor_operator.render.rules.scope import Scope
from modelmonitor_operator.render.rules.window_group import window_group
from modelmonitor_operator.render.rules.windows import needed_windows
from modelmonitor_operator.testing_alerts import Judge, Story, Told, series, together
from modelmonitor_operator.testing_stories import (
    BASELINE,
    LINKS,
    OWN,
    info,
    setting,
    told,
)

NASTY: Final = (
    '"', "'", "`", "\\", "{", "}", "{{", "}}", "{{.}}", '{{ template "x" }}', "{{end}}", "\n", "\r",
    "\t", "\0", "\x7f", "\x85", "\u2028", "\ufeff", "\ufffe", "%", "%s", "%q", "$", "$labels",
    "$1", "${1}", ",", '"} or up{x="', '"}) or vector(1)#', "# ", "é", "漢字", "😀", "\u202e", " ",
    ".*", "[5m]", "|", "<script>", "&amp;", "severity", "__name__",
)  # fmt: skip
PIECE: Final = st.sampled_from(NASTY) | st.text(st.characters(codec="utf-8"), max_size=8)
TEXT: Final = st.lists(PIECE, min_size=1, max_size=6).map("".join).filter(bool)
LONG: Final = ('"{{x}}\n😀' * 2_000)[:10_240]
ALERT: Final = recorded.FEATURE_DRIFT
EVIDENCE: Final = {
    recorded.ROWS: 4_321.0,
    recorded.SCORE: 0.25,
    recorded.THRESHOLD: 0.1,
    recorded.EVIDENCE: 12.5,
}

Names = Mapping[str, str]
"""By label: model, model_version, baseline, feature, and of the monitor itself where it has any."""


def drifting(given_names: Names) -> dict[str, str]:
    """An alarm of that feature, and the numbers of its evidence."""
    own = {**BASELINE, **given_names}
    judged = {**own, "test": "drift", "window": "5m"}
    return {
        series(recorded.ALARM, severity="warning", **judged): "0.25x20",
        series(names.BASELINE_FEATURE_INFO, role="input", **own): "1x20",
        **{series(name, **judged): f"{value}x20" for name, value in EVIDENCE.items()},
    }


def drifted(given_names: Names) -> Told:
    own = {**BASELINE, **given_names}
    feature, model, version = own["feature"], own["model"], own["model_version"]
    return told(
        ALERT,
        {**own, "test": "drift", "window": "5m"},
        recorded.WARNING,
        f"{feature} of {model} has drifted",
        f"{feature} of {model} {version} has drifted (5m, baseline {own['baseline']}): rows 4321; "
        "score 0.25; threshold 0.1; z 12.5; ",
    )


def story(all_names: Sequence[Names], *others: Mapping[str, str]) -> Story:
    monitors = {(one.get("namespace"), one.get("modelmonitor")): one for one in all_names}
    return Story(
        "names stay text",
        together(
            *(info({**OWN, **_monitor(one)}) for one in monitors.values()),
            *map(drifting, all_names),
            *others,
        ),
        300,
        (ALERT,),
        {ALERT: [drifted(one) for one in all_names]},
        every_seconds=100,
    )


def _monitor(one: Names) -> dict[str, str]:
    return {label: text for label, text in one.items() if label in OWN}


@pytest.fixture
def judged(
    promtools: list[str], tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Mapping[str, str]]:
    """What every promtool objects to, in these rules."""

    def judge(groups: Sequence[Group], *stories: Story) -> dict[str, str]:
        found: dict[str, str] = {}
        for promtool in promtools:
            folder = tmp_path_factory.mktemp("hostile")
            found |= Judge(promtool, folder).failures(groups, stories)
        return found

    return judge


few = settings(
    max_examples=8,
    phases=[Phase.explicit, Phase.generate],  # promtool takes too long to shrink
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def of_features(count: int) -> st.SearchStrategy[list[Names]]:
    labels = ("model", "model_version", "baseline")
    one = st.fixed_dictionaries({"feature": TEXT, **dict.fromkeys(labels, TEXT)})
    return st.lists(one, min_size=1, max_size=count, unique_by=lambda found: found["feature"])


@pytest.mark.promtool
@given(of_features(25))
@example([dict.fromkeys(("feature", "model", "model_version", "baseline"), LONG)])
@example([dict.fromkeys(("feature", "model", "model_version", "baseline"), "".join(NASTY))])
@few
def test_names_of_models_and_features_stay_text_in_what_is_told(
    judged: Callable[..., Mapping[str, str]], given_names: list[Names]
) -> None:
    assert judged(monitor_groups("team-a", "churn", ("5m",), LINKS), story(given_names)) == {}


@pytest.mark.promtool
@given(st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=5, unique=True))
@example([(LONG, "".join(NASTY))])
@few
def test_names_of_monitors_stay_text_in_the_queries_of_texts(
    judged: Callable[..., Mapping[str, str]], monitors: list[tuple[str, str]]
) -> None:
    given_names = [
        {"namespace": namespace, "modelmonitor": monitor, "feature": "age"}
        for namespace, monitor in monitors
    ]

    assert judged(shared_groups(LINKS), story(given_names)) == {}


@pytest.mark.promtool
@given(TEXT, TEXT)
@example('x",modelmonitor=~".*', 'churn"} or up{x="')
@few
def test_rules_of_a_monitor_see_its_own_series_whatever_it_is_called(
    judged: Callable[..., Mapping[str, str]], namespace: str, monitor: str
) -> None:
    own = {"namespace": namespace, "modelmonitor": monitor, "feature": "age"}
    stranger = drifting({"namespace": "team-b", "feature": "age"})

    assert judged(monitor_groups(namespace, monitor, ("5m",), LINKS), story([own], stranger)) == {}


CHAIN: Final = tuple(
    rule.name
    for group in (baseline_group(Scope()), window_group(Scope(), needed_windows(("5m",))))
    for rule in group.rules
)


def renamed(scraped: Mapping[str, str], called: Names) -> dict[str, str]:
    found = {}
    for name, values in scraped.items():
        for text, other in called.items():
            name = name.replace(f"={quoted(text)}", f"={quoted(other)}")
        found[name] = values
    return found


@pytest.mark.promtool
@pytest.mark.parametrize("text", ["".join(NASTY), LONG[:1_000]], ids=["nasty", "long"])
def test_names_stay_text_through_the_whole_chain(
    judged: Callable[..., Mapping[str, str]], text: str
) -> None:
    at = 11 * 60
    found = share(COUNTRY, "unseen", BROKEN, at)
    scraped = together(counters([(BROKEN, 100)]), baselines(), setting("confirm", 1))
    unseen = told(
        recorded.UNSEEN_CATEGORIES,
        {
            **OWN,
            **dict.fromkeys(("model", "model_version", "baseline", "feature"), text),
            "test": "unseen",
            "window": "5m",
        },
        recorded.WARNING,
        f"{text} of {text} has categories that training never saw",
        f"{text} of {text} {text} has categories that training never saw (5m, baseline {text}): "
        f"rows {found.n}; score {found.effect:.6g}; threshold 0.1; z {found.z:.6g}; ",
    )
    called = dict.fromkeys(("churn-model", "v1", "country", "de", "0badcafe"), text)
    story = Story(
        "unseen categories of a feature are told",
        together(info(), renamed(scraped, called)),
        at + 7,
        (recorded.UNSEEN_CATEGORIES,),
        {recorded.UNSEEN_CATEGORIES: [unseen]},
        CHAIN,
        step_seconds=STEP_SECONDS,
    )

    assert judged(monitor_groups("team-a", "churn", ("5m",), LINKS), story) == {}
