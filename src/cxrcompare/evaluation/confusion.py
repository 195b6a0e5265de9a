"""Confusion matrices: one 2x2 per finding, and one across findings for multi-label decisions."""

from __future__ import annotations

import numpy as np


def two_by_two(labels: np.ndarray, decisions: np.ndarray) -> np.ndarray:
    """Returns tp, fp, fn, tn of each finding, (..., F, 4) int64.

    Args:
        labels: (N, F) in {0, 1, NaN}; unknown labels are not counted.
        decisions: (..., N, F) bool.
    """
    positive, negative, called = labels == 1, labels == 0, decisions.astype(bool)
    cells = (called & positive, called & negative, ~called & positive, ~called & negative)
    return np.stack([cell.sum(axis=-2) for cell in cells], axis=-1).astype(np.int64)


def multilabel(labels: np.ndarray, decisions: np.ndarray) -> np.ndarray:
    """Returns the multi-label confusion matrix, (F + 1, F + 1) int64.

    Rows are reference labels, the last one "no true label"; columns are predicted labels, the last
    one "no predicted label". For each unit with true set T and predicted set P:
    each label in both counts on the diagonal; where nothing is wrongly predicted each missed label
    counts in the last column; where nothing is missed each wrongly predicted label counts in its
    column in the rows of all of T; where both happen each wrongly predicted label counts in its
    column in the rows of the missed ones; a unit without true labels counts in the last row.

    Args:
        labels: (N, F) in {0, 1, NaN}; units with an unknown label are left out.
        decisions: (N, F) bool.

    Source: Heydarian, Doyle & Samavi 2022, doi 10.1109/ACCESS.2022.3151048.
    """
    known = ~np.isnan(labels).any(axis=1)
    true, called = labels[known] == 1, decisions[known].astype(bool)
    findings = labels.shape[1]
    both, missed, wrong = true & called, true & ~called, called & ~true
    no_true, no_called = ~true.any(axis=1), ~called.any(axis=1)
    any_missed, any_wrong = missed.any(axis=1), wrong.any(axis=1)
    matrix = np.zeros((findings + 1, findings + 1), dtype=np.int64)
    matrix[np.arange(findings), np.arange(findings)] = both.sum(axis=0)
    matrix[:findings, findings] = missed[~any_wrong].sum(axis=0)
    over = any_wrong & ~any_missed & ~no_true
    swapped = any_wrong & any_missed
    matrix[:findings, :findings] += _pairs(true[over], wrong[over])
    matrix[:findings, :findings] += _pairs(missed[swapped], wrong[swapped])
    matrix[findings, :findings] = wrong[no_true].sum(axis=0)
    matrix[findings, findings] = int((no_true & no_called).sum())
    return matrix


def _pairs(rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    return rows.astype(np.int64).T @ columns.astype(np.int64)
