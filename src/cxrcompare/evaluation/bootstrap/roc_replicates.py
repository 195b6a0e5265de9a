"""Computes points and parts of the ROC curve in all bootstrap replicates.

The results equal `roc_points` with the replicate's weights to 1e-8.
"""

from __future__ import annotations

import numpy as np

from cxrcompare.evaluation.bootstrap import bootstrap_kernels, metric_replicates, roc_kernels
from cxrcompare.evaluation.bootstrap.decision_replicates import parts, tasks
from cxrcompare.evaluation.bootstrap.resampling import Resamples
from cxrcompare.evaluation.thresholds.roc_points import RocPoints, standardised


def roc_metrics(
    labels: np.ndarray,
    scores: np.ndarray,
    resamples: Resamples,
    points: RocPoints = RocPoints(),  # noqa: B008
) -> dict[str, np.ndarray]:
    """Returns `roc_points.METRICS`, {metric: (R, M, F) float64}.

    Args:
        labels: (N, F) in {0, 1, NaN}; unknown labels are excluded, per finding.
        scores: (M, N, F), of M models.
        resamples: Resamples of the N units.
        points: Where the curve is read.

    Returns:
        The values; NaN in a replicate that has only one class of a finding.
    """
    metric_replicates.check(labels, scores, resamples)
    shape = (resamples.replicates, len(scores), labels.shape[1])
    area, tpr, tnr = (np.empty(shape) for _ in range(3))
    positives, negatives = metric_replicates.class_totals(labels, resamples)
    at = np.array([points.false_positive_rate, 1 - points.specificity, points.sensitivity])
    for part in parts(scores):
        units = tasks(labels, scores[part], resamples)
        found = [np.empty((len(area), len(units.offsets) - 1)) for _ in range(3)]
        bootstrap_kernels.over_replicates(
            roc_kernels.roc_points,
            resamples.replicates,
            resamples.counts,
            *units[:3],
            positives,
            negatives,
            at,
            *found,
        )
        for whole, some in zip((area, tpr, tnr), found, strict=True):
            whole[:, part] = some.reshape(len(area), -1, shape[2])
    return {
        "partial_auroc": standardised(area, points.false_positive_rate),
        "sensitivity_at_specificity": tpr,
        "specificity_at_sensitivity": tnr,
    }


def micro_roc_metrics(
    labels: np.ndarray,
    scores: np.ndarray,
    resamples: Resamples,
    points: RocPoints = RocPoints(),  # noqa: B008
) -> dict[str, np.ndarray]:
    """Returns each metric pooled over all (unit, finding) pairs, {metric: (R, M)}.

    Arguments as for `roc_metrics`.
    """
    pooled = resamples.repeat(labels.shape[1])
    values = roc_metrics(labels.reshape(-1, 1), scores.reshape(len(scores), -1, 1), pooled, points)
    return {metric: value[:, :, 0] for metric, value in values.items()}
