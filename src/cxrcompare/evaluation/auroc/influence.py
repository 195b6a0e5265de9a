"""Influence of each patient on AUROCs, for the variance of any combination of AUROCs."""

from __future__ import annotations

import numpy as np

from cxrcompare.evaluation.auroc.delong import placements


def auroc_influences(
    labels: np.ndarray, scores: np.ndarray, patients: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns AUROCs and the influence of each patient on them.

    The sum over patients of the squared influence, positives and negatives added, estimates the
    variance of an AUROC. The influence of a weighted sum of AUROCs, also of different findings, is
    the weighted sum of their influences, so that correlations are included.

    Args:
        labels: (N,) in {0, 1, NaN}; unknown labels are excluded.
        scores: (M, N).
        patients: (N,) indices of the patients, 0 to G - 1.

    Returns:
        The AUROCs, (M,), NaN if one class is absent; the influence of each patient through its
        positive units, and through its negative units, (M, G) each. Each class is scaled by the
        root of n / (n - 1), with n patients in the class. With one unit per patient the variance
        is DeLong's.

    Sources: DeLong et al. 1988, doi 10.2307/2531595; Obuchowski 1997, doi 10.2307/2533958.
    """
    count = int(patients.max()) + 1
    positive, negative, auroc = placements(labels, scores)
    sides = []
    for side, values in ((1, positive), (0, negative)):
        members = patients[labels == side]
        n = len(np.unique(members))
        scale = np.sqrt(n / (n - 1)) if n > 1 else np.nan
        deviations = scale * (values - auroc[:, None]) / max(len(members), 1)
        sides.append(np.stack([np.bincount(members, row, minlength=count) for row in deviations]))
    return auroc, sides[0], sides[1]


def standard_error(influence: np.ndarray) -> float:
    """Returns the standard error that influences imply, clustered by patient.

    Args:
        influence: (G,), of an AUROC or of a weighted sum of AUROCs.
    """
    return float(np.sqrt(np.sum(influence**2)))
