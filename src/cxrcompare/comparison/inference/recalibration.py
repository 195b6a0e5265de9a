"""Calibration slope and intercept of every run and architecture."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from scipy import special

from cxrcompare import environment
from cxrcompare.comparison.inputs.baselines import NOTHING
from cxrcompare.comparison.inputs.panel import Panel
from cxrcompare.comparison.result.rows import ALL_SEEDS, MICRO, MetricRow
from cxrcompare.evaluation import student_t
from cxrcompare.evaluation.probabilities.calibration import Recalibration, recalibration

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
    fitted = _fit(panel, level)
    positives, negatives = panel.totals
    found: list[MetricRow] = []
    for name, indices in panel.architectures.items():
        if name == NOTHING or not panel.probabilities[indices].all():
            continue
        for metric, part in zip(METRICS, ("slope", "intercept"), strict=True):
            value = np.array([[getattr(fit, part) for fit in fitted[m]] for m in indices])
            influence = np.array(
                [[getattr(fit, f"{part}_influence") for fit in fitted[m]] for m in indices]
            )
            defined = ~np.isnan(value)
            for k, finding in enumerate((*panel.findings, MICRO)):
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
                    defined=int(defined[:, k].all()),
                    method="wald, clustered",
                    patient_sd=None,
                    seed_sd=None,
                )
                found.append(_estimated(row, value[:, k], influence[:, k], level))
                found += [
                    _estimated(
                        row._replace(seed=panel.runs[m].seed, defined=int(defined[i, k])),
                        value[i : i + 1, k],
                        influence[i : i + 1, k],
                        level,
                    )
                    for i, m in enumerate(indices)
                    if panel.runs[m].seed
                ]
    return found


def _fit(panel: Panel, level: float) -> dict[int, list[Recalibration]]:
    """Fits every finding and all findings together, per run; in threads, as NumPy frees the GIL."""
    findings = len(panel.findings)
    together = np.repeat(panel.resamples.patient, findings)

    def one(job: tuple[int, int]) -> Recalibration:
        m, f = job
        if f == findings:
            return recalibration(panel.labels.ravel(), panel.scores[m].ravel(), together, level)
        return recalibration(
            panel.labels[:, f], panel.scores[m, :, f], panel.resamples.patient, level
        )

    chosen = [m for m, run in enumerate(panel.runs) if run.model != NOTHING and run.probabilities]
    jobs = [(m, f) for m in chosen for f in range(findings + 1)]
    with ThreadPoolExecutor(environment.cores()) as pool:
        fits = iter(list(pool.map(one, jobs)))
    return {m: [next(fits) for _ in range(findings + 1)] for m in chosen}


def _estimated(row: MetricRow, value: np.ndarray, influence: np.ndarray, level: float) -> MetricRow:
    """Returns the row with the mean over seeds; NaN if the value of any seed is not defined.

    Args:
        row: A row without numbers.
        value: (S,).
        influence: (S, P).
        level: The level of the interval.
    """
    z = special.ndtri((1 + level) / 2)
    seeds = len(value)
    mean = float(value.mean())
    patient_sd = float(np.sqrt(np.sum(influence.mean(axis=0) ** 2)))
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
