"""Operating points: thresholds chosen on validation by a rule.

A unit is predicted positive if its score is at least the threshold. Candidates are the distinct
scores and a threshold just above the highest score (no positives). Each rule defines how ties are
broken. The operating point is NaN if a class is absent.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cxrcompare.evaluation import metrics

RULES: tuple[str, ...] = ("youden", "sensitivity", "specificity", "max_f1", "net_benefit")


@dataclass(frozen=True)
class OperatingPoint:
    """A threshold and its metrics on the data on which it was chosen.

    Attributes:
        threshold: A score of at least this value is positive; NaN if undefined.
        sensitivity: Sensitivity (recall) at the threshold.
        specificity: Specificity at the threshold.
        precision: Precision (PPV) at the threshold; NaN without predicted positives.
    """

    threshold: float
    sensitivity: float
    specificity: float
    precision: float


def choose(
    labels: np.ndarray, scores: np.ndarray, rule: str = "youden", target: float = 0.9
) -> OperatingPoint:
    """Returns the operating point chosen by a rule.

    Args:
        labels: (N,) in {0, 1, NaN}; unknown labels are excluded.
        scores: (N,).
        rule: One of `RULES`.
        target: The minimum sensitivity or specificity, or the threshold probability of the net
            benefit, in (0, 1]; other rules ignore it.
    """
    if rule == "youden":
        return youden(labels, scores)
    if rule == "sensitivity":
        return fixed_sensitivity(labels, scores, target)
    if rule == "specificity":
        return fixed_specificity(labels, scores, target)
    if rule == "max_f1":
        return max_f1(labels, scores)
    if rule == "net_benefit":
        return max_net_benefit(labels, scores, target)
    raise ValueError(f"`rule` must be one of {RULES}. Received: {rule!r}")


def youden(labels: np.ndarray, scores: np.ndarray) -> OperatingPoint:
    """Returns the maximum of sensitivity + specificity - 1; of ties the highest threshold.

    Source: Youden 1950, doi 10.1002/1097-0142(1950)3:1<32::aid-cncr2820030106>3.0.co;2-3.
    """
    threshold, tp, fp, m, n = _candidates(labels, scores)
    # Integers, so that ties are exact: n tp - m fp is m n times Youden's index.
    return _best(n * tp - m * fp, threshold, tp, fp, m, n)


def fixed_sensitivity(labels: np.ndarray, scores: np.ndarray, target: float) -> OperatingPoint:
    """Returns the highest threshold whose sensitivity is at least `target`."""
    _check_target(target)
    threshold, tp, fp, m, n = _candidates(labels, scores)
    reached = tp >= target * m - 1e-9
    return _best(np.where(reached, n - fp, -1), threshold, tp, fp, m, n)


def fixed_specificity(labels: np.ndarray, scores: np.ndarray, target: float) -> OperatingPoint:
    """Returns the threshold of highest sensitivity with a specificity of at least `target`.

    Of ties, it is the highest threshold.
    """
    _check_target(target)
    threshold, tp, fp, m, n = _candidates(labels, scores)
    kept = n - fp >= target * n - 1e-9
    return _best(np.where(kept, tp, -1), threshold, tp, fp, m, n)


def max_f1(labels: np.ndarray, scores: np.ndarray) -> OperatingPoint:
    """Returns the maximum of F1, 2 tp / (2 tp + fp + fn); of ties the highest threshold."""
    threshold, tp, fp, m, n = _candidates(labels, scores)
    return _best(2 * tp / np.maximum(tp + fp + m, 1), threshold, tp, fp, m, n)


def max_net_benefit(labels: np.ndarray, scores: np.ndarray, target: float) -> OperatingPoint:
    """Returns the maximum of net benefit, tp - fp target / (1 - target); of ties the highest.

    A miss then costs (1 - target) / target times as much as a false positive.

    Source: Vickers & Elkin 2006, doi 10.1177/0272989X06295361.
    """
    _check_target(target)
    threshold, tp, fp, m, n = _candidates(labels, scores)
    return _best((1.0 - target) * tp - target * fp, threshold, tp, fp, m, n)


def _candidates(
    labels: np.ndarray, scores: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, int, int]:
    """Returns descending thresholds, tp and fp at each (int64), and the class totals."""
    positives, negatives, score = metrics.cumulative(labels, np.asarray(scores, dtype=np.float64))
    tp = np.concatenate([[0], positives]).astype(np.int64)
    fp = np.concatenate([[0], negatives]).astype(np.int64)
    threshold = np.concatenate([np.nextafter(score[:1], np.inf), score])
    return threshold, tp, fp, int(tp[-1]), int(fp[-1])


def _best(
    gain: np.ndarray, threshold: np.ndarray, tp: np.ndarray, fp: np.ndarray, m: int, n: int
) -> OperatingPoint:
    """Returns the candidate of greatest gain; of ties the first, i.e. the highest threshold."""
    if not (m and n):
        return OperatingPoint(*[float("nan")] * 4)
    best = int(np.argmax(gain))
    predicted = tp[best] + fp[best]
    precision = float(tp[best] / predicted) if predicted else float("nan")
    return OperatingPoint(
        float(threshold[best]), float(tp[best] / m), float(1 - fp[best] / n), precision
    )


def _check_target(target: float) -> None:
    if not 0 < target <= 1:
        raise ValueError(f"`target` must be in (0, 1]. Received: {target}")
