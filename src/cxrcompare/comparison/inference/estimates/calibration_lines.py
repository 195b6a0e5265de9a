"""Calibration slope and intercept of every run and architecture."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import special

from cxrcompare.comparison.inputs.baselines.constant_baselines import NOTHING
from cxrcompare.comparison.inputs.panel import Panel
from cxrcompare.comparison.row_types.column_types import ALL_SEEDS, MICRO
from cxrcompare.comparison.row_types.main_rows import MetricRow
from cxrcompare.evaluation import student_t
from cxrcompare.evaluation.probabilities.calibration import Recalibration, recalibrations
from cxrcompare.threads import threads_for

METRICS = ("calibration_slope", "calibration_intercept")


def rows(panel: Panel, level: float) -> list[MetricRow]:
    """Returns the rows of slope and intercept of architectures and runs with probabilities.

    There is a row per finding and one for a fit to all findings together ("micro"). There is no
    mean over findings, because a single slope of nearly constant scores would dominate it. The
    intervals are Wald intervals with a sandwich variance clustered by patient. For a mean over
    seeds, the influence of each patient is averaged over seeds before it is squared, which keeps
    the correlation between seeds. The interval of an architecture with several seeds adds, in
    quadrature, Student's half width of the mean over seeds.
    """
    if not any(run.probabilities for run in panel.runs if run.kind == "network"):
        return []
    positives, negatives = panel.totals
    found: list[MetricRow] = []
    for name, fits in _fit(panel, level).items():
        for metric in METRICS:
            for k, finding in enumerate((*panel.findings, MICRO)):
                one = fits[k][metric]
                row = MetricRow(
                    model=name,
                    seed=ALL_SEEDS,
                    finding=finding,
                    metric=metric,
                    value=None,
                    low=None,
                    high=None,
                    positives=positives[k],
                    negatives=negatives[k],
                    subgroup="",
                    defined=int((~np.isnan(one.values)).all()),
                    method="wald, clustered",
                    patient_sd=None,
                    seed_sd=None,
                )
                found.append(_estimated(row, one.values, one.patient_sd, level))
                for i, m in enumerate(panel.architectures[name]):
                    if panel.runs[m].seed:
                        single = row._replace(
                            seed=panel.runs[m].seed, defined=int(not np.isnan(one.values[i]))
                        )
                        values, deviation = one.values[i : i + 1], float(one.patient_sds[i])
                        found.append(_estimated(single, values, deviation, level))
    return found


class _Fits(NamedTuple):
    """A coefficient of an architecture's runs.

    Attributes:
        values: (S,).
        patient_sd: The standard deviation of their mean over patients.
        patient_sds: (S,), that of each.
    """

    values: np.ndarray
    patient_sd: float
    patient_sds: np.ndarray


def _fit(panel: Panel, level: float) -> dict[str, list[dict[str, _Fits]]]:
    """Fits each finding and all findings together, {architecture: [{metric: fits}]}; in threads."""
    findings = len(panel.findings)
    patients = panel.resamples.patient
    chosen = {
        name: members
        for name, members in panel.architectures.items()
        if name != NOTHING and panel.probabilities[members].all()
    }
    runs = [m for members in chosen.values() for m in members]

    def together() -> list[Recalibration]:
        scores = [panel.scores[m].ravel() for m in runs]
        return recalibrations(panel.labels.ravel(), scores, np.repeat(patients, findings), level)

    with threads_for(panel.scores.size) as start:
        last = start(together)  # first, because it takes longest
        each = [
            start(recalibrations, panel.labels[:, f], panel.scores[runs, :, f], patients, level)
            for f in range(findings)
        ]
        fitted = [dict(zip(runs, one.result(), strict=True)) for one in (*each, last)]
    return {
        name: [_of_metrics([of_run[m] for m in members]) for of_run in fitted]
        for name, members in chosen.items()
    }


def _of_metrics(fits: list[Recalibration]) -> dict[str, _Fits]:
    """Returns the coefficients of an architecture's runs."""
    return {
        "calibration_slope": _fits(
            [fit.slope for fit in fits], [fit.slope_influence for fit in fits]
        ),
        "calibration_intercept": _fits(
            [fit.intercept for fit in fits], [fit.intercept_influence for fit in fits]
        ),
    }


def _fits(values: list[float], influences: list[np.ndarray]) -> _Fits:
    influence = np.stack(influences)
    return _Fits(
        np.array(values),
        float(np.sqrt(np.sum(influence.mean(axis=0) ** 2))),
        np.sqrt(np.sum(influence**2, axis=1)),
    )


def _estimated(row: MetricRow, value: np.ndarray, patient_sd: float, level: float) -> MetricRow:
    """Returns the row with the mean over seeds; NaN if the value of any seed is not defined.

    Args:
        row: A row without numbers.
        value: (S,).
        patient_sd: The standard deviation of the mean over patients.
        level: The level of the interval.
    """
    z = special.ndtri((1 + level) / 2)
    seeds = len(value)
    mean = float(value.mean())
    seed_sd = float(value.std(ddof=1) / np.sqrt(seeds)) if seeds > 1 else float("nan")
    seed_half_width = student_t.quantile((1 + level) / 2, seeds - 1) * seed_sd if seeds > 1 else 0.0
    half_width = float(np.hypot(z * patient_sd, seed_half_width))
    if not np.isfinite(mean + half_width):
        mean = half_width = patient_sd = seed_sd = float("nan")
    return row._replace(
        value=mean,
        low=mean - half_width,
        high=mean + half_width,
        patient_sd=patient_sd,
        seed_sd=seed_sd,
    )
