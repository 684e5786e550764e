"""Names of what the Prometheus rules record and of the alerts they raise, spelled once.

Rules write them; dashboards, runbooks, alert texts and people's own queries read them.  It refuses
to know the expressions behind the names.  `docs/rules.md` is the same for people.
"""

from typing import Final

# --- recorded series, with the labels namespace, modelmonitor, model, model_version ---------------
COUNTED_ROWS: Final = "modelmonitor:counted_rows"
"""Rows of a window as counted: cumulative over bins (`bin`, `prev`), by `category`, and those that
are missing, invalid, unseen or out of range by `test`."""
CELL_ROWS: Final = "modelmonitor:cell_rows"
"""Rows of a window in each bin or category."""
SHARE: Final = "modelmonitor:share"
"""Smoothed shares: of each bin or category of the rows with a value, of each `test` of all rows."""
LIVE_ROWS: Final = "modelmonitor:live_rows"
"""Rows of a window with a value; absent where there are none."""
ROWS: Final = "modelmonitor:rows"
"""Rows that a test judged, by `test`."""
DISTANCE: Final = "modelmonitor:distance"
"""Every distance to the baseline, by label `distance`."""
SCORE: Final = "modelmonitor:score"
"""The effect of a test; of the change detector its log e-value."""
THRESHOLD: Final = "modelmonitor:threshold"
"""What the score has to exceed."""
EVIDENCE: Final = "modelmonitor:z"
"""The evidence of a test, a normal score."""
VERDICT: Final = "modelmonitor:verdict"
"""0 ok, 1 drift, -1 not enough data."""
DRIFTING_WINDOWS: Final = "modelmonitor:drifting_windows"
"""How many windows that do not overlap drifted in a row; absent where the last one did not."""
ALARM: Final = "modelmonitor:alarm"
"""The score of a test that drifts for as many windows as were asked for; with `severity`."""
ROLLOUT: Final = "modelmonitor:rollout"
"""Present while a version of a model is younger than the window: alarms wait."""
MIDDLE_SHARE: Final = "modelmonitor:middle_share"
"""Half way between the shares of a window and of the baseline, by `test`."""
POOLED_SHARE: Final = "modelmonitor:pooled_share"
"""Of the rows of a window and of the baseline together, by `test`."""
BASELINE_CUMULATIVE_ROWS: Final = "modelmonitor:baseline_cumulative_rows"
BASELINE_CELL_ROWS: Final = "modelmonitor:baseline_cell_rows"
BASELINE_SHARE: Final = "modelmonitor:baseline_share"
"""As `SHARE`, of the baseline."""
BASELINE_STEP: Final = "modelmonitor:baseline_step"
"""Between neighbouring bins, in standard deviations of the baseline."""
BASELINE_FLAGGED_ROWS: Final = "modelmonitor:baseline_flagged_rows"
BASELINE_ROWS: Final = "modelmonitor:baseline_rows"
"""Rows of the baseline that have a value."""
BASELINE_ALL_ROWS: Final = "modelmonitor:baseline_all_rows"
"""Those, the missing and the invalid."""
FEATURE_SETTING: Final = "modelmonitor:feature_setting"
"""One copy of what the sidecars expose, by `setting`."""
MODEL_SETTING: Final = "modelmonitor:setting"
EVIDENCE_THRESHOLD: Final = "modelmonitor:z_threshold"
"""What `modelmonitor:z` has to exceed, by `window`: the false-alarm budget's share."""
SEVERITY: Final = "modelmonitor:severity"
"""Always 1: how loud an alarm of a feature is (`severity`), of windows and of the change detector
(`setting`)."""
RHO: Final = "modelmonitor:rho"
"""How much rows of one window resemble each other; there for the windows that are asked for."""
CONTINUITY: Final = "modelmonitor:continuity"
"""Of each sidecar within `window`: 0 counters go on, 1 they began anew, 2 they have no value before
it to compare with."""
BATCH_COUNTED_ROWS: Final = "modelmonitor:batch_counted_rows"
BATCH_CELL_ROWS: Final = "modelmonitor:batch_cell_rows"
"""The change detector's last batch, one minute."""
BATCH_DISPERSION: Final = "modelmonitor:batch_dispersion"
"""What the batch is divided by before it counts as evidence, by `memory`."""
BATCH_EVIDENCE: Final = "modelmonitor:batch_log_evidence"
"""By how much the batch makes a change likelier, by `memory`; nothing where it has no rows."""
MEMORY_LENGTH: Final = "modelmonitor:memory_length_rows"
"""After how many rows each `memory` has mostly forgotten."""
MEMORY_ROWS: Final = "modelmonitor:memory_rows"
"""What the change detector remembers, by `memory` (short, medium, long); reads its own past."""
LOG_EVIDENCE: Final = "modelmonitor:log_evidence"
"""e-CUSUM by `memory`; reads its own last value."""
DETECTOR_AGE: Final = "modelmonitor:detector_age_seconds"
"""For how long the change detector has run without a gap."""
REQUESTS_BY_CODE: Final = "modelmonitor:requests_by_code"
"""Requests of the last 5 minutes by `code`."""
BURN_RATE: Final = "modelmonitor:burn_rate"
"""How many times too fast the budget of an objective is spent, by `outcome` and `window`."""
BURNING: Final = "modelmonitor:burning"
"""The burn rate where it is too high for long enough, by `outcome` and `severity`."""
REQUESTS: Final = "modelmonitor:requests"
"""Requests in a window by `outcome`: total, failed (5xx), slow (failed or over the objective)."""
LATENCY: Final = "modelmonitor:latency_seconds"
"""Mean duration of a request in a window."""
MEMORY_BYTES: Final = "modelmonitor:memory_bytes"
"""Mean memory of the pods' own containers, where the cluster measures it."""

