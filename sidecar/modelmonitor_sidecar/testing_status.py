"""A status as a busy collector has it, for tests of its page and its JSON."""

from dataclasses import replace

from modelmonitor_sidecar.expose.status import (
    Cell,
    FeatureStatus,
    Flow,
    Judgement,
    ModelStatus,
    Moments,
    Outcome,
    PayloadStatus,
    Share,
    Status,
    WindowStatus,
)

NOW = 1_700_000_000.0


def judgement(verdict: Outcome = "ok") -> Judgement:
    """A verdict whose numbers agree with it."""
    drifts = verdict == "drift"
    return Judgement(
        verdict=verdict,
        effect=0.42 if drifts else 0.01,
        effect_measure="psi",
        effect_threshold=0.1,
        z=14.2 if drifts else 0.3,
        z_threshold=6.1,
        needed_rows=200,
        provisional=False,
        confirmed=drifts,
        since=NOW - 720.0 if drifts else None,
        distances={"n": 2000, "psi": 0.43, "psiExpected": 0.01, "js": 0.2, "hellinger": 0.2}
        | {"ks": 0.3, "wasserstein": float("inf"), "chi2": 300.0, "df": 9, "phi": 1.2},
    )


def feature(name: str = "age", verdict: Outcome = "ok") -> FeatureStatus:
    """A numeric feature with four bins."""
    rows = 37 if verdict == "insufficient" else 2000
    return FeatureStatus(
        feature=name,
        role="input",
        kind="numeric",
        rows=rows,
        values=rows,
        judgement=judgement(verdict),
        shares=(
            Share("missing", 3, 0.0015, 0.0, "ok"),
            Share("invalid", 0, 0.0, 0.0, "ok"),
            Share("unseen", 0, 0.0, 0.0, "ok"),
            Share("outOfRange", 40, 0.02, 0.0, "drift" if verdict == "drift" else "ok"),
        ),
        cells=(
            Cell("up to 20", 900, 250, 20.0),
            Cell("20 to 40", 600, 250, 40.0),
            Cell("40 to 60", 400, 250, 60.0),
            Cell("above 60", 97, 250),
        ),
        moments=Moments(31.5, 11.0, 14.0, 99.0),
        baseline_moments=Moments(41.9, 12.1, 14.0, 85.0),
        quantiles={"0.05": 17.0, "0.5": 28.0, "0.95": 55.0},
    )


def colour(name: str = "colour", verdict: Outcome = "ok") -> FeatureStatus:
    """A categorical feature."""
    return replace(
        feature(name, verdict),
        kind="categorical",
        cells=(Cell("red", 1200, 600), Cell("blue", 500, 400), Cell("__unseen__", 297, 0)),
        moments=None,
        baseline_moments=None,
        quantiles={},
    )


def window(name: str, *features: FeatureStatus) -> WindowStatus:
    """A window with these features."""
    by_rows = name.endswith("r")
    start, end = (4000.0, 6000.0) if by_rows else (NOW - 300.0, NOW)
    verdicts = [one.judgement.verdict for one in features if one.judgement is not None]
    order: tuple[Outcome, ...] = ("drift", "ok", "insufficient")
    worst = next((verdict for verdict in order if verdict in verdicts), None)
    rows = max((one.rows for one in features), default=0)
    return WindowStatus(name, rows, start, end, by_rows, worst, features)


def model(*windows: WindowStatus, baseline: str | None = "a1b2c3d4") -> ModelStatus:
    """A model with these windows."""
    return ModelStatus(
        model="churn",
        version="3",
        baseline=baseline,
        baseline_rows=None if baseline is None else 20_000,
        rows=max((one.rows for one in windows), default=0),
        rows_invalid={"width": 0},
        rows_without_prediction=0,
        last_row=NOW - 3.0,
        features_dropped=0,
        windows=windows,
    )


def status(*models: ModelStatus) -> Status:
    """A status with these models; its windows are those of the first."""
    names = tuple(one.window for one in models[0].windows) if models else ()
    return Status(
        monitor="churn",
        namespace="team-a",
        release="1.0",
        now=NOW,
        started=NOW - 3_700.0,
        restarts=1,
        proxies=1,
        configuration="loaded",
        problems=(),
        series=441,
        series_budget=20_000,
        series_dropped=0,
        windows=names,
        flow=Flow(5.0, (0, 3, 10), (0, 30, 100)),
        payloads=(PayloadStatus("churn", 2000, {"not_json": 2}, {"status": 1}),),
        models=models,
    )
