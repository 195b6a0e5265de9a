"""Calibration slope and intercept of every run and architecture."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from scipy import special, stats

from cxrcompare.comparison.panel import Panel
from cxrcompare.comparison.trivial import NOTHING
from cxrcompare.evaluation.calibration import Recalibration, recalibration

METRICS = ("calibration_slope", "calibration_intercept")


def rows(panel: Panel, level: float) -> list[dict[str, Any]]:
    """Returns the rows of slope and intercept per finding: of runs, and of architectures.

    A run's interval is Wald's with a sandwich variance clustered by patient. That of a mean over
    seeds adds, in quadrature, the mean of the runs' half widths (as if the patients moved all of
    them together) and Student's half width of the mean over seeds.
    """
    fitted = _fit(panel, level)
    found: list[dict[str, Any]] = []
    for name, places in panel.architectures.items():
        if name == NOTHING:
            continue
        for f, finding in enumerate(panel.findings):
            fits = [fitted[place, f] for place in places]
            for metric, part in zip(METRICS, ("slope", "intercept"), strict=True):
                value = np.array([getattr(fit, part) for fit in fits])
                half = np.array([getattr(fit, f"{part}_high") for fit in fits]) - value
                row = _row(panel, name, finding, f, metric)
                found.append(row | {"seed": "all"} | _mean(value, half, level))
                found += [
                    row
                    | {"seed": panel.runs[place].seed}
                    | _mean(value[i : i + 1], half[i : i + 1], level)
                    for i, place in enumerate(places)
                    if panel.runs[place].seed
                ]
    return found


def _fit(panel: Panel, level: float) -> dict[tuple[int, int], Recalibration]:
    """Fits every run and finding, in threads, as NumPy lets them run side by side."""
    jobs = [
        (place, f)
        for place, run in enumerate(panel.runs)
        if run.model != NOTHING
        for f in range(len(panel.findings))
    ]

    def one(job: tuple[int, int]) -> Recalibration:
        place, f = job
        with np.errstate(over="ignore", invalid="ignore"):  # probabilities of exactly 0 and 1
            return recalibration(
                panel.labels[:, f], panel.scores[place, :, f], panel.resamples.patient, level
            )

    with ThreadPoolExecutor(min(os.cpu_count() or 1, 8)) as pool:
        return dict(zip(jobs, pool.map(one, jobs), strict=True))


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


def _mean(value: np.ndarray, half: np.ndarray, level: float) -> dict[str, Any]:
    z = special.ndtri((1 + level) / 2)
    seeds = len(value)
    centre, patients = float(value.mean()), float(half.mean())
    seed_sd = float(value.std(ddof=1) / np.sqrt(seeds)) if seeds > 1 else float("nan")
    drift = stats.t.ppf((1 + level) / 2, seeds - 1) * seed_sd if seeds > 1 else 0.0
    width = float(np.hypot(patients, drift))
    if not np.isfinite(centre + width):
        centre = width = patients = seed_sd = float("nan")
    return {
        "value": centre,
        "low": centre - width,
        "high": centre + width,
        "defined": int(centre == centre),
        "patient_sd": patients / z,
        "seed_sd": seed_sd,
    }