# --- labels that only recorded series and alerts have --------------------------------------------
L_NAMESPACE: Final = "namespace"
L_TEST: Final = "test"
L_DISTANCE: Final = "distance"
L_MEMORY: Final = "memory"
L_SEVERITY: Final = "severity"

DRIFT: Final = "drift"
MISSING: Final = "missing"
INVALID: Final = "invalid"
UNSEEN: Final = "unseen"
RANGE: Final = "range"
CHANGE: Final = "change"
WEEK: Final = "week"
"""The second opinion: the same hour a week ago in the baseline's place; shown, never an alarm."""
SHARE_TESTS: Final = (MISSING, INVALID, UNSEEN, RANGE)
WINDOW_TESTS: Final = (DRIFT, *SHARE_TESTS)
SEQUENTIAL: Final = "sequential"
"""The value of label `window` where there is none: the change detector's."""

DISTANCES: Final = (
    "psi", "psi_expected", "js", "hellinger", "ks", "wasserstein", "chi2", "df", "phi",
)  # fmt: skip
"""Values of label `distance`.  `ks` and `wasserstein` (in standard deviations of the baseline) are
there for features with an order, `df` and `phi` belong to `chi2`."""
WEEK_DISTANCES: Final = ("week_psi", "week_chi2", "week_df")
"""The same against the same hour a week ago: PSI beyond chance, chi-square over its dispersion."""
MEMORIES: Final = ("short", "medium", "long")

CRITICAL: Final = "critical"
WARNING: Final = "warning"

# --- alerts ------------------------------------------------------------------------------------
ERROR_BUDGET_BURN: Final = "ModelMonitorErrorBudgetBurn"
LATENCY_BUDGET_BURN: Final = "ModelMonitorLatencyBudgetBurn"
SERVER_UNREACHABLE: Final = "ModelMonitorServerUnreachable"
NO_TRAFFIC: Final = "ModelMonitorNoTraffic"
TRAFFIC_UNUSUAL: Final = "ModelMonitorTrafficUnusual"
FEATURE_DRIFT: Final = "ModelMonitorFeatureDrift"
FEATURE_CHANGE: Final = "ModelMonitorFeatureChange"
PREDICTION_DRIFT: Final = "ModelMonitorPredictionDrift"
MISSING_VALUES: Final = "ModelMonitorMissingValues"
INVALID_VALUES: Final = "ModelMonitorInvalidValues"
UNSEEN_CATEGORIES: Final = "ModelMonitorUnseenCategories"
OUT_OF_RANGE: Final = "ModelMonitorOutOfRange"
COLUMN_MISSING: Final = "ModelMonitorColumnMissing"
COLUMN_UNEXPECTED: Final = "ModelMonitorColumnUnexpected"
PREDICTION_NOT_FINITE: Final = "ModelMonitorPredictionNotFinite"
MODEL_STALE: Final = "ModelMonitorModelStale"
VERSION_WITHOUT_BASELINE: Final = "ModelMonitorVersionWithoutBaseline"
LATENCY_CREEP: Final = "ModelMonitorLatencyCreep"
MEMORY_CREEP: Final = "ModelMonitorMemoryCreep"
VERSION_REGRESSION: Final = "ModelMonitorVersionRegression"
CAPTURE_DROPPING: Final = "ModelMonitorCaptureDropping"
PAYLOADS_UNDECODABLE: Final = "ModelMonitorPayloadsUndecodable"
COLLECTOR_DOWN: Final = "ModelMonitorCollectorDown"
BLIND: Final = "ModelMonitorBlind"
SERIES_BUDGET_EXCEEDED: Final = "ModelMonitorSeriesBudgetExceeded"
OPAQUE_TRAFFIC: Final = "ModelMonitorOpaqueTraffic"
TARGETS_MISSING: Final = "ModelMonitorTargetsMissing"

ALERTS: Final = (
    ERROR_BUDGET_BURN, LATENCY_BUDGET_BURN, SERVER_UNREACHABLE, NO_TRAFFIC, TRAFFIC_UNUSUAL,
    FEATURE_DRIFT, FEATURE_CHANGE, PREDICTION_DRIFT, MISSING_VALUES, INVALID_VALUES,
    UNSEEN_CATEGORIES, OUT_OF_RANGE, COLUMN_MISSING, COLUMN_UNEXPECTED, PREDICTION_NOT_FINITE,
    MODEL_STALE, VERSION_WITHOUT_BASELINE, LATENCY_CREEP, MEMORY_CREEP, VERSION_REGRESSION,
    CAPTURE_DROPPING, PAYLOADS_UNDECODABLE, COLLECTOR_DOWN, BLIND, SERIES_BUDGET_EXCEEDED,
    OPAQUE_TRAFFIC, TARGETS_MISSING,
)  # fmt: skip
"""In the order in which runbook and rules list them: the model, its data, the monitor itself."""
