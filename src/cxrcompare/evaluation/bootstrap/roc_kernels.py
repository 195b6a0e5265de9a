"""The inner loop of points and parts of the ROC curve in bootstrap replicates."""

from __future__ import annotations

import numpy as np

from cxrcompare.compiling import compiled
from cxrcompare.evaluation.bootstrap import numpy_kernels
from cxrcompare.evaluation.bootstrap.threshold_kernels import lane_weights
from cxrcompare.evaluation.bootstrap.unit_codes import (
    LANES,
    NEGATIVE,
    POSITIVE,
    ROUNDING,
    TIED_NEGATIVE,
    TIED_POSITIVE,
)

_CHECK = 256  # units after which the sweep checks whether the rest of the curve is needed


@compiled(otherwise=numpy_kernels.roc_points)
def roc_points(start, stop, counts, patients, codes, offsets, m, n, at, area, tpr, tnr):  # type: ignore[no-untyped-def]
    """Fills the partial area and two points of every task's ROC curve in up to `LANES` replicates.

    One sweep over the units in descending order of score. Only groups of tied scores with a
    positive move the curve upwards, so only they are evaluated.

    Args:
        start: First replicate.
        stop: One past the last, at most `start + LANES`.
        counts: (R, P) uint8.
        patients: (U,) int32, the units of all tasks, concatenated.
        codes: (U,) uint8, those of `unit_codes`.
        offsets: (T + 1,) int64, the start of each task.
        m: (R, F) float64, the positives of each finding; task t is of finding t modulo F.
        n: (R, F) float64, the negatives.
        at: Three numbers: the false positive rate up to which the area goes, that at which the
            sensitivity is read, and the sensitivity at which the specificity is read.
        area: (R, T) float64, output: area under the curve, not standardised.
        tpr: (R, T) float64, output: the sensitivity.
        tnr: (R, T) float64, output: the specificity.
    """
    weight = lane_weights(start, stop, counts)
    tp = np.empty(LANES, dtype=np.int32)
    fp = np.empty(LANES, dtype=np.int32)
    tied_tp = np.empty(LANES, dtype=np.int32)
    tied_fp = np.empty(LANES, dtype=np.int32)
    end = np.zeros(LANES, dtype=np.float64)
    limit = np.zeros(LANES, dtype=np.float64)
    needed = np.zeros(LANES, dtype=np.float64)
    inside = np.empty(LANES, dtype=np.float64)
    hits = np.empty(LANES, dtype=np.float64)
    alarms = np.empty(LANES, dtype=np.float64)
    for task in range(len(offsets) - 1):
        finding = task % m.shape[1]
        for lane in range(stop - start):
            end[lane] = at[0] * n[start + lane, finding]
            limit[lane] = at[1] * n[start + lane, finding]
            needed[lane] = at[2] * m[start + lane, finding]
        for values in (tp, fp, tied_tp, tied_fp):
            values[:] = 0
        inside[:] = 0.0
        hits[:] = 0.0
        alarms[:] = 0.0
        group = False
        for unit in range(offsets[task], offsets[task + 1]):
            if unit % _CHECK == 0:
                open_ = False
                for lane in range(stop - start):
                    open_ = open_ or fp[lane] <= max(end[lane], limit[lane]) + ROUNDING
                    open_ = open_ or tp[lane] < needed[lane] - ROUNDING
                if not open_:
                    break
            row = weight[patients[unit]]
            code = codes[unit]
            if code == NEGATIVE:
                for lane in range(LANES):
                    fp[lane] += row[lane]
                continue
            if code == POSITIVE:  # a vertical step, without divisions
                for lane in range(LANES):
                    count = row[lane]
                    after = tp[lane] + count
                    a = float(count)
                    x = float(fp[lane])
                    goal = needed[lane] - ROUNDING
                    inside[lane] += a * max(end[lane] - x, 0.0)
                    hits[lane] += a if x <= limit[lane] + ROUNDING else 0.0
                    reached = float(tp[lane]) < goal <= float(after)
                    alarms[lane] = x if reached else alarms[lane]
                    tp[lane] = after
                continue
            if code % 2 == 1:
                group = True
                for lane in range(LANES):
                    tied_tp[lane] += row[lane]
            else:
                for lane in range(LANES):
                    tied_fp[lane] += row[lane]
            if TIED_NEGATIVE <= code <= TIED_POSITIVE:
                continue
            if group:
                for lane in range(LANES):
                    a = float(tied_tp[lane])
                    b = float(tied_fp[lane])
                    x = float(fp[lane])
                    y = float(tp[lane])
                    room = max(end[lane] - x, 0.0)
                    beyond = room - b
                    inside[lane] += (
                        a * (beyond + b / 2) if beyond >= 0 else a * room * room / (2 * b)
                    )
                    whole = x + b <= limit[lane] + ROUNDING
                    share = min(max((limit[lane] - x) / b, 0.0), 1.0) if b > 0 else 0.0
                    hits[lane] += a if whole else a * share
                    reached = y < needed[lane] - ROUNDING <= y + a
                    part = min((needed[lane] - y) / a, 1.0) if a > 0 else 0.0
                    alarms[lane] = x + b * part if reached else alarms[lane]
                group = False
                for lane in range(LANES):
                    tp[lane] += tied_tp[lane]
                tied_tp[:] = 0
            for lane in range(LANES):
                fp[lane] += tied_fp[lane]
            tied_fp[:] = 0
        for lane in range(stop - start):
            yes = m[start + lane, finding]
            no = n[start + lane, finding]
            defined = yes > 0 and no > 0
            area[start + lane, task] = inside[lane] / (yes * no) if defined else np.nan
            tpr[start + lane, task] = hits[lane] / yes if defined else np.nan
            tnr[start + lane, task] = 1.0 - alarms[lane] / no if defined else np.nan
