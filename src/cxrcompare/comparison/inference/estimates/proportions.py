"""Wilson intervals of proportions, where they are preferable to the bootstrap."""

from __future__ import annotations

import numpy as np

from cxrcompare.comparison.inputs.panel import Panel
from cxrcompare.evaluation import confusion, intervals, metrics

PROPORTIONS = ("accuracy", "sensitivity", "specificity", "precision", "npv", "hamming_loss")


def wilson(panel: Panel, run: int, metric: str, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Returns the Wilson interval of a run's proportion for every finding, low and high, (F,) each.

    If every patient has one unit, the interval counts units. Otherwise units of one patient are
    not independent and the bootstrap interval is preferable, except for a proportion of exactly 0
    or 1, where the bootstrap interval has no width. In that case the interval counts patients as
    units. It is NaN elsewhere. It does not contain the noise of a threshold, so for a threshold
    that was chosen it is NaN too, except for a proportion of exactly 0 or 1.

    Args:
        panel: The runs that are compared.
        run: The index of a run.
        metric: One of `PROPORTIONS`.
        level: The level of the interval.
    """
    predicted = panel.decisions[run]
    counts = confusion.two_by_two(panel.labels, predicted)
    numerator, denominator = metrics.rate_terms(counts)[metric]
    denominator = np.where(panel.decided[run], denominator, 0.0)  # no threshold: no units
    edge = (denominator > 0) & ((numerator == 0) | (numerator == denominator))
    low, high = np.full(len(edge), np.nan), np.full(len(edge), np.nan)
    if panel.independent:
        low, high = intervals.wilson(numerator, denominator, level)
        left = panel.noisy[run] & ~edge
        return np.where(left, np.nan, low), np.where(left, np.nan, high)
    for f in np.flatnonzero(edge):
        label = panel.labels[:, f]
        inside = {
            "sensitivity": label == 1,
            "specificity": label == 0,
            "precision": predicted[:, f] & ~np.isnan(label),
            "npv": ~predicted[:, f] & ~np.isnan(label),
        }.get(metric, ~np.isnan(label))
        patients = len(np.unique(panel.resamples.patient[inside]))
        low[f], high[f] = intervals.wilson(
            numerator[f] / denominator[f] * patients, np.array(patients), level
        )
    return low, high
