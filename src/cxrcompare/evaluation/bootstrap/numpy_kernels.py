"""The inner loops of the bootstrap in NumPy, for an installation without numba.

Each function has the arguments and results of the compiled kernel of its name. Only groups of tied
scores that contain a positive move a ROC curve upwards, so sums are computed per such group.
"""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np
from scipy import sparse

from cxrcompare.evaluation.bootstrap.unit_codes import (
    MAX_F1,
    NET_BENEFIT,
    ROUNDING,
    SENSITIVITY,
    SPECIFICITY,
    TIED_NEGATIVE,
    TIED_POSITIVE,
    UNDEFINED,
    YOUDEN,
)


class Steps(NamedTuple):
    """The K upward steps of one task's ROC curve in B replicates, in descending order of score.

    Attributes:
        tp: (K, B) weight of the positives up to and including the step.
        fp: (K, B) weight of the negatives up to and including the step.
        tied_tp: (K, B) weight of the positives of the step.
        tied_fp: (K, B) weight of the negatives that are tied with them.
        ties: (I,) the steps with negatives.
        last: (K,) the position of the step's last unit in the task.
        positives: (B,) weight of all positives.
        negatives: (B,) weight of all negatives.
    """

    tp: np.ndarray
    fp: np.ndarray
    tied_tp: np.ndarray
    tied_fp: np.ndarray
    ties: np.ndarray
    last: np.ndarray
    positives: np.ndarray
    negatives: np.ndarray


def rank_metrics(start, stop, counts, patients, codes, offsets, area, precision):  # type: ignore[no-untyped-def]
    """Fills AUROC and average precision: `bootstrap_kernels.rank_metrics`."""
    weight = _weights(start, stop, counts)
    for task in range(len(offsets) - 1):
        units = slice(offsets[task], offsets[task + 1])
        at = steps(weight, patients[units], codes[units])
        lost = (at.tied_tp * at.fp).sum(axis=0)
        lost -= 0.5 * (at.tied_tp[at.ties] * at.tied_fp[at.ties]).sum(axis=0)
        area[start:stop, task] = 1.0 - _share(lost, at.positives * at.negatives, at)
        if precision.shape[1]:
            called = np.maximum(at.tp + at.fp, 1.0)
            gained = (at.tied_tp * at.tp / called).sum(axis=0)
            precision[start:stop, task] = _share(gained, at.positives, at)


def absolute_sums(start, stop, counts, offsets, patients, values, width, sums, together):  # type: ignore[no-untyped-def]
    """Fills sums of absolute values of weighted sums: `bootstrap_kernels.absolute_sums`."""
    shape = (len(offsets) - 1, counts.shape[1])
    parts = sparse.csr_array((values, patients, offsets), shape=shape) @ _weights(
        start, stop, counts
    )
    columns = np.asarray(parts).reshape(sums.shape[1], width, stop - start)
    sums[start:stop] = np.abs(columns).sum(axis=1).T
    if together.shape[1]:
        joined = columns.reshape(together.shape[1], -1, width, stop - start).sum(axis=1)
        together[start:stop] = np.abs(joined).sum(axis=1).T


def curves(start, stop, counts, patients, codes, grid, sensitivity, precision):  # type: ignore[no-untyped-def]
    """Adds one model's curves: `bootstrap_kernels.curves`."""
    at = steps(_weights(start, stop, counts), patients, codes)
    for lane, replicate in enumerate(range(start, stop)):
        m, n = at.positives[lane], at.negatives[lane]
        if m == 0 or n == 0:
            sensitivity[replicate] = np.nan
            precision[replicate] = np.nan
            continue
        tp, fp = at.tp[:, lane].copy(), at.fp[:, lane].copy()
        step = np.searchsorted(fp, (grid + 1e-12) * n, side="right")
        inside = np.minimum(step, len(tp) - 1)
        rise, run = at.tied_tp[inside, lane], at.tied_fp[inside, lane]
        share = (grid * n - fp[inside] + run) / np.maximum(run, 1.0)
        height = tp[inside] - rise + np.maximum(share, 0.0) * rise
        sensitivity[replicate] += np.where(step < len(tp), height / m, 1.0)
        reached = tp / np.maximum(tp + fp, 1.0)
        recall = (grid - 1e-12) * m
        drawn = np.argmax(tp + fp > 0)
        # A recall of 0 is reached by the first drawn unit, which may be negative.
        highest = 0.0 if fp[drawn] > at.tied_fp[drawn, lane] else reached[drawn]
        first = np.searchsorted(tp, recall, side="left")
        precision[replicate] += np.where(recall <= 0, highest, reached[first])


def choose(start, stop, counts, patients, codes, offsets, rule, target, chosen):  # type: ignore[no-untyped-def]
    """Fills the operating point of every task: `threshold_kernels.choose`."""
    weight = _weights(start, stop, counts)
    for task in range(len(offsets) - 1):
        units = slice(offsets[task], offsets[task + 1])
        at = steps(weight, patients[units], codes[units])
        m, n = at.positives, at.negatives
        defined = (m > 0) & (n > 0)
        if not defined.any():
            chosen[start:stop, task] = UNDEFINED
            continue
        gain = _gain(at.tp, at.fp, m, n, rule, target)
        best = gain.argmax(axis=0)
        gains = np.take_along_axis(gain, best[None], axis=0)[0]
        none = -1 - (weight[patients[units]] > 0).argmax(axis=0) - offsets[task]
        better = gains > (-1.0 if rule == SENSITIVITY else 0.0)
        unit = np.where(better, at.last[best] + offsets[task], none)
        chosen[start:stop, task] = np.where(defined, unit, UNDEFINED)


