"""Sensitivity of models that flag the same share of patients at a site of a given prevalence.

A threshold flags the share prevalence x TPR + (1 - prevalence) x FPR. Each model is read where its
ROC curve has the wanted share; between two scores the curve is interpolated.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from cxrcompare.evaluation.influence.influence_estimates import Estimates, Influences, combine
from cxrcompare.evaluation.ranking import descending
from cxrcompare.evaluation.thresholds import roc_limits
from cxrcompare.evaluation.thresholds.matched_points import roc_slope


def estimate(
    labels: np.ndarray,
    scores: np.ndarray,
    patients: np.ndarray,
    architectures: Sequence[Sequence[int]],
    eligible: np.ndarray,
    prevalences: np.ndarray,
    shares: np.ndarray,
    level: float = 0.95,
) -> Estimates:
    """Returns the sensitivities of architectures with what their tests need, (A, F + 2).

    The last entry, all findings pooled, is not defined: findings have no common share.

    Args:
        labels: (N, F) in {0, 1, NaN}.
        scores: (M, N, F), of M runs.
        patients: (N,), indices of the patients, 0 to G - 1.
        architectures: The indices of the runs (seeds) of each of the A architectures.
        eligible: (F,) bool, the findings in the mean.
        prevalences: (F,), at the site, in (0, 1), taken as exact; NaN where it is not known.
        shares: (F,), the share of patients that is flagged, in (0, 1).
        level: The level of the limits.
    """

    def each() -> Iterator[Influences]:
        for f, (prevalence, share) in enumerate(zip(prevalences, shares, strict=True)):
            data = labels[:, f], scores[:, :, f], patients
            yield influences(*data, prevalence, share, level)

    empty = np.full((2, len(scores), int(patients.max()) + 1), np.nan)
    unknown = np.full((len(scores), 2), np.nan)
    pooled = Influences(np.full(len(scores), np.nan), empty, np.zeros(2), unknown)
    return combine(each(), architectures, eligible, pooled)


def influences(
    labels: np.ndarray,
    scores: np.ndarray,
    patients: np.ndarray,
    prevalence: float,
    share: float,
    level: float = 0.95,
) -> Influences:
    """Returns sensitivities at a share of flags, the influence of patients on them, and limits.

    With c the calls at the threshold and r the slope dTPR / dFPR there, the sensitivity changes
    with the share of flags by k = r / (p r + 1 - p), p the prevalence. A sample that flags too many
    has a higher threshold, so a positive has the influence (1 - k p) (c - TPR) / positives, and a
    negative -k (1 - p) (c - FPR) / negatives.

    Args:
        labels: (N,) in {0, 1, NaN}; unknown labels are excluded.
        scores: (M, N).
        patients: (N,), indices of the patients, 0 to G - 1.
        prevalence: In (0, 1).
        share: In (0, 1).
        level: The level of the limits, see `roc_limits.of_sensitivity`.

    Source: variance of a point of the ROC curve, Pepe 2003, The Statistical Evaluation of Medical
    Tests, section 5.2.
    """
    known = ~np.isnan(labels)
    positive, group = labels[known] == 1, patients[known]
    count = int(patients.max()) + 1
    units = np.flatnonzero(positive), np.flatnonzero(~positive)
    members = [group[one] for one in units]
    numbers = np.array([len(np.unique(one)) for one in members])
    value = np.full(len(scores), np.nan)
    sides = np.full((2, len(scores), count), np.nan)
    limits = np.full((len(scores), 2), np.nan)
    if not numbers.min() or not 0 < share < 1 or not 0 < prevalence < 1:
        return Influences(value, sides, numbers, limits)
    scale = np.sqrt(numbers / np.maximum(numbers - 1, 1))
    for m, score in enumerate(scores[:, known]):
        calls, slope = _calls(score, positive, prevalence, share)
        k = slope / (prevalence * slope + 1 - prevalence)
        for s, weight in enumerate((1 - k * prevalence, -k * (1 - prevalence))):
            called = calls[units[s]]
            own = (called - called.mean()) * (weight * scale[s] / len(called))
            sides[s, m] = np.bincount(members[s], own, minlength=count)
        value[m] = calls[units[0]].mean()
        if numbers.min() > 1:
            limits[m] = roc_limits.of_sensitivity(value[m], sides[:, m], numbers, level)
    return Influences(value, sides, numbers, limits)


def _calls(
    scores: np.ndarray, positive: np.ndarray, prevalence: float, share: float
) -> tuple[np.ndarray, float]:
    """Returns the calls at a share of flags, (N,) in [0, 1], and the slope of the ROC curve there.

    Units whose score equals the threshold are called with the part that gives the share exactly.
    """
    order = descending(scores)
    hits = positive[order.unit]
    tp, fp = np.cumsum(hits)[order.end - 1], np.cumsum(~hits)[order.end - 1]
    flagged = np.append(0.0, prevalence * tp / tp[-1] + (1 - prevalence) * fp / fp[-1])
    at = min(int(np.searchsorted(flagged[1:], share, side="right")), len(tp) - 1)
    part = min((share - flagged[at]) / (flagged[at + 1] - flagged[at]), 1.0)
    before = int(fp[at - 1]) if at else 0
    slope = roc_slope(fp, tp, before + part * (int(fp[at]) - before))
    calls = np.empty(len(scores))
    calls[order.unit] = np.where(order.group < at, 1.0, np.where(order.group == at, part, 0.0))
    return calls, slope
