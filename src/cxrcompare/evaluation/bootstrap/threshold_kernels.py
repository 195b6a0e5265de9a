"""Inner loops of replicates with thresholds: choosing thresholds, and counting decisions at them.

They process `LANES` replicates at once, as those of `bootstrap_kernels` do.
"""

from __future__ import annotations

import numpy as np

from cxrcompare.compiling import compiled
from cxrcompare.evaluation.bootstrap import numpy_kernels
from cxrcompare.evaluation.bootstrap.unit_codes import (
    LANES,
    NET_BENEFIT,
    ROUNDING,
    SENSITIVITY,
    SPECIFICITY,
    TIED_NEGATIVE,
    TIED_POSITIVE,
    UNDEFINED,
    YOUDEN,
)


@compiled
def lane_weights(start, stop, counts):  # type: ignore[no-untyped-def]
    """Returns the counts of the replicates [start, stop), (P, LANES) uint8."""
    weight = np.zeros((counts.shape[1], LANES), dtype=np.uint8)
    for replicate in range(start, stop):
        for patient in range(counts.shape[1]):
            weight[patient, replicate - start] = counts[replicate, patient]
    return weight


@compiled(otherwise=numpy_kernels.choose)
def choose(start, stop, counts, patients, codes, offsets, rule, target, chosen):  # type: ignore[no-untyped-def]
    """Fills the operating point of every task in up to `LANES` replicates.

    The candidates are the ends of groups of tied scores that have a positive: at any other score
    no rule gains. Of ties the first is kept, i.e. the highest threshold.

    Args:
        start: First replicate.
        stop: One past the last, at most `start + LANES`.
        counts: (R, P) uint8.
        patients: (U,) int32, the units of all tasks in descending order of score, concatenated.
        codes: (U,) uint8, those of `unit_codes`.
        offsets: (T + 1,) int64, the start of each task.
        rule: YOUDEN, SENSITIVITY, SPECIFICITY, MAX_F1 or NET_BENEFIT.
        target: The minimum sensitivity or specificity, or the threshold probability.
        chosen: (R, T) int64, output: the index of the last unit that is positive. If no unit is, it
            is -1 minus the index of the unit with the highest score. `UNDEFINED` with one class.
    """
    weight = lane_weights(start, stop, counts)
    m = np.empty(LANES, dtype=np.float64)
    n = np.empty(LANES, dtype=np.float64)
    tp = np.empty(LANES, dtype=np.float64)
    fp = np.empty(LANES, dtype=np.float64)
    best = np.empty(LANES, dtype=np.float64)
    at = np.empty(LANES, dtype=np.int64)
    positives = np.empty(LANES, dtype=np.int32)
    negatives = np.empty(LANES, dtype=np.int32)
    for task in range(len(offsets) - 1):
        positives[:] = 0
        negatives[:] = 0
        for unit in range(offsets[task], offsets[task + 1]):
            row = weight[patients[unit]]
            if codes[unit] % 2 == 1:
                for lane in range(LANES):
                    positives[lane] += row[lane]
            else:
                for lane in range(LANES):
                    negatives[lane] += row[lane]
        m[:] = positives
        n[:] = negatives
        positives[:] = 0
        negatives[:] = 0
        best[:] = -1.0 if rule == SENSITIVITY else 0.0
        for lane in range(LANES):
            at[lane] = UNDEFINED
            for unit in range(offsets[task], offsets[task + 1]):
                if weight[patients[unit], lane] > 0:
                    at[lane] = -1 - unit
                    break
        group = False
        for unit in range(offsets[task], offsets[task + 1]):
            row = weight[patients[unit]]
            code = codes[unit]
            if code % 2 == 1:
                group = True
                for lane in range(LANES):
                    positives[lane] += row[lane]
            else:
                for lane in range(LANES):
                    negatives[lane] += row[lane]
            if TIED_NEGATIVE <= code <= TIED_POSITIVE or not group:
                continue
            group = False
            tp[:] = positives
            fp[:] = negatives
            for lane in range(LANES):
                if rule == YOUDEN:  # integers, so that ties are exact
                    gain = n[lane] * tp[lane] - m[lane] * fp[lane]
                elif rule == SENSITIVITY:
                    gain = n[lane] - fp[lane] if tp[lane] >= target * m[lane] - ROUNDING else -1.0
                elif rule == SPECIFICITY:
                    kept = n[lane] - fp[lane] >= target * n[lane] - ROUNDING
                    gain = tp[lane] if kept else -1.0
                elif rule == NET_BENEFIT:
                    gain = (1.0 - target) * tp[lane] - target * fp[lane]
                else:
                    gain = 2 * tp[lane] / max(tp[lane] + fp[lane] + m[lane], 1.0)
                better = gain > best[lane]
                best[lane] = gain if better else best[lane]
                at[lane] = unit if better else at[lane]
        for lane in range(stop - start):
            defined = m[lane] > 0 and n[lane] > 0
            chosen[start + lane, task] = at[lane] if defined else UNDEFINED


