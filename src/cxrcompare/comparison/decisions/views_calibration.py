"""Calibration of networks if the views of a study are combined by maximum and by mean."""

from __future__ import annotations

from typing import Literal

import numpy as np
from scipy import special

from cxrcompare.comparison.compare_options import Options
from cxrcompare.comparison.decisions.calibration_errors import with_probabilities
from cxrcompare.comparison.inference.families import verdict
from cxrcompare.comparison.inference.multiplicity import adjust
from cxrcompare.comparison.inputs.panel import Panel
from cxrcompare.comparison.row_types.calibration_rows import ViewsCalibrationRow
from cxrcompare.evaluation.influence.influence_estimates import Influences, combine
from cxrcompare.evaluation.probabilities import calibration
from cxrcompare.evaluation.probabilities import smooth_calibration as smooth

_VERDICTS: tuple[Literal["mean_better"], Literal["max_better"], Literal["undecided"]] = (
    "mean_better",
    "max_better",
    "undecided",
)
"""If the error under the maximum is larger, if it is smaller, and for no test of equivalence."""


def compare(
    panel: Panel, other_views: np.ndarray | None, options: Options
) -> list[ViewsCalibrationRow]:
    """Returns a row per network and eligible finding if studies have several views.

    The maximum of calibrated probabilities is too high; the mean keeps the intercept. Ensembles
    have no row. The tests are paired, and adjusted over networks and findings.

    Args:
        panel: The runs that are compared.
        other_views: (M0, N, F), the scores of the first M0 runs under the rule that was not
            chosen; None if no study has several views.
        options: The chosen rule, level and correction.
    """
    if other_views is None:
        return []
    members = {
        name: panel.architectures[name]
        for name in with_probabilities(panel)
        if max(panel.architectures[name]) < len(other_views)
    }
    rows: list[ViewsCalibrationRow] = []
    for f in np.flatnonzero(panel.eligible) if members else []:
        both = {options.views_rule: panel.scores[:, :, f]}
        both["mean" if options.views_rule == "max" else "max"] = other_views[:, :, f]
        runs = [m for many in members.values() for m in many]
        scores = np.concatenate([both[rule][runs] for rule in ("max", "mean")])
        entries = [
            [side * len(runs) + runs.index(m) for m in many]
            for side in (0, 1)
            for many in members.values()
        ]
        rows += _rows(panel, int(f), scores, entries, list(members), options.level)
    adjusted = adjust(np.array([row.p_value for row in rows], dtype=float), options.correction)
    return [
        row._replace(
            p_adjusted=p,
            verdict=verdict(row.difference, p, float("nan"), options.level, _VERDICTS),
        )
        for row, p in zip(rows, adjusted.tolist(), strict=True)
    ]


def _rows(
    panel: Panel,
    f: int,
    scores: np.ndarray,
    entries: list[list[int]],
    names: list[str],
    level: float,
) -> list[ViewsCalibrationRow]:
    label, patients = panel.labels[:, f], panel.resamples.patient
    found = smooth.estimate(label, scores, patients, entries)
    own = smooth.intervals(found, level)
    error = [smooth.root(side) for side in (own.value, own.low, own.high)]
    fits = calibration.recalibrations(label, scores, patients, level)
    value = np.array([fit.intercept for fit in fits])
    sides = np.stack([fit.intercept_influence for fit in fits])[None]
    joined = combine(
        [Influences(value, sides, np.array([sides.shape[2]]))], entries, np.array([True])
    )
    spread = np.sqrt(joined.patient_sd[:, 0] ** 2 + joined.seed_variance[:, 0] / joined.seeds)
    half = float(special.ndtri((1 + level) / 2)) * spread
    intercept = [joined.value[:, 0], joined.value[:, 0] - half, joined.value[:, 0] + half]
    first = list(range(len(names)))
    tested = smooth.differences(found, first, [a + len(names) for a in first], level)
    return [
        ViewsCalibrationRow(
            model=name,
            finding=panel.findings[f],
            max_error=float(error[0][a]),
            max_error_low=float(error[1][a]),
            max_error_high=float(error[2][a]),
            max_intercept=float(intercept[0][a]),
            max_intercept_low=float(intercept[1][a]),
            max_intercept_high=float(intercept[2][a]),
            mean_error=float(error[0][b]),
            mean_error_low=float(error[1][b]),
            mean_error_high=float(error[2][b]),
            mean_intercept=float(intercept[0][b]),
            mean_intercept_low=float(intercept[1][b]),
            mean_intercept_high=float(intercept[2][b]),
            difference=float(tested.value[a]),
            low=float(tested.low[a]),
            high=float(tested.high[a]),
            p_value=float(tested.p_value[a]),
            p_adjusted=None,
            verdict="",
        )
        for a, (name, b) in enumerate(zip(names, range(len(names), 2 * len(names)), strict=True))
    ]
