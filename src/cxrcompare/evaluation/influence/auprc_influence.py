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
    score if several units have it, so that a constant score has no better one. The last row is the
    estimated bias of the AUPRC, with as many units as `patients` are worth.

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
    sides, effects = np.full((2, len(scores), count), np.nan), np.full((4, len(scores)), np.nan)
    if min(np.count_nonzero(one) for one in units) < 2:
        if positive.any() and not positive.all():
            value[:] = [_of_run(positive, score[known])[0] for score in scores]
        return Influences(value, sides, numbers, effects=effects)
    scale = [clusters.scales(one) for one in units]
    for m, score in enumerate(scores):
        value[m], own, effects[:, m] = _of_run(positive, score[known])
        effects[3, m] *= np.count_nonzero(positive) / numbers[0]
        for s, side in enumerate((positive, ~positive)):
            sides[s, m] = scale[s] * np.bincount(group[side], own[side], minlength=count)
    return Influences(value, sides, numbers, effects=effects)


def _of_run(positive: np.ndarray, score: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    """Returns the AUPRC of one run, the influence of each unit, (N,), and the effects, (4,)."""
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
    bias = _bias(gained, false, true, total)
    return area, own, np.array([*chance, of_top, bias])


def _bias(gained: np.ndarray, false: np.ndarray, true: np.ndarray, total: np.ndarray) -> float:
    """Returns the jackknife's estimate of the bias of an AUPRC, from leaving out each unit.

    Args:
        gained: (T,), the positives of each distinct score, descending.
        false: (T,), its negatives.
        true: (T,), the positives down to this score.
        total: (T,), the units down to this score.

    Source: Efron 1982, The Jackknife, the Bootstrap and Other Resampling Plans, chapter 2.
    """
    positives, units = true[-1], total[-1]
    if positives < 2:
        return float("nan")
    terms, less = gained * true / total, np.maximum(total - 1, 1)

    def lower(values: np.ndarray) -> np.ndarray:
        """Returns the sum over all lower scores."""
        return np.append(np.cumsum(values[::-1])[::-1][1:], 0.0)

    above = np.cumsum(terms) - terms
    own = (gained - 1) * (true - 1) / less
    of_positive = (above + own + lower(gained * (true - 1) / less)) / (positives - 1)
    rest = gained * true / less
    of_negative = (above + rest + lower(rest)) / positives
    area = float(terms.sum() / positives)
    change = gained @ (of_positive - area) + false @ (of_negative - area)
    return float((units - 1) / units * change)
