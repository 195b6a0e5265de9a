"""AUPRC (average precision) of architectures, with the influence of patients on it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from cxrcompare.evaluation.influence import clusters
from cxrcompare.evaluation.influence.influence_estimates import Estimates, Influences, combine
from cxrcompare.evaluation.ranking import descending


def estimate(
    labels: np.ndarray,
    scores: np.ndarray,
    patients: np.ndarray,
    architectures: Sequence[Sequence[int]],
    eligible: np.ndarray,
) -> Estimates:
    """Returns the AUPRCs of architectures, also pooled over findings, with what their tests need.

    Args:
        labels: (N, F) in {0, 1, NaN}.
        scores: (M, N, F), of M runs.
        patients: (N,), indices of the patients, 0 to G - 1.
        architectures: The indices of the runs (seeds) of each of the A architectures.
        eligible: (F,) bool, the findings in the mean.
    """

    def each() -> Iterator[Influences]:
        for f in range(labels.shape[1]):
            yield influences(labels[:, f], scores[:, :, f], patients)

    units = np.repeat(patients, labels.shape[1])
    pooled = influences(labels.ravel(), scores.reshape(len(scores), -1), units)
    return combine(each(), architectures, eligible, pooled)


def influences(labels: np.ndarray, scores: np.ndarray, patients: np.ndarray) -> Influences:
    """Returns AUPRCs and the influence of each patient through its positives and its negatives.

    The influence of a unit is the derivative of the AUPRC by the weight of the unit (infinitesimal
    jackknife). With TP and FP at the distinct scores t, and P positives, the AUPRC is
    sum of dTP_t TP_t / (TP_t + FP_t) / P. A unit at score g changes the terms of g and of all lower
    scores: a positive by (precision_g + sum of dTP_t FP_t / (TP_t + FP_t)^2 - AUPRC) / P, a
    negative by -(sum of dTP_t TP_t / (TP_t + FP_t)^2) / P. The sampling of the prevalence is
    included.

    The effects, in this order, are those of a positive at the score of a random negative, of a
    negative at the score of a random positive, and of a positive above all scores; at the highest
    score if several units have it, so that a constant score has no better one.

    Args:
        labels: (N,) in {0, 1, NaN}; unknown labels are excluded.
        scores: (M, N).
        patients: (N,), indices of the patients, 0 to G - 1.

    Source: Efron 1982, The Jackknife, the Bootstrap and Other Resampling Plans, chapter 6.
    """
    known = ~np.isnan(labels)
    positive, group = labels[known] == 1, patients[known]
    count = int(patients.max()) + 1
    units = [np.bincount(group[side], minlength=count) for side in (positive, ~positive)]
    numbers = np.array([clusters.effective_number(one) for one in units])
    value = np.full(len(scores), np.nan)
    sides, effects = np.full((2, len(scores), count), np.nan), np.full((3, len(scores)), np.nan)
    if min(np.count_nonzero(one) for one in units) < 2:
        if positive.any() and not positive.all():
            value[:] = [_of_run(positive, score[known])[0] for score in scores]
        return Influences(value, sides, numbers, effects)
    scale = [clusters.scales(one) for one in units]
    for m, score in enumerate(scores):
        value[m], own, effects[:, m] = _of_run(positive, score[known])
        for s, side in enumerate((positive, ~positive)):
            sides[s, m] = scale[s] * np.bincount(group[side], own[side], minlength=count)
    return Influences(value, sides, numbers, effects)


def _of_run(positive: np.ndarray, score: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    """Returns the AUPRC of one run, the influence of each unit, (N,), and the effects, (3,)."""
    order = descending(score)
    hits = positive[order.unit]
    true = np.cumsum(hits)[order.end - 1].astype(np.float64)
    total = order.end.astype(np.float64)
    gained, precision, positives = np.diff(true, prepend=0.0), true / total, true[-1]
    area = float(gained @ precision / positives)

    def lower(terms: np.ndarray) -> np.ndarray:
        """Returns the sum over this score and all lower ones."""
        return np.cumsum(terms[::-1])[::-1]

    below = lower(gained * (total - true) / total**2)
    at_top = precision[0] if order.end[0] > 1 else 1.0
    of_positive, of_top = precision + below - area, at_top + below[0] - area
    of_negative = -lower(gained * true / total**2)
    own = np.empty(len(score))
    own[order.unit] = np.where(hits, of_positive[order.group], of_negative[order.group]) / positives
    false = np.diff(total - true, prepend=0.0)
    chance = false @ of_positive / false.sum(), false.sum() * (gained @ of_negative) / positives**2
    return area, own, np.array([*chance, of_top])
