"""Points and parts of the ROC curve: sensitivity at a specificity, the reverse, partial AUROC.

The curve has linear interpolation between its thresholds, as the AUROC has. No threshold is chosen:
each model is read at the same specificity, or the same sensitivity, of the test set.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from cxrcompare.evaluation.metrics import cumulative

METRICS: tuple[str, ...] = (
    "partial_auroc",
    "sensitivity_at_specificity",
    "specificity_at_sensitivity",
)
_ROUNDING = 1e-12


class RocPoints(NamedTuple):
    """Where the ROC curve is read.

    Attributes:
        specificity: At which the sensitivity is read, in (0, 1).
        sensitivity: At which the specificity is read, in (0, 1].
        false_positive_rate: Up to which the partial AUROC goes, in (0, 1].
    """

    specificity: float = 0.9
    sensitivity: float = 0.9
    false_positive_rate: float = 0.1

    def fewest_patients(self, metric: str) -> tuple[float, float]:
        """Returns the positive and negative patients that one of `METRICS` needs for an interval.

        The threshold at a fixed rate is a quantile of one class. It has no lower (or upper) limit
        if more than 2.5 % of samples have no patient beyond it: 36 patients are needed at a rate of
        0.9. The partial AUROC needs no quantile.
        """
        if metric == "partial_auroc":
            return 0.0, 0.0
        at_specificity = metric == "sensitivity_at_specificity"
        rate = self.specificity if at_specificity else self.sensitivity
        inner = max(rate, 1 - rate)
        number = math.ceil(math.log(0.025) / math.log(inner)) if inner < 1 else math.inf
        return (0.0, number) if at_specificity else (number, 0.0)


def roc_metric(
    metric: str,
    labels: np.ndarray,
    scores: np.ndarray,
    weights: np.ndarray | None = None,
    points: RocPoints = RocPoints(),  # noqa: B008
) -> float:
    """Returns one of `METRICS`.

    Args:
        metric: The name of the metric.
        labels: (N,) in {0, 1, NaN}; unknown labels are excluded.
        scores: (N,).
        weights: (N,) non-negative; all 1 by default.
        points: Where the curve is read.

    Returns:
        The metric in [0, 1]; NaN if positives or negatives have no weight.
    """
    if metric not in METRICS:
        raise ValueError(f"`metric` must be one of {METRICS}. Received: {metric!r}")
    tp, fp, _ = cumulative(labels, scores, weights)
    if not tp.size or tp[-1] == 0 or fp[-1] == 0:
        return float("nan")
    tpr = np.concatenate([[0.0], tp / tp[-1]])
    fpr = np.concatenate([[0.0], fp / fp[-1]])
    if metric == "sensitivity_at_specificity":
        return _sensitivity(fpr, tpr, 1 - points.specificity)
    if metric == "specificity_at_sensitivity":
        return 1 - _first_rate(fpr, tpr, points.sensitivity)
    rate = points.false_positive_rate
    return float(standardised(np.array(_area(fpr, tpr, rate)), rate))


def standardised(area: np.ndarray, rate: float) -> np.ndarray:
    """Returns McClish's standardised partial AUROC: 0.5 for chance and 1 for a perfect score.

    Args:
        area: (...), the area under the ROC curve between the false positive rates 0 and `rate`.
        rate: In (0, 1].

    Source: McClish 1989, doi 10.1177/0272989X8900900307.
    """
    chance = rate**2 / 2
    return np.asarray((1 + (area - chance) / (rate - chance)) / 2)


def _sensitivity(fpr: np.ndarray, tpr: np.ndarray, rate: float) -> float:
    """Returns the sensitivity at a false positive rate; at a vertical step its upper end."""
    last = int(np.flatnonzero(fpr <= rate + _ROUNDING)[-1])
    if last == len(fpr) - 1:
        return float(tpr[last])
    share = max((rate - fpr[last]) / (fpr[last + 1] - fpr[last]), 0.0)
    return float(tpr[last] + share * (tpr[last + 1] - tpr[last]))


def _first_rate(fpr: np.ndarray, tpr: np.ndarray, sensitivity: float) -> float:
    """Returns the smallest false positive rate at which the sensitivity is reached."""
    first = int(np.argmax(tpr >= sensitivity - _ROUNDING))
    share = min((sensitivity - tpr[first - 1]) / (tpr[first] - tpr[first - 1]), 1.0)
    return float(fpr[first - 1] + share * (fpr[first] - fpr[first - 1]))


def _area(fpr: np.ndarray, tpr: np.ndarray, rate: float) -> float:
    inside = fpr < rate
    x = np.append(fpr[inside], rate)
    y = np.append(tpr[inside], _sensitivity_below(fpr, tpr, rate))
    return float(np.sum(np.diff(x) * (y[1:] + y[:-1]) / 2))


def _sensitivity_below(fpr: np.ndarray, tpr: np.ndarray, rate: float) -> float:
    """Returns the sensitivity just below a false positive rate, for the end of an area."""
    last = int(np.flatnonzero(fpr < rate)[-1])
    share = (rate - fpr[last]) / (fpr[last + 1] - fpr[last])
    return float(tpr[last] + share * (tpr[last + 1] - tpr[last]))
