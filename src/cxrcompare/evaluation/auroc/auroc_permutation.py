"""The paired permutation test of two AUROCs: the ranks of the models are exchanged by patient."""

from __future__ import annotations

import numpy as np

from cxrcompare.evaluation.influence.sign_flips import SignFlips
from cxrcompare.evaluation.ranking import midranks


def exchanged(
    labels: np.ndarray, first: np.ndarray, second: np.ndarray, patients: np.ndarray
) -> SignFlips:
    """Returns the distribution of the difference of two AUROCs if patients are exchanged.

    Both scores are replaced by their ranks among the units with a known label. With the ranks x, y
    of a positive and of a negative, and s, t = 1, or -1 for an exchanged patient, the contribution
    of the pair to the difference is linear in s and t:

        s (A + B) / 2 + t (A - B) / 2

    with A = [x1 > y1] - [x2 > y2] and B = [x1 > y2] - [x2 > y1], a tie counting one half. So each
    patient contributes a fixed term with a random sign. The test is exact if both models can be
    exchanged, which is more than equal AUROCs.

    Args:
        labels: (N,) in {0, 1, NaN}; unknown labels are excluded.
        first: (N,), scores of the first model.
        second: (N,), of the second one.
        patients: (N,), indices of the patients, 0 to G - 1.

    Source: Bandos, Rockette & Gur 2005, doi 10.1002/sim.2149.
    """
    known = ~np.isnan(labels)
    ranks = np.stack([midranks(one[known]) for one in (first, second)])
    positive = labels[known] == 1
    group = patients[known]
    terms = np.zeros(int(patients.max()) + 1)
    sides = ranks[:, positive], ranks[:, ~positive]
    for own, other, sign, members in (
        (*sides, 1.0, group[positive]),
        (*sides[::-1], -1.0, group[~positive]),
    ):
        below = _share_below(other[0], own) + _share_below(other[1], own)
        values = sign * (below[0] - below[1]) / (2 * max(own.shape[1], 1))
        terms += np.bincount(members, values, minlength=len(terms))
    return SignFlips(terms)


def _share_below(values: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Returns the share of `values` below each of `at`, ties counting one half."""
    ordered = np.sort(values)
    left, right = np.searchsorted(ordered, at), np.searchsorted(ordered, at, side="right")
    return np.asarray((left + right) / (2 * max(len(ordered), 1)))
