"""Tests whether scores rank worse than chance, for patients with one or several units."""

from __future__ import annotations

import numpy as np
from scipy import special

from cxrcompare.evaluation.auroc import delong
from cxrcompare.evaluation.ranking import midranks

_SMALL = 0.05
"""P-values below which the exact test is made too."""

_STEPS = 2e7
"""The most steps of the exact test, about 0.03 seconds."""


def p_worse(labels: np.ndarray, scores: np.ndarray, patients: np.ndarray) -> np.ndarray:
    """Returns one-sided p-values, (M,): small if positives score lower than negatives.

    The result is the largest p-value of three tests. `exchanged` uses the variance under the null
    hypothesis. It is valid for few positives and for perfectly inverted scores, but its normal
    approximation fails if nearly all scores are equal. The test of AUROC against 0.5 with its own
    standard error (DeLong, or Obuchowski for several units per patient) is valid in that case, but
    not for few positives. If every patient has one unit and there are not too many, the exact
    Mann-Whitney test, `exact`, is made too; only where the other two are below 0.05, because
    otherwise nothing depends on it.

    Args:
        labels: (N,) in {0, 1, NaN}; unknown labels are excluded.
        scores: (M, N).
        patients: (N,) ids.

    Returns:
        The p-values; NaN if a class has fewer than two patients or `exchanged` is not defined.
    """
    areas = delong.clustered(labels, scores, patients)
    error = delong.standard_errors(areas)
    z = np.divide(areas.auroc - 0.5, error, out=np.full(len(scores), -np.inf), where=error != 0)
    found = np.maximum(exchanged(labels, scores, patients), special.ndtr(z))
    labelled = ~np.isnan(labels)
    if len(np.unique(patients[labelled])) == labelled.sum():
        for m in np.flatnonzero(found < _SMALL):
            found[m] = np.fmax(found[m], exact(labels[labelled] == 1, scores[m, labelled]))
    return found


def exact(positive: np.ndarray, score: np.ndarray) -> float:
    """Returns the share of choices of the positives with at most their rank sum, in (0, 1].

    It counts the choices of so many units by their sum of doubled midranks, unit by unit.

    Args:
        positive: (N,) bool, with units of both classes.
        score: (N,).

    Returns:
        The p-value of the exact Mann-Whitney test, also with ties; NaN if the table of the counts
        would need too many steps.

    Source: Mann & Whitney 1947, doi 10.1214/aoms/1177730491.
    """
    doubled = np.rint(2 * midranks(score)).astype(int)
    if 2 * positive.sum() > len(positive):  # low positives are high negatives
        positive, doubled = ~positive, 2 * (len(positive) + 1) - doubled
    number, total = int(positive.sum()), int(doubled[positive].sum())
    if len(positive) * number * total > _STEPS:
        return float("nan")
    ways = np.zeros((number + 1, total + 1))
    ways[0, 0] = 1
    for rank in doubled[doubled <= total].tolist():
        ways[1:, rank:] += ways[:-1, : total + 1 - rank]
    return float(ways[number].sum() / special.comb(len(positive), number))


def exchanged(labels: np.ndarray, scores: np.ndarray, patients: np.ndarray) -> np.ndarray:
    """Returns one-sided p-values, (M,), of the rank sum of the positives.

    Arguments as for `p_worse`.

    The null distribution permutes the labels of whole patients among patients with the same number
    of units. Its mean and variance are exact, including ties; a normal approximation is used for
    its shape. If every patient has one unit, this is the Mann-Whitney test. Patients with a unique
    number of units do not contribute.

    Returns:
        The p-values; NaN if one class is absent, all scores are equal, or no two patients have the
        same number of units.

    Source: Mann & Whitney 1947, doi 10.1214/aoms/1177730491; moments: Hoeffding 1951, doi
    10.1214/aoms/1177729545.
    """
    labelled = ~np.isnan(labels)
    label, patient = labels[labelled], np.unique(patients[labelled], return_inverse=True)[1]
    ranks = np.stack([midranks(score) for score in scores[:, labelled]])
    order, sizes = np.argsort(patient, kind="stable"), np.bincount(patient)
    excess, variance = np.zeros(len(scores)), np.zeros(len(scores))
    for size in np.unique(sizes):
        units = order[sizes[patient[order]] == size].reshape(-1, size)
        if len(units) < 2:
            continue
        rank = ranks[:, units] - ranks[:, units].mean(axis=1, keepdims=True)
        reference = label[units] - label[units].mean(axis=0)
        excess += np.einsum("mpk,pk->m", rank, reference)
        products = rank.swapaxes(1, 2) @ rank
        variance += np.einsum("mjk,jk->m", products, reference.T @ reference) / (len(units) - 1)
    defined = variance > 1e-9
    z = np.full(len(scores), np.nan)
    z[defined] = excess[defined] / np.sqrt(variance[defined])
    return np.asarray(special.ndtr(z))
