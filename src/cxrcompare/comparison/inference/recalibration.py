"""Calibration slope and intercept of every run and architecture."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from scipy import special, stats

from cxrcompare import environment
from cxrcompare.comparison.inputs.baselines import NOTHING
from cxrcompare.comparison.inputs.panel import Panel
from cxrcompare.evaluation.calibration import Recalibration, recalibration

METRICS = ("calibration_slope", "calibration_intercept")


def rows(panel: Panel, level: float) -> list[dict[str, Any]]:
    """Returns the rows of slope and intercept of architectures and runs.

    Per finding, and fitted to all findings together ("micro"). There is no mean over findings: one
    slope of scores that hardly vary would decide it. Intervals are Wald's with a sandwich variance
    clustered by patient; the mean over seeds averages what each patient moves before the squares
    are summed, so it keeps how seeds vary together. The interval of an architecture with several
    seeds adds, in quadrature, Student's half width of the mean over seeds.
    """
    fitted = _fit(panel, level)
    found: list[dict[str, Any]] = []
    for name, places in panel.architectures.items():
        if name == NOTHING:
            continue
        for metric, part in zip(METRICS, ("slope", "intercept"), strict=True):
            value = np.array([[getattr(fit, part) for fit in fitted[p]] for p in places])
            influence = np.array(
                [[getattr(fit, f"{part}_influence") for fit in fitted[p]] for p in places]
            )
            defined = ~np.isnan(value)
            for k, finding in enumerate((*panel.findings, "micro")):
                row = _row(panel, name, finding, k, metric)
                numbers = _estimate(value[:, k], influence[:, k], level)
                found.append(row | {"seed": "all", "defined": int(defined[:, k].all())} | numbers)
                found += [
                    row
                    | {"seed": panel.runs[place].seed, "defined": int(defined[i, k])}
                    | _estimate(value[i : i + 1, k], influence[i : i + 1, k], level)
                    for i, place in enumerate(places)
                    if panel.runs[place].seed
                ]
    return found


def _fit(panel: Panel, level: float) -> dict[int, list[Recalibration]]:
    """Fits every finding and then all together, per run; in threads, as NumPy lets them be."""
    findings = len(panel.findings)
    together = np.repeat(panel.resamples.patient, findings)

    def one(job: tuple[int, int]) -> Recalibration:
        place, f = job
        if f == findings:
            return recalibration(panel.labels.ravel(), panel.scores[place].ravel(), together, level)
        return recalibration(
            panel.labels[:, f], panel.scores[place, :, f], panel.resamples.patient, level
        )

    chosen = [place for place, run in enumerate(panel.runs) if run.model != NOTHING]
    jobs = [(place, f) for place in chosen for f in range(findings + 1)]
    with ThreadPoolExecutor(environment.cores()) as pool:
        fits = iter(list(pool.map(one, jobs)))
    return {place: [next(fits) for _ in range(findings + 1)] for place in chosen}


def _row(panel: Panel, name: str, finding: str, place: int, metric: str) -> dict[str, Any]:
    positives, negatives = panel.totals
    return {
        "model": name,
        "finding": finding,
        "metric": metric,
        "positives": positives[place],
        "negatives": negatives[place],
        "subgroup": "",
        "method": "wald, clustered",
    }


def _estimate(value: np.ndarray, influence: np.ndarray, level: float) -> dict[str, Any]:
    """Returns the mean over seeds with its interval; NaN where a seed's is not defined.

    Args:
        value: (S,).
        influence: (S, P).
        level: Of the interval.
    """
    z = special.ndtri((1 + level) / 2)
    seeds = len(value)
    centre = float(value.mean())
    patient_sd = float(np.sqrt(np.sum(influence.mean(axis=0) ** 2)))
    seed_sd = float(value.std(ddof=1) / np.sqrt(seeds)) if seeds > 1 else float("nan")
    drift = stats.t.ppf((1 + level) / 2, seeds - 1) * seed_sd if seeds > 1 else 0.0
    width = float(np.hypot(z * patient_sd, drift))
    if not np.isfinite(centre + width):
        centre = width = patient_sd = seed_sd = float("nan")
    return {
        "value": centre,
        "low": centre - width,
        "high": centre + width,
        "patient_sd": patient_sd,
        "seed_sd": seed_sd,
    }
