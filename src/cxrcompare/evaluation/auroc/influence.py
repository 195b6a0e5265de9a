"""Influence of each patient on AUROCs, for the variance of any combination of AUROCs."""

from __future__ import annotations

import numpy as np

from cxrcompare.evaluation.auroc.delong import unit_placements
from cxrcompare.evaluation.influence import clusters


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
        positive units, and through its negative units, (M, G) each. Each class is scaled by
        `clusters.scales`. With one unit per patient the variance is DeLong's; with as many units
        of a class in every patient it is Obuchowski's.

    Sources: DeLong et al. 1988, doi 10.2307/2531595; Obuchowski 1997, doi 10.2307/2533958.
    """
    known = ~np.isnan(labels)
    positive, group = labels[known] == 1, patients[known]
    auroc = np.full(len(scores), np.nan)
    sides = np.full((2, len(scores), int(patients.max()) + 1), np.nan)
    if not positive.any() or positive.all():
        return auroc, sides[0], sides[1]
    classes = positive, ~positive
    members = [group[units] for units in classes]
    scales = [
        clusters.scales(np.bincount(patient, minlength=sides.shape[2])) for patient in members
    ]
    for model, score in enumerate(scores):  # one at a time, which bounds the memory
        values = unit_placements(positive, score[known])
        auroc[model] = values[positive].mean()
        for side, units, patient, scale in zip(sides, classes, members, scales, strict=True):
            deviations = (values[units] - auroc[model]) / len(patient)
            side[model] = scale * np.bincount(patient, deviations, minlength=side.shape[1])
    return auroc, sides[0], sides[1]


def standard_error(influence: np.ndarray) -> float:
    """Returns the standard error that influences imply, clustered by patient.

    Args:
        influence: (G,), of an AUROC or of a weighted sum of AUROCs.
    """
    return float(np.sqrt(np.sum(influence**2)))
