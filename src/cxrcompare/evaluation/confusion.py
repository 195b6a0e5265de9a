"""Confusion matrices: 2x2 counts per finding, and a multi-label matrix across findings."""

from __future__ import annotations

import numpy as np


def two_by_two(labels: np.ndarray, decisions: np.ndarray) -> np.ndarray:
    """Returns tp, fp, fn, tn of each finding, (..., F, 4) int64.

    Args:
        labels: (N, F) in {0, 1, NaN}; unknown labels are not counted.
        decisions: (..., N, F) bool.
    """
    positive, negative, predicted = labels == 1, labels == 0, decisions.astype(bool)
    cells = (
        predicted & positive,
        predicted & negative,
        ~predicted & positive,
        ~predicted & negative,
    )
    return np.stack([cell.sum(axis=-2) for cell in cells], axis=-1).astype(np.int64)


def multilabel(labels: np.ndarray, decisions: np.ndarray) -> np.ndarray:
    """Returns the multi-label confusion matrix, (F + 1, F + 1) int64.

    Rows are reference labels; the last row is "no true label". Columns are predicted labels; the
    last column is "no predicted label". For each unit with true set T and predicted set P:

    - Each label in both sets counts on the diagonal.
    - Without false positives, each missed label counts in the last column.
    - Without missed labels, each false positive counts in its column, in the rows of all of T.
    - With both, each false positive counts in its column, in the rows of the missed labels.
    - A unit without true labels counts in the last row.

    Args:
        labels: (N, F) in {0, 1, NaN}; units with an unknown label are excluded.
        decisions: (N, F) bool.

    Source: Heydarian, Doyle & Samavi 2022, doi 10.1109/ACCESS.2022.3151048.
    """
    labelled = ~np.isnan(labels).any(axis=1)
    true, predicted = labels[labelled] == 1, decisions[labelled].astype(bool)
    findings = labels.shape[1]
    both, missed, wrong = true & predicted, true & ~predicted, predicted & ~true
    no_true, no_predicted = ~true.any(axis=1), ~predicted.any(axis=1)
    any_missed, any_wrong = missed.any(axis=1), wrong.any(axis=1)
    matrix = np.zeros((findings + 1, findings + 1), dtype=np.int64)
    matrix[np.arange(findings), np.arange(findings)] = both.sum(axis=0)
    matrix[:findings, findings] = missed[~any_wrong].sum(axis=0)
    over = any_wrong & ~any_missed & ~no_true
    swapped = any_wrong & any_missed
    matrix[:findings, :findings] += _pairs(true[over], wrong[over])
    matrix[:findings, :findings] += _pairs(missed[swapped], wrong[swapped])
    matrix[findings, :findings] = wrong[no_true].sum(axis=0)
    matrix[findings, findings] = int((no_true & no_predicted).sum())
    return matrix


def _pairs(rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    return rows.astype(np.int64).T @ columns.astype(np.int64)
