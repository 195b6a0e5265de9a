"""The test that scores rank worse than chance, for patients with one or several units."""

from __future__ import annotations

import numpy as np
from scipy import special, stats

from cxrcompare.evaluation import delong


def p_worse(labels: np.ndarray, scores: np.ndarray, patients: np.ndarray) -> np.ndarray:
    """Returns one-sided p-values, (M,): small where positives score lower than negatives.

    The larger p-value of two tests. `exchanged` has its variance under chance: it holds for few
    positives and for perfectly inverted scores, but its normal shape fails where nearly all scores
    are one value. The AUROC against 0.5 by its own standard error (DeLong, or Obuchowski for
    several units of a patient) holds there, but not for few positives.

    Args:
        labels: (N,) in {0, 1, NaN}; unknown labels are left out.
        scores: (M, N).
        patients: (N,) ids.

    Returns:
        NaN where a class has fewer than two patients, or `exchanged` is not defined.
    """
    areas = delong.clustered(labels, scores, patients)
    error = delong.standard_errors(areas)
    z = np.divide(areas.auroc - 0.5, error, out=np.full(len(scores), -np.inf), where=error != 0)
    return np.maximum(exchanged(labels, scores, patients), special.ndtr(z))


def exchanged(labels: np.ndarray, scores: np.ndarray, patients: np.ndarray) -> np.ndarray:
    """Returns one-sided p-values, (M,), of the rank sum of the positives. Arguments as above.

    It is compared with its distribution when the labels of a patient, taken together, are exchanged
    with those of any other patient with as many units. Mean and variance of that distribution are
    exact, ties included; its shape is taken as normal. Where every patient has one unit this is the
    Mann-Whitney test. A patient whose number of units is unique does not count.

    Returns:
        NaN where one class is absent, all scores are equal, or no two patients have as many units.

    Source: Mann & Whitney 1947, doi 10.1214/aoms/1177730491; moments: Hoeffding 1951, doi
    10.1214/aoms/1177729545.
    """
    known = ~np.isnan(labels)
    label, who = labels[known], np.unique(patients[known], return_inverse=True)[1]
    ranks = stats.rankdata(scores[:, known], axis=1)
    order, sizes = np.argsort(who, kind="stable"), np.bincount(who)
    excess, variance = np.zeros(len(scores)), np.zeros(len(scores))
    for size in np.unique(sizes):
        units = order[sizes[who[order]] == size].reshape(-1, size)
        if len(units) < 2:
            continue
        rank = ranks[:, units] - ranks[:, units].mean(axis=1, keepdims=True)
        truth = label[units] - label[units].mean(axis=0)
        excess += np.einsum("mpk,pk->m", rank, truth)
        together = rank.swapaxes(1, 2) @ rank
        variance += np.einsum("mjk,jk->m", together, truth.T @ truth) / (len(units) - 1)
    known_spread = variance > 1e-9
    z = np.full(len(scores), np.nan)
    z[known_spread] = excess[known_spread] / np.sqrt(variance[known_spread])
    return np.asarray(special.ndtr(z))