@compiled(otherwise=numpy_kernels.count)
def count(start, stop, counts, patients, codes, offsets, called, sums):  # type: ignore[no-untyped-def]
    """Fills true and false positives of every task in up to `LANES` replicates.

    Args:
        start: First replicate.
        stop: One past the last, at most `start + LANES`.
        counts: (R, P) uint8.
        patients: (U,) int32, as for `choose`.
        codes: (U,) uint8, as for `choose`.
        offsets: (T + 1,) int64, as for `choose`.
        called: (R, T) int32, the number of units of the task whose score is at least the threshold
            of the replicate.
        sums: (R, T, 2) float64, output: tp and fp.
    """
    weight = lane_weights(start, stop, counts)
    totals = np.empty((2, LANES), dtype=np.int32)
    limit = np.zeros(LANES, dtype=np.int32)
    for task in range(len(offsets) - 1):
        totals[:] = 0
        limit[: stop - start] = called[start:stop, task]
        certain = limit[: stop - start].min()
        first = offsets[task]
        for unit in range(certain):
            row = weight[patients[first + unit]]
            total = totals[codes[first + unit] % 2]
            for lane in range(LANES):
                total[lane] += row[lane]
        for unit in range(certain, limit.max()):
            row = weight[patients[first + unit]]
            total = totals[codes[first + unit] % 2]
            for lane in range(LANES):
                total[lane] += row[lane] if unit < limit[lane] else 0
        for lane in range(stop - start):
            sums[start + lane, task, 0] = totals[1, lane]
            sums[start + lane, task, 1] = totals[0, lane]


@compiled
def _correct(weight, patients, positive, scores, thresholds):  # type: ignore[no-untyped-def]
    """Returns the weight of one model's correct units per lane, (LANES,) int32."""
    findings = scores.shape[1]
    limits = np.empty((findings, LANES), dtype=np.float64)
    low = np.empty(findings, dtype=np.float64)
    high = np.empty(findings, dtype=np.float64)
    for f in range(findings):
        limits[f] = thresholds[0, f]
        limits[f, : len(thresholds)] = thresholds[:, f]
        low[f] = limits[f].min()
        high[f] = limits[f].max()
    sums = np.zeros(LANES, dtype=np.int32)
    right = np.empty(LANES, dtype=np.int32)
    for unit in range(len(patients)):
        wrong = False
        varies = False
        for f in range(findings):
            if scores[unit, f] >= high[f]:
                wrong = wrong or not positive[unit, f]
            elif scores[unit, f] < low[f]:
                wrong = wrong or positive[unit, f]
            else:
                varies = True
        if wrong:
            continue
        row = weight[patients[unit]]
        if not varies:
            for lane in range(LANES):
                sums[lane] += row[lane]
            continue
        for lane in range(LANES):
            right[lane] = row[lane]
        for f in range(findings):
            score = scores[unit, f]
            if low[f] <= score < high[f]:
                for lane in range(LANES):
                    same = (score >= limits[f, lane]) == positive[unit, f]
                    right[lane] = right[lane] if same else 0
        for lane in range(LANES):
            sums[lane] += right[lane]
    return sums


@compiled(otherwise=numpy_kernels.all_correct)
def all_correct(start, stop, counts, patients, positive, scores, thresholds, total):  # type: ignore[no-untyped-def]
    """Fills the weight of the units with all findings correct in up to `LANES` replicates.

    Args:
        start: First replicate.
        stop: One past the last, at most `start + LANES`.
        counts: (R, P) uint8.
        patients: (N,) int32.
        positive: (N, F) bool, the labels.
        scores: (M, N, F) float64.
        thresholds: (R, M, F) float64, not NaN.
        total: (R, M) float64, output.
    """
    weight = lane_weights(start, stop, counts)
    for model in range(len(scores)):
        sums = _correct(weight, patients, positive, scores[model], thresholds[start:stop, model])
        for lane in range(stop - start):
            total[start + lane, model] = sums[lane]
