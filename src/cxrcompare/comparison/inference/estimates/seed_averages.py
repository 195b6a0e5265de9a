"""Averages runs over seeds; the replicates of the means include seed and patient noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cxrcompare.comparison.inference.scoring import Scored
from cxrcompare.comparison.inputs.panel import Panel
from cxrcompare.evaluation import intervals
from cxrcompare.evaluation.bootstrap import nested_seeds
from cxrcompare.evaluation.influence.influence_estimates import Estimates


@dataclass(frozen=True)
class Noise:
    """The standard deviation of an architecture's mean by source, (A, K) each.

    Attributes:
        patient_sd: Standard deviation due to the sampling of patients.
        seed_sd: Standard deviation due to the seeds; NaN with a single seed.
    """

    patient_sd: np.ndarray
    seed_sd: np.ndarray


def seed_weights(panel: Panel, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Returns each architecture's seed weights, (R, S), shared by all metrics and findings."""
    return {
        name: nested_seeds.seed_weights(len(runs), panel.resamples.replicates, rng)
        for name, runs in panel.architectures.items()
    }


def of_estimates(found: Estimates) -> tuple[Scored, Noise]:
    """Returns estimates by influence functions as a metric without replicates, and its noise."""
    defined = np.full(len(found.value), int(found.eligible.sum()))
    return Scored(found.value, None, defined), Noise(found.patient_sd, found.seed_sd)


def average(panel: Panel, runs: Scored, weights: dict[str, np.ndarray]) -> tuple[Scored, Noise]:
    """Averages a metric over the seeds of every architecture.

    Args:
        panel: The runs that are compared.
        runs: The metric of the runs.
        weights: The seed weights, from `seed_weights`.

    Returns:
        Scored and Noise with one entry per architecture, in the order of `panel.architectures`.
    """
    order = [run for members in panel.architectures.values() for run in members]
    if len(order) == len(panel.architectures) and runs.replicates is not None:
        return _of_single_runs(runs, runs.replicates, order)
    points, replicates, defined, patient, seed = [], [], [], [], []
    for name, indices in panel.architectures.items():
        point = runs.point[indices]
        points.append(point.mean(axis=0))
        defined.append(int(runs.defined[indices].min()))
        if runs.replicates is None:
            patient.append(np.full(point.shape[1], np.nan))
            seed.append(np.full(point.shape[1], np.nan))
            continue
        nested = nested_seeds.nested(point, runs.replicates[:, indices], weights[name])
        replicates.append(nested.replicates)
        patient.append(nested.patient_sd)
        seed.append(nested.seed_sd)
    scored = Scored(
        np.array(points),
        np.stack(replicates, axis=1) if replicates else None,
        np.array(defined),
    )
    return scored, Noise(np.array(patient), np.array(seed))


def _of_single_runs(runs: Scored, drawn: np.ndarray, order: list[int]) -> tuple[Scored, Noise]:
    """Returns the runs, which are architectures, in this order, without copies where possible."""
    if order != list(range(drawn.shape[1])):
        drawn = drawn[:, order]
    point = runs.point[order]
    noise = Noise(intervals.standard_error(drawn), np.full(point.shape, np.nan))
    return Scored(point, drawn, runs.defined[order]), noise
