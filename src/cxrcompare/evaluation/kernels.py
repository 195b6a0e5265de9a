"""The compiled inner loops of the bootstrap (numba; compiled once, then kept on disk)."""

from __future__ import annotations

import numpy as np
from numba import njit, prange

LANES = 128
"""Replicates that go through one sweep side by side."""

# How one unit, in descending order of score, stands in its group of equal scores.
NEGATIVE, POSITIVE, TIED_NEGATIVE, TIED_POSITIVE, LAST_NEGATIVE, LAST_POSITIVE = range(6)


@njit(parallel=True, cache=True, nogil=True, error_model="numpy")
def rank_metrics(counts, patients, codes, offsets, area, precision):  # type: ignore[no-untyped-def]
    """Fills AUROC and average precision of every task in every replicate.

    One sweep over the units of a task in descending order of score carries `LANES` replicates
    along, so its innermost loops run over replicates and become vector instructions. Sums of
    counts are integers, exact in float64.

    Args:
        counts: (R, P) uint8.
        patients: (U,) int32, the tasks' units one task after the other.
        codes: (U,) uint8, as named above.
        offsets: (T + 1,) int64, where each task begins.
        area: (R, T) float64, filled.
        precision: (R, T) float64, filled; of no columns where it is not wanted.
    """
    replicates, number = counts.shape
    tasks = len(offsets) - 1
    want = precision.shape[1] > 0
    for block in prange((replicates + LANES - 1) // LANES):
        start = block * LANES
        width = min(LANES, replicates - start)
        weight = np.zeros((number, LANES), dtype=np.uint8)
        for lane in range(width):
            for patient in range(number):
                weight[patient, lane] = counts[start + lane, patient]
        tp = np.empty(LANES, dtype=np.int32)
        fp = np.empty(LANES, dtype=np.int32)
        tied_tp = np.empty(LANES, dtype=np.int32)
        tied_fp = np.empty(LANES, dtype=np.int32)
        lost = np.empty(LANES, dtype=np.float64)
        gained = np.empty(LANES, dtype=np.float64)
        for task in range(tasks):
            tp[:] = 0
            fp[:] = 0
            tied_tp[:] = 0
            tied_fp[:] = 0
            lost[:] = 0.0
            gained[:] = 0.0
            for unit in range(offsets[task], offsets[task + 1]):
                code = codes[unit]
                row = weight[patients[unit]]
                if code == NEGATIVE:
                    for lane in range(LANES):
                        fp[lane] += row[lane]
                elif code == POSITIVE:
                    for lane in range(LANES):
                        tp[lane] += row[lane]
                        lost[lane] += float(np.int32(row[lane])) * float(fp[lane])
                    if want:
                        for lane in range(LANES):
                            called = float(max(tp[lane] + fp[lane], 1))
                            gained[lane] += float(np.int32(row[lane])) * float(tp[lane]) / called
                else:
                    if code % 2 == 0:
                        for lane in range(LANES):
                            tied_fp[lane] += row[lane]
                    else:
                        for lane in range(LANES):
                            tied_tp[lane] += row[lane]
                    if code >= LAST_NEGATIVE:
                        for lane in range(LANES):
                            half = float(fp[lane]) + 0.5 * float(tied_fp[lane])
                            lost[lane] += float(tied_tp[lane]) * half
                            tp[lane] += tied_tp[lane]
                            fp[lane] += tied_fp[lane]
                        if want:
                            for lane in range(LANES):
                                called = float(max(tp[lane] + fp[lane], 1))
                                gained[lane] += float(tied_tp[lane]) * float(tp[lane]) / called
                        tied_tp[:] = 0
                        tied_fp[:] = 0
            for lane in range(width):
                if tp[lane] > 0 and fp[lane] > 0:
                    pairs = float(tp[lane]) * float(fp[lane])
                    area[start + lane, task] = 1.0 - lost[lane] / pairs
                    if want:
                        precision[start + lane, task] = gained[lane] / float(tp[lane])
                else:
                    area[start + lane, task] = np.nan
                    if want:
                        precision[start + lane, task] = np.nan
