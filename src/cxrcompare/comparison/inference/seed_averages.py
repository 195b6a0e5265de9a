"""From runs to architectures: means over seeds whose replicates carry seed and patient noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cxrcompare.comparison.inference.scoring import Scored
from cxrcompare.comparison.inputs.panel import Panel
from cxrcompare.evaluation import seeds


@dataclass(frozen=True)
class Noise:
    """Where the spread of an architecture's mean comes from, (A, K) each.

    Attributes:
        patient_sd: Standard deviation due to the patients.
        seed_sd: Due to the seeds; NaN where there is one.
    """

    patient_sd: np.ndarray
    seed_sd: np.ndarray


def seed_weights(panel: Panel, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Returns each architecture's seed weights, (R, S); one table for all metrics and findings."""
    return {
        name: seeds.seed_weights(len(runs), panel.resamples.replicates, rng)
        for name, runs in panel.architectures.items()
    }


def average(panel: Panel, runs: Scored, weights: dict[str, np.ndarray]) -> tuple[Scored, Noise]:
    """Returns a metric of every architecture from that of its runs.

    Args:
        panel: What is compared.
        runs: Of the runs.
        weights: Of `seed_weights`.

    Returns:
        Scored with one entry per architecture, in the order of `panel.architectures`.
    """
    points, replicates, defined, patient, seed, left_out = [], [], [], [], [], []
    for name, places in panel.architectures.items():
        point = runs.point[places]
        nested = seeds.nested(point, runs.replicates[:, places], weights[name])
        points.append(point.mean(axis=0))
        replicates.append(nested.replicates)
        defined.append(int(runs.defined[places].min()))
        patient.append(nested.patient_sd)
        seed.append(nested.seed_sd)
        if runs.jackknife is not None:
            left_out.append(runs.jackknife[:, places].mean(axis=1))
    scored = Scored(
        np.array(points),
        np.stack(replicates, axis=1),
        np.array(defined),
        np.stack(left_out, axis=1) if left_out else None,
    )
    return scored, Noise(np.array(patient), np.array(seed))