def count(start, stop, counts, patients, codes, offsets, called, sums):  # type: ignore[no-untyped-def]
    """Fills true and false positives of every task: `threshold_kernels.count`."""
    weight = _weights(start, stop, counts)
    for task in range(len(offsets) - 1):
        limit = called[start:stop, task]
        certain, most = offsets[task] + limit.min(), offsets[task] + limit.max()
        some = slice(certain, most)
        flagged = np.arange(limit.min(), limit.max())[:, None] < limit
        part = weight[patients[some]] * flagged
        for label in (0, 1):
            kept = np.arange(offsets[task], certain)
            kept = kept[codes[kept] % 2 == label]
            total = _row_sums(weight, patients[kept], np.zeros(len(kept)), 1)[0]
            total = total + part[codes[some] % 2 == label].sum(axis=0)
            sums[start:stop, task, 1 - label] = total


def all_correct(start, stop, counts, patients, positive, scores, thresholds, total):  # type: ignore[no-untyped-def]
    """Fills the weight of units with all findings correct: `threshold_kernels.all_correct`."""
    weight = _weights(start, stop, counts)
    for model, score in enumerate(scores):
        limits = thresholds[start:stop, model]
        above, below = score >= limits.max(axis=0), score < limits.min(axis=0)
        wrong = ((above & ~positive) | (below & positive)).any(axis=1)
        certain = (above | below).all(axis=1)
        sure = patients[certain & ~wrong]
        result = _row_sums(weight, sure, np.zeros(len(sure)), 1)[0]
        rest = np.flatnonzero(~certain & ~wrong)
        right = np.ones((len(rest), stop - start), dtype=bool)
        for finding in range(positive.shape[1]):
            flagged = score[rest, finding, None] >= limits[:, finding]
            right &= flagged == positive[rest, finding, None]
        total[start:stop, model] = result + (weight[patients[rest]] * right).sum(axis=0)


def steps(weight: np.ndarray, patients: np.ndarray, codes: np.ndarray) -> Steps:
    """Returns the upward steps of one task.

    Args:
        weight: (P, B) float64, the draws of each patient in each replicate.
        patients: (U,) int32, of the units in descending order of score.
        codes: (U,) uint8, those of `unit_codes`.
    """
    positive = codes % 2 == 1
    ends = (codes < TIED_NEGATIVE) | (codes > TIED_POSITIVE)
    group: np.ndarray = np.cumsum(ends) - ends
    moves = np.zeros(np.count_nonzero(ends), dtype=bool)
    moves[group[positive]] = True
    size, inside = int(moves.sum()), moves[group]
    step = np.cumsum(moves)[group]  # from 1 inside of a step; else the number of steps before
    tied = inside & ~positive
    ties = np.unique(step[tied] - 1)
    tied_tp = _row_sums(weight, patients[positive], step[positive] - 1, size)
    tied_fp = _row_sums(weight, patients[tied], step[tied] - 1, size)
    negatives = _row_sums(weight, patients[~inside], step[~inside], size + 1)
    negatives[ties] += tied_fp[ties]
    tp, fp = tied_tp.copy(), negatives
    _cumulate(tp)
    _cumulate(fp)
    total = tp[-1] if size else np.zeros(weight.shape[1])
    return Steps(tp, fp[:-1], tied_tp, tied_fp, ties, np.flatnonzero(ends)[moves], total, fp[-1])


def _weights(start: int, stop: int, counts: np.ndarray) -> np.ndarray:
    """Returns the counts of the replicates [start, stop), (P, stop - start) float64."""
    return counts[start:stop].T.astype(np.float64, order="C")


def _row_sums(weight: np.ndarray, patients: np.ndarray, row: np.ndarray, rows: int) -> np.ndarray:
    """Returns sums of weights over the units of each row, (rows, B); `row` (U,) is ascending."""
    if not len(row):
        return np.zeros((rows, weight.shape[1]))
    starts = np.searchsorted(row, np.arange(rows + 1)).astype(np.int32)
    member = sparse.csr_array((np.ones(len(patients)), patients, starts), shape=(rows, len(weight)))
    return np.asarray(member @ weight)


def _cumulate(values: np.ndarray) -> None:
    """Replaces (K, B) by cumulative sums along the first axis, faster than `np.cumsum` does."""
    for before, after in itertools.pairwise(values):
        after += before


def _share(sums: np.ndarray, total: np.ndarray, at: Steps) -> np.ndarray:
    """Returns sums divided by a total, (B,); NaN in replicates of one class."""
    defined = (at.positives > 0) & (at.negatives > 0)
    return np.divide(sums, total, out=np.full(sums.shape, np.nan), where=defined)


def _gain(
    tp: np.ndarray, fp: np.ndarray, m: np.ndarray, n: np.ndarray, rule: int, target: float
) -> np.ndarray:
    """Returns what a rule maximises at each step, (K, B)."""
    if rule == YOUDEN:
        return n * tp - m * fp
    if rule == SENSITIVITY:
        return np.where(tp >= target * m - ROUNDING, n - fp, -1.0)
    if rule == SPECIFICITY:
        return np.where(n - fp >= target * n - ROUNDING, tp, -1.0)
    if rule == NET_BENEFIT:
        return (1.0 - target) * tp - target * fp
    if rule == MAX_F1:
        return 2 * tp / np.maximum(tp + fp + m, 1.0)
    raise ValueError(f"unknown rule: {rule}")
