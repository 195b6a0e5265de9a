"""Metrics of models in one group of patients, with the influence of each patient.

Rates have two more units per group, one right and one wrong: with few units the tests of gaps then
hold their level (Agresti & Caffo 2000, doi 10.1080/00031305.2000.10474560; for paired differences
Agresti & Min 2005, doi 10.1002/sim.1781).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cxrcompare.evaluation.auroc.influence import auroc_influences

_ADDED = 2.0


@dataclass(frozen=True)
class GroupEstimate:
    """A metric of A models in one group.

    Attributes:
        value: (A,), means over seeds.
        centre: (A,), the value with the added units, at which its variance is taken.
        slope: (A,), the same without their right unit; differences of models are differences of it.
        influence: (A, G), of each patient on the difference of models.
        offset: (G,), subtracted from the influence for single models.
        added: (A,), the variance of the added units for single models.
        size: The number of units with the added ones; infinite if none were added.
        parts: Influences by class with the patients of each, for the degrees of freedom.
        runs: (M,), the value of each run.
    """

    value: np.ndarray
    centre: np.ndarray
    slope: np.ndarray
    influence: np.ndarray
    offset: np.ndarray
    added: np.ndarray
    size: float
    parts: tuple[tuple[np.ndarray, int], ...]
    runs: np.ndarray


def rate(
    values: np.ndarray,
    patients: np.ndarray,
    count: int,
    architectures: Sequence[Sequence[int]],
    added: bool,
) -> GroupEstimate:
    """Returns the mean over units of a group.

    Args:
        values: (M, U), of M runs; in [0, 1] if units are added.
        patients: (U,) indices of the patients, 0 to `count` - 1.
        count: The number of patients G.
        architectures: The indices of the runs (seeds) of each of the A models.
        added: Whether a right and a wrong unit are added.
    """
    units = values.shape[1]
    size = units + (_ADDED if added else 0.0)
    present = len(np.unique(patients))
    scale = np.sqrt(present / max(present - 1, 1)) / size
    means = np.stack([values[list(members)].mean(axis=0) for members in architectures])
    sums = np.stack([np.bincount(patients, row, minlength=count) for row in means])
    numbers = np.bincount(patients, minlength=count).astype(np.float64)
    slope = means.sum(axis=1) / size
    centre = slope + (1 / size if added else 0.0)
    influence = scale * (sums - slope[:, None] * numbers)
    return GroupEstimate(
        means.mean(axis=1),
        centre,
        slope,
        influence,
        scale * numbers / size if added else np.zeros(count),
        ((1 - centre) ** 2 + centre**2) / size**2 if added else np.zeros(len(means)),
        size if added else np.inf,
        ((influence, present),),
        values.mean(axis=1),
    )


def auroc(
    labels: np.ndarray,
    scores: np.ndarray,
    patients: np.ndarray,
    count: int,
    architectures: Sequence[Sequence[int]],
) -> GroupEstimate:
    """Returns the AUROC of a group with both classes; arguments as for `rate`.

    Args:
        labels: (U,) in {0, 1}.
        scores: (M, U).
        patients: (U,) indices.
        count: G.
        architectures: The indices of the runs of each model.
    """
    names, index = np.unique(patients, return_inverse=True)
    runs, *sides = auroc_influences(labels, scores, index)
    parts = []
    for side, label in zip(sides, (1, 0), strict=True):
        part = np.zeros((len(architectures), count))
        part[:, names] = [side[list(members)].mean(axis=0) for members in architectures]
        parts.append((part, len(np.unique(patients[labels == label]))))
    value = np.stack([runs[list(members)].mean() for members in architectures])
    none = np.zeros(len(value))
    influence = parts[0][0] + parts[1][0]
    return GroupEstimate(
        value, value, value, influence, np.zeros(count), none, np.inf, tuple(parts), runs
    )
