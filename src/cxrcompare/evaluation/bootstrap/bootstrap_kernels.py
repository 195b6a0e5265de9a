"""The inner loops of the bootstrap, compiled with numba and cached on disk.

Without numba, `numpy_kernels` replaces them.

Each kernel fills the replicates [start, stop) and releases the GIL, so that `over_replicates` can
run blocks of replicates in threads.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from cxrcompare import compiling
from cxrcompare.compiling import compiled
from cxrcompare.evaluation.bootstrap import numpy_kernels
from cxrcompare.evaluation.bootstrap.threshold_kernels import lane_weights
from cxrcompare.evaluation.bootstrap.unit_codes import (
    LANES,
    NEGATIVE,
    POSITIVE,
    TIED_NEGATIVE,
    TIED_POSITIVE,
)
from cxrcompare.threads import threads


def over_replicates(kernel: Callable[..., None], replicates: int, *arguments: Any) -> None:
    """Runs `kernel(start, stop, *arguments)` over all replicates, `LANES` at a time, in threads."""
    compiling.suggest_numba()
    if replicates <= LANES:
        kernel(0, replicates, *arguments)
        return
    with threads() as start:
        jobs = [
            start(kernel, first, min(first + LANES, replicates), *arguments)
            for first in range(0, replicates, LANES)
        ]
        for job in jobs:
            job.result()


@compiled(otherwise=numpy_kernels.rank_metrics)
def rank_metrics(start, stop, counts, patients, codes, offsets, area, precision):  # type: ignore[no-untyped-def]
    """Fills AUROC and average precision of every task in up to `LANES` replicates.

    One sweep over the units of a task in descending order of score processes all replicates at
    once: the innermost loops run over replicates and are vectorised. Sums of counts are integers,
    exact in float64.

    Args:
        start: First replicate.
        stop: One past the last, at most `start + LANES`.
        counts: (R, P) uint8.
        patients: (U,) int32, the units of all tasks, concatenated.
        codes: (U,) uint8, those of `unit_codes`.
        offsets: (T + 1,) int64, the start of each task.
        area: (R, T) float64, output.
        precision: (R, T) float64, output; without columns it is not computed.
    """
    want = precision.shape[1] > 0
    weight = lane_weights(start, stop, counts)
    tp = np.empty(LANES, dtype=np.int32)
    fp = np.empty(LANES, dtype=np.int32)
    tied_tp = np.zeros(LANES, dtype=np.int32)
    tied_fp = np.zeros(LANES, dtype=np.int32)
    lost = np.empty(LANES, dtype=np.float64)  # pairs ranked wrongly
    gained = np.empty(LANES, dtype=np.float64)
    for task in range(len(offsets) - 1):
        tp[:] = 0
        fp[:] = 0
        lost[:] = 0.0
        gained[:] = 0.0
        for unit in range(offsets[task], offsets[task + 1]):
            code = codes[unit]
            row = weight[patients[unit]]
            if code == NEGATIVE:
                for lane in range(LANES):
                    fp[lane] += row[lane]
                continue
            if code == POSITIVE:
                for lane in range(LANES):
                    tied_tp[lane] = row[lane]
            elif code % 2 == 0:
                for lane in range(LANES):
                    tied_fp[lane] += row[lane]
            else:
                for lane in range(LANES):
                    tied_tp[lane] += row[lane]
            if code == TIED_NEGATIVE or code == TIED_POSITIVE:  # noqa: SIM109
                continue
            if code != POSITIVE:
                for lane in range(LANES):
                    lost[lane] += 0.5 * float(tied_tp[lane]) * float(tied_fp[lane])
            for lane in range(LANES):
                lost[lane] += float(tied_tp[lane]) * float(fp[lane])
                tp[lane] += tied_tp[lane]
                fp[lane] += tied_fp[lane]
            if want:
                for lane in range(LANES):
                    called = float(max(tp[lane] + fp[lane], 1))
                    gained[lane] += float(tied_tp[lane]) * float(tp[lane]) / called
            tied_tp[:] = 0
            tied_fp[:] = 0
        for lane in range(stop - start):
            defined = tp[lane] > 0 and fp[lane] > 0
            pairs = float(tp[lane]) * float(fp[lane])
            area[start + lane, task] = 1.0 - lost[lane] / pairs if defined else np.nan
            if want:
                average = gained[lane] / float(tp[lane])
                precision[start + lane, task] = average if defined else np.nan


@compiled(otherwise=numpy_kernels.absolute_sums)
def absolute_sums(start, stop, counts, offsets, patients, values, width, sums, together):  # type: ignore[no-untyped-def]
    """Fills sums of absolute values of weighted sums in up to `LANES` replicates.

    Args:
        start: First replicate.
        stop: One past the last, at most `start + LANES`.
        counts: (R, P) uint8.
        offsets: (T * width + 1,) int64, the start of each column of a sparse table.
        patients: (U,) int32, the patients of its entries; a patient may have several.
        values: (U,) float64, the entries.
        width: The number of columns per result.
        sums: (R, T) float64, output.
        together: (R, G) float64, output: the same if T / G consecutive results are one, i.e. if
            their columns are added before the absolute value; not computed if G is 0.
    """
    weight = lane_weights(start, stop, counts)
    total = np.empty(LANES, dtype=np.float64)
    part = np.empty(LANES, dtype=np.float64)
    groups = together.shape[1]
    tasks = sums.shape[1]
    joined = np.zeros((width if groups else 0, LANES), dtype=np.float64)
    for task in range(tasks):
        total[:] = 0.0
        for column in range(width):
            part[:] = 0.0
            at = task * width + column
            for entry in range(offsets[at], offsets[at + 1]):
                row = weight[patients[entry]]
                value = values[entry]
                for lane in range(LANES):
                    part[lane] += value * float(np.int32(row[lane]))
            for lane in range(LANES):
                total[lane] += abs(part[lane])
            if groups:
                for lane in range(LANES):
                    joined[column, lane] += part[lane]
        for lane in range(stop - start):
            sums[start + lane, task] = total[lane]
        if groups and (task + 1) % (tasks // groups) == 0:
            total[:] = 0.0
            for column in range(width):
                for lane in range(LANES):
                    total[lane] += abs(joined[column, lane])
            joined[:] = 0.0
            for lane in range(stop - start):
                together[start + lane, task // (tasks // groups)] = total[lane]


@compiled(otherwise=numpy_kernels.curves)
def curves(start, stop, counts, patients, codes, grid, sensitivity, precision):  # type: ignore[no-untyped-def]
    """Adds one model's sensitivity at false positive rates and precision at recalls, per replicate.

    Args:
        start: First replicate.
        stop: One past the last.
        counts: (R, P) uint8.
        patients: (U,) int32, of the units in descending order of score.
        codes: (U,) uint8, those of `unit_codes`.
        grid: (G,) ascending, in [0, 1].
        sensitivity: (R, G) float64, accumulated: the curve with linear interpolation; at a vertical
            step its upper end.
        precision: (R, G) float64, accumulated: at the first threshold that reaches the recall.
    """
    size = len(grid)
    own = np.zeros((2, counts.shape[1]), dtype=np.int32)  # negatives, positives of each patient
    for unit in range(len(codes)):
        own[codes[unit] % 2, patients[unit]] += 1
    most = np.empty(size + 1, dtype=np.int32)  # false positives up to each point of the grid
    least = np.empty(size + 1, dtype=np.int32)  # true positives from it
    for replicate in range(start, stop):
        m = 0
        n = 0
        for patient in range(counts.shape[1]):
            times = np.int32(counts[replicate, patient])
            n += times * own[0, patient]
            m += times * own[1, patient]
        if m == 0 or n == 0:
            sensitivity[replicate] = np.nan
            precision[replicate] = np.nan
            continue
        tp = 0
        fp = 0
        tp_before = 0
        fp_before = 0
        at_rate = 0
        at_recall = 0
        for point in range(size):
            most[point] = np.int32((grid[point] + 1e-12) * n)
            least[point] = np.int32(np.ceil((grid[point] - 1e-12) * m))
        most[size] = n
        least[size] = m + 1
        for unit in range(len(codes)):
            code = codes[unit]
            times = np.int64(counts[replicate, patients[unit]])
            if code % 2 == 1:
                tp += times
            else:
                fp += times
            if code in (TIED_NEGATIVE, TIED_POSITIVE):
                continue
            while fp > most[at_rate]:
                at = float(tp_before)
                if tp > tp_before:
                    share = (grid[at_rate] * n - fp_before) / (fp - fp_before)
                    at += max(share, 0.0) * (tp - tp_before)
                sensitivity[replicate, at_rate] += at / m
                at_rate += 1
            if tp >= least[at_recall] and tp + fp > 0:
                reached = tp / (tp + fp)
                while tp >= least[at_recall]:
                    precision[replicate, at_recall] += reached
                    at_recall += 1
            tp_before = tp
            fp_before = fp
        for rest in range(at_rate, size):
            sensitivity[replicate, rest] += 1.0
