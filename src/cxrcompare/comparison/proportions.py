"""Wilson intervals of proportions, where the bootstrap is not the better one."""

from __future__ import annotations

import numpy as np

from cxrcompare.comparison.panel import Panel
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
    if panel.independent:
        return intervals.wilson(above, below, level)
    known = ~np.isnan(panel.labels)
    inside = {
        "sensitivity": panel.labels == 1,
        "specificity": panel.labels == 0,
        "precision": called & known,
        "npv": ~called & known,
    }.get(metric, known)
    patients = np.array(
        [len(np.unique(panel.resamples.patient[inside[:, f]])) for f in range(inside.shape[1])]
    )
    edge = (below > 0) & ((above == 0) | (above == below))
    share = np.divide(above, below, out=np.zeros(len(below)), where=below > 0)
    low, high = intervals.wilson(share * patients, patients, level)
    return np.where(edge, low, np.nan), np.where(edge, high, np.nan)
