"""Wilson intervals of proportions, where the bootstrap is not the better one."""

from __future__ import annotations

import numpy as np

from cxrcompare.comparison.inputs.panel import Panel
from cxrcompare.evaluation import confusion, intervals, metrics

PROPORTIONS = ("accuracy", "sensitivity", "specificity", "precision", "npv", "hamming_loss")


def wilson(panel: Panel, run: int, metric: str, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Returns the Wilson interval of a run's proportion in every finding, (F,) low and high.

    Where every patient has one unit it is of the units. Otherwise units of a patient are not
    independent and the bootstrap is right, except for a share of exactly 0 or 1, where it has no
    width: there the interval is of the patients, as if each were one unit. NaN elsewhere.

    Args:
        panel: What is compared.
        run: A run's position.
        metric: Of `PROPORTIONS`.
        level: Of the interval.
    """
    called = panel.decisions[run]
    counts = confusion.two_by_two(panel.labels, called)
    above, below = metrics.rate_terms(counts)[metric]
    below = np.where(panel.decided[run], below, 0.0)  # no threshold: of no unit
    if panel.independent:
        return intervals.wilson(above, below, level)
    edge = (below > 0) & ((above == 0) | (above == below))
    low, high = np.full(len(edge), np.nan), np.full(len(edge), np.nan)
    for f in np.flatnonzero(edge):
        label = panel.labels[:, f]
        inside = {
            "sensitivity": label == 1,
            "specificity": label == 0,
            "precision": called[:, f] & ~np.isnan(label),
            "npv": ~called[:, f] & ~np.isnan(label),
        }.get(metric, ~np.isnan(label))
        patients = len(np.unique(panel.resamples.patient[inside]))
        low[f], high[f] = intervals.wilson(
            above[f] / below[f] * patients, np.array(patients), level
        )
    return low, high
