"""Influence of each patient on an AUROC, for the variance of any combination of AUROCs."""

from __future__ import annotations

import numpy as np

from cxrcompare.evaluation.delong import placements


def auroc_influence(
    labels: np.ndarray, scores: np.ndarray, patients: np.ndarray
) -> tuple[float, np.ndarray]:
    """Returns an AUROC and the influence of each patient on it.

    The sum over patients of the squared influence, times G / (G - 1), estimates the variance. The
    influence of a weighted sum of AUROCs, also of different findings, is the weighted sum of
    their influences, so that correlations are included. With one unit per patient the variance
    is DeLong's, apart from the factors n / (n - 1) of the two classes.

    Args:
        labels: (N,) in {0, 1, NaN}; unknown labels are excluded.
        scores: (N,).
        patients: (N,) indices of the patients, 0 to G - 1.

    Returns:
        The AUROC, NaN if one class is absent, and the influences, (G,).

    Source: Obuchowski 1997, doi 10.2307/2533958 (the same deviations, summed per patient).
    """
    groups = int(patients.max()) + 1
    positive, negative, auroc = placements(labels, scores[None])
    influence = np.zeros(groups)
    for side, values in ((1, positive[0]), (0, negative[0])):
        members = patients[labels == side]
        if members.size:
            deviations = values - auroc[0]
            influence += np.bincount(members, deviations, minlength=groups) / members.size
    return float(auroc[0]), influence


def standard_error(influence: np.ndarray) -> float:
    """Returns the standard error that influences imply, clustered by patient.

    Args:
        influence: (G,), of an AUROC or of a weighted sum of AUROCs.
    """
    groups = len(influence)
    if groups < 2:
        return float("nan")
    return float(np.sqrt(groups / (groups - 1) * np.sum(influence**2)))
