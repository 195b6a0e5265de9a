"""Operating points: thresholds chosen on validation by a stated rule.

A unit is called positive where its score is at least the threshold. Candidates are the distinct
scores and a threshold just above the highest (nothing is called). Equals are settled as each rule
says; a rule that needs both classes gives NaN where one is absent.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cxrcompare.evaluation import metrics

RULES: tuple[str, ...] = ("youden", "sensitivity", "specificity", "max_f1")


@dataclass(frozen=True)
class OperatingPoint:
    """A threshold and what it does on the data it was chosen on.

    Attributes:
        threshold: Call positive where the score is at least this; NaN where undefined.
        sensitivity: There (recall).
        specificity: There.
        precision: There (PPV); NaN where nothing is called.
    """

    threshold: float
    sensitivity: float
    specificity: float
    precision: float


def choose(
    labels: np.ndarray, scores: np.ndarray, rule: str = "youden", target: float = 0.9
) -> OperatingPoint:
    """Returns the operating point of a rule of `RULES`.

    Args:
        labels: (N,) in {0, 1, NaN}; unknown labels are left out.
        scores: (N,).
        rule: Of `RULES`.
        target: The sensitivity or specificity to reach, in (0, 1]; other rules ignore it.
    """
    if rule == "youden":
        return youden(labels, scores)
    if rule == "sensitivity":
        return fixed_sensitivity(labels, scores, target)
    if rule == "specificity":
        return fixed_specificity(labels, scores, target)
    if rule == "max_f1":
        return max_f1(labels, scores)
    raise ValueError(f"`rule` must be one of {RULES}. Received: {rule!r}")


def youden(labels: np.ndarray, scores: np.ndarray) -> OperatingPoint:
    """Returns the point of highest sensitivity + specificity - 1; of equals the highest threshold.

    Source: Youden 1950, doi 10.1002/1097-0142(1950)3:1<32::aid-cncr2820030106>3.0.co;2-3.
    """
    threshold, tp, fp, m, n = _candidates(labels, scores)
    # Whole numbers, so that equals are equal: n tp - m fp is m n times Youden's index.
    return _best(n * tp - m * fp, threshold, tp, fp, m, n)


def fixed_sensitivity(labels: np.ndarray, scores: np.ndarray, target: float) -> OperatingPoint:
    """Returns the highest threshold whose sensitivity is at least `target`."""
    _check_target(target)
    threshold, tp, fp, m, n = _candidates(labels, scores)
    reached = tp >= target * m - 1e-9
    return _best(np.where(reached, n - fp, -1), threshold, tp, fp, m, n)


def fixed_specificity(labels: np.ndarray, scores: np.ndarray, target: float) -> OperatingPoint:
    """Returns the threshold of highest sensitivity whose specificity is at least `target`.

    Of equals the highest threshold.
    """
    _check_target(target)
    threshold, tp, fp, m, n = _candidates(labels, scores)
    kept = n - fp >= target * n - 1e-9
    return _best(np.where(kept, tp, -1), threshold, tp, fp, m, n)


def max_f1(labels: np.ndarray, scores: np.ndarray) -> OperatingPoint:
    """Returns the point of highest F1, 2 tp / (2 tp + fp + fn); of equals the highest threshold."""
    threshold, tp, fp, m, n = _candidates(labels, scores)
    return _best(2 * tp / np.maximum(tp + fp + m, 1), threshold, tp, fp, m, n)


def _candidates(
    labels: np.ndarray, scores: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, int, int]:
    """Returns thresholds, descending, tp and fp (int64) at each, positives and negatives."""
    positives, negatives, score = metrics.cumulative(labels, np.asarray(scores, dtype=np.float64))
    tp = np.concatenate([[0], positives]).astype(np.int64)
    fp = np.concatenate([[0], negatives]).astype(np.int64)
    threshold = np.concatenate([np.nextafter(score[:1], np.inf), score])
    return threshold, tp, fp, int(tp[-1]), int(fp[-1])


def _best(
    gain: np.ndarray, threshold: np.ndarray, tp: np.ndarray, fp: np.ndarray, m: int, n: int
) -> OperatingPoint:
    """Returns the first, so the highest threshold, among the candidates of greatest gain."""
    if not (m and n):
        return OperatingPoint(*[float("nan")] * 4)
    best = int(np.argmax(gain))
    called = tp[best] + fp[best]
    precision = float(tp[best] / called) if called else float("nan")
    return OperatingPoint(
        float(threshold[best]), float(tp[best] / m), float(1 - fp[best] / n), precision
    )


def _check_target(target: float) -> None:
    if not 0 < target <= 1:
        raise ValueError(f"`target` must be in (0, 1]. Received: {target}")
