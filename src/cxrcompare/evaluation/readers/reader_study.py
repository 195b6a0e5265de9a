"""Reader studies: readers against ROC curves, agreement, and the majority."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cxrcompare.evaluation import curves


def below_curve(
    rocs: Sequence[curves.Roc], sensitivity: np.ndarray, specificity: np.ndarray
) -> np.ndarray:
    """Returns 1 if a reader is below the model's ROC curve, 0 if not, NaN if undefined.

    A reader is below the curve if their sensitivity is less than the linearly interpolated curve
    at 1 - specificity. A reader on the curve is not below it. Source: Rajpurkar et al. 2020, doi
    10.48550/arXiv.2002.11379.

    Args:
        rocs: The model's curve, or the curves of its seeds, which are averaged.
        sensitivity: (...), of the readers.
        specificity: (...), of the readers.
    """
    fpr = 1 - np.asarray(specificity, dtype=np.float64)
    at = np.mean([curves.sensitivity_at(roc, fpr) for roc in rocs], axis=0)
    reader = np.asarray(sensitivity, dtype=np.float64)
    return np.where(np.isnan(at) | np.isnan(reader), np.nan, reader < at - 1e-12)


def cohen(first: np.ndarray, second: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """Returns Cohen's kappa of two readers; NaN if both give the same constant rating.

    Args:
        first: (N,) in {0, 1, NaN}; units without a rating by both are excluded.
        second: (N,).
        weights: (N,) or (R, N), non-negative; all 1 by default.

    Returns:
        (), or (R,).

    Source: Cohen 1960, doi 10.1177/001316446002000104.
    """
    rated = ~(np.isnan(first) | np.isnan(second))
    weight = np.ones(len(first)) if weights is None else np.asarray(weights, dtype=np.float64)
    weight = weight[..., rated]
    a, b = first[rated] == 1, second[rated] == 1
    total = weight.sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        same = (weight @ (a == b)) / total
        p, q = (weight @ a) / total, (weight @ b) / total
        chance = p * q + (1 - p) * (1 - q)
        return np.asarray(np.where(chance < 1, (same - chance) / (1 - chance), np.nan))


def fleiss(ratings: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """Returns Fleiss' kappa of several readers; NaN if all give the same constant rating.

    Args:
        ratings: (K, N) in {0, 1, NaN}; units without a rating by every reader are excluded.
        weights: (N,) or (R, N), non-negative; all 1 by default.

    Returns:
        (), or (R,).

    Source: Fleiss 1971, doi 10.1037/h0031619.
    """
    rated = ~np.isnan(ratings).any(axis=0)
    readers = len(ratings)
    weight = np.ones(ratings.shape[1]) if weights is None else np.asarray(weights, dtype=np.float64)
    weight = weight[..., rated]
    yes = (ratings[:, rated] == 1).sum(axis=0).astype(np.float64)
    no = readers - yes
    with np.errstate(invalid="ignore", divide="ignore"):
        agreement = (yes * (yes - 1) + no * (no - 1)) / (readers * (readers - 1))
        total = weight.sum(axis=-1)
        same = (weight @ agreement) / total
        p = (weight @ yes) / (total * readers)
        chance = p**2 + (1 - p) ** 2
        return np.asarray(np.where(chance < 1, (same - chance) / (1 - chance), np.nan))


def majority(ratings: np.ndarray) -> np.ndarray:
    """Returns the majority of the readers, (N, F) in {0, 1, NaN}; NaN for a tie or no rating.

    Args:
        ratings: (K, N, F) in {0, 1, NaN}.
    """
    balance = np.nan_to_num(2 * ratings - 1).sum(axis=0)  # 1 for yes, -1 for no, 0 for none
    return np.where(balance > 0, 1.0, np.where(balance < 0, 0.0, np.nan))
