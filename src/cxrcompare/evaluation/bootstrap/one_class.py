"""Replicates in which a finding has one class only, so that its AUROC is not defined."""

from __future__ import annotations

import numpy as np

from cxrcompare.evaluation.bootstrap.resampling import Resamples

_AT_ONCE = 8


def one_class(labels: np.ndarray, resamples: Resamples) -> np.ndarray:
    """Returns whether a replicate lacks the positives or the negatives of a finding, (R, F) bool.

    Args:
        labels: (N, F) in {0, 1, NaN}; unknown labels are excluded.
        resamples: Resamples of the N units.
    """
    found = np.zeros((resamples.replicates, labels.shape[1]), dtype=bool)
    for f, label in enumerate(labels.T):
        for side in (0, 1):
            found[_without(resamples.patient[label == side], resamples.counts), f] = True
    return found


def _without(patients: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Returns the replicates that contain none of some patients; a few of them at a time.

    Args:
        patients: Indices of patients, perhaps repeated.
        counts: (R, P), how often each patient is drawn.
    """
    left = np.arange(len(counts))
    for first in range(0, len(patients), _AT_ONCE):
        if not len(left):
            break
        some = patients[first : first + _AT_ONCE]
        left = left[~counts[left[:, None], some].any(axis=1)]
    return left
