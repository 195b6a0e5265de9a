"""Readers beside models: below the curve or not, agreement, and the reference as their majority."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cxrcompare.evaluation import bootstrap, curves
from cxrcompare.evaluation.resampling import Resamples


def below_curve(
    rocs: Sequence[curves.Roc], sensitivity: np.ndarray, specificity: np.ndarray
) -> np.ndarray:
    """Returns 1 where a reader lies below the model's ROC curve, 0 where not, NaN undefined.

    Below: sensitivity less than the linearly interpolated curve at 1 - specificity. A reader on the
    curve is not below it. Source: Rajpurkar et al. 2020, doi 10.48550/arXiv.2002.11379.

    Args:
        rocs: The model's curve, or those of its seeds, whose mean is taken.
        sensitivity: (...), the readers'.
        specificity: (...).
    """
    fpr = 1 - np.asarray(specificity, dtype=np.float64)
    at = np.mean([curves.sensitivity_at(roc, fpr) for roc in rocs], axis=0)
    reader = np.asarray(sensitivity, dtype=np.float64)
    return np.where(np.isnan(at) | np.isnan(reader), np.nan, reader < at - 1e-12)


def cohen(first: np.ndarray, second: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """Returns Cohen's kappa of two readers; NaN where both say one and the same throughout.

    Args:
        first: (N,) in {0, 1, NaN}; units that either left out are left out.
        second: (N,).
        weights: (N,) or (R, N), non-negative; all 1 by default.

    Returns:
        (), or (R,).

    Source: Cohen 1960, doi 10.1177/001316446002000104.
    """
    known = ~(np.isnan(first) | np.isnan(second))
    weight = np.ones(len(first)) if weights is None else np.asarray(weights, dtype=np.float64)
    weight = weight[..., known]
    a, b = first[known] == 1, second[known] == 1
    total = weight.sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        same = (weight @ (a == b)) / total
        p, q = (weight @ a) / total, (weight @ b) / total
        chance = p * q + (1 - p) * (1 - q)
        return np.asarray(np.where(chance < 1, (same - chance) / (1 - chance), np.nan))


def fleiss(ratings: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """Returns Fleiss' kappa of several readers; NaN where all say one and the same throughout.

    Args:
        ratings: (K, N) in {0, 1, NaN}; units that a reader left out are left out.
        weights: (N,) or (R, N), non-negative; all 1 by default.

    Returns:
        (), or (R,).

    Source: Fleiss 1971, doi 10.1037/h0031619.
    """
    known = ~np.isnan(ratings).any(axis=0)
    readers = len(ratings)
    weight = np.ones(ratings.shape[1]) if weights is None else np.asarray(weights, dtype=np.float64)
    weight = weight[..., known]
    yes = (ratings[:, known] == 1).sum(axis=0).astype(np.float64)
    no = readers - yes
    with np.errstate(invalid="ignore", divide="ignore"):
        agreement = (yes * (yes - 1) + no * (no - 1)) / (readers * (readers - 1))
        total = weight.sum(axis=-1)
        same = (weight @ agreement) / total
        p = (weight @ yes) / (total * readers)
        chance = p**2 + (1 - p) ** 2
        return np.asarray(np.where(chance < 1, (same - chance) / (1 - chance), np.nan))


def majority(ratings: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """Returns the majority of the readers, (N, F) in {0, 1, NaN}; a tie or no reading is NaN.

    Args:
        ratings: (K, N, F) in {0, 1, NaN}.
        weights: (K,), how often each reader counts; 1 by default.
    """
    weight = np.ones(len(ratings)) if weights is None else np.asarray(weights, dtype=np.float64)
    votes = np.nan_to_num(2 * ratings - 1)  # 1 for yes, -1 for no, 0 for none
    balance = np.tensordot(weight, votes, axes=(0, 0))
    return np.where(balance > 0, 1.0, np.where(balance < 0, 0.0, np.nan))


def resample_reference(
    ratings: np.ndarray,
    scores: np.ndarray,
    resamples: Resamples,
    rng: np.random.Generator,
    metrics: Sequence[str] = ("auroc",),
) -> dict[str, np.ndarray]:
    """Returns metrics where the reference, the readers' majority, is resampled with the patients.

    In each replicate as many readers as there are are drawn with replacement, and their majority is
    the reference; a tie leaves the label unknown. Intervals from these replicates carry the noise
    of the reference too.

    Args:
        ratings: (K, N, F) in {0, 1, NaN}.
        scores: (M, N, F), of M models.
        resamples: Of the N units.
        rng: The generator of random numbers.
        metrics: As for `bootstrap.score_metrics`.

    Returns:
        {metric: (R, M, F)}.
    """
    readers = len(ratings)
    drawn = rng.multinomial(readers, np.full(readers, 1 / readers), size=resamples.replicates)
    panels, panel = np.unique(drawn, axis=0, return_inverse=True)
    shape = (resamples.replicates, len(scores), scores.shape[2])
    values = {metric: np.empty(shape) for metric in metrics}
    for index, weights in enumerate(panels):
        rows = np.flatnonzero(panel == index)
        some = Resamples(resamples.patient, resamples.counts[rows])
        found = bootstrap.score_metrics(majority(ratings, weights), scores, some, metrics)
        for metric in metrics:
            values[metric][rows] = found[metric]
    return values
