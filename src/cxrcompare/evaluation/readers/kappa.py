"""Cohen's kappa of many pairs of models, with the influence of each patient."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cxrcompare.evaluation import student_t


@dataclass(frozen=True)
class Agreement:
    """The agreement of Q pairs.

    Attributes:
        kappa: (Q,), Cohen's kappa; NaN if chance agreement is 1 (both give the same constant).
        agreement: (Q,), the share of units with the same call.
        influence: (Q, G), of each patient on kappa; the sum of squares estimates its variance.
        patients: The number of patients with a unit.
    """

    kappa: np.ndarray
    agreement: np.ndarray
    influence: np.ndarray
    patients: int


def pairs(
    calls: np.ndarray, patients: np.ndarray, first: np.ndarray, second: np.ndarray
) -> Agreement:
    """Returns the agreement of pairs of runs.

    Args:
        calls: (M, N) bool, of M runs.
        patients: (N,) indices of the patients, 0 to G - 1.
        first: (Q,), the index of the first run of each pair.
        second: (Q,), that of the second run.

    Sources: Cohen 1960, doi 10.1177/001316446002000104; the variance is that of a function of
    means over units, clustered by patient (delta method).
    """
    count = int(patients.max()) + 1
    present = len(np.unique(patients))
    units = calls.shape[1]
    scale = np.sqrt(present / max(present - 1, 1)) / units
    positive = calls.sum(axis=1).tolist()
    kappa, share = np.full(len(first), np.nan), np.full(len(first), np.nan)
    influence = np.full((len(first), count), np.nan)
    each = np.bincount(patients, minlength=count)
    called = np.stack([np.bincount(patients[call], minlength=count) for call in calls])
    for index, (i, j) in enumerate(zip(first.tolist(), second.tolist(), strict=True)):
        both = patients[calls[i] & calls[j]]
        p, q = positive[i] / units, positive[j] / units
        observed = (units - positive[i] - positive[j] + 2 * len(both)) / units
        chance = p * q + (1 - p) * (1 - q)
        share[index] = observed
        if chance >= 1:
            continue
        kappa[index] = (observed - chance) / (1 - chance)
        slope = (1 - observed) / (1 - chance) ** 2
        one, other = called[i], called[j]
        same = each - one - other + 2 * np.bincount(both, minlength=count)
        own = (same - observed * each) / (1 - chance)
        own -= slope * ((2 * q - 1) * (one - p * each) + (2 * p - 1) * (other - q * each))
        influence[index] = scale * own
    return Agreement(kappa, share, influence, present)


def interval(
    value: np.ndarray, influence: np.ndarray, patients: int, level: float = 0.95
) -> tuple[np.ndarray, np.ndarray]:
    """Returns the interval of kappa or of a mean of kappas, low (...) and high (...).

    It has Student's distribution with patients - 1 degrees of freedom, and is clipped to [-1, 1].

    Args:
        value: (...).
        influence: (..., G).
        patients: The number of patients.
        level: In (0, 1).
    """
    error = np.sqrt(np.sum(influence**2, axis=-1))
    half = student_t.quantile((1 + level) / 2, max(patients - 1, 1)) * error
    return np.maximum(value - half, -1), np.minimum(value + half, 1)
