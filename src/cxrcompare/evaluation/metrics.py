"""Point estimates: one number per metric, plain NumPy; what every faster path is tested against.

Labels are 1, 0 or NaN (unknown; left out). Scores are higher where the finding is likelier; Brier
score, log loss and ECE need probabilities. A metric that is not defined is NaN.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cxrcompare.evaluation import calibration

SCORE_METRICS: tuple[str, ...] = ("auroc", "auprc", "brier", "log_loss", "ece")
"""Metrics that need no threshold."""
RATE_METRICS: tuple[str, ...] = (
    "accuracy",
    "sensitivity",
    "specificity",
    "precision",
    "npv",
    "f1",
    "hamming_loss",
)
"""Metrics of a 2x2 table."""
LOWER_IS_BETTER: frozenset[str] = frozenset({"brier", "log_loss", "ece", "hamming_loss"})
UNBOUNDED: frozenset[str] = frozenset({"log_loss"})
"""Metrics in [0, inf); all others lie in [0, 1]."""
LOG_LOSS_CLIP = float(np.finfo(np.float64).eps)
"""Probabilities are kept this far from 0 and 1 in the log loss, as scikit-learn does."""


def span(metric: str) -> tuple[float, float]:
    """Returns the smallest and the largest value that a metric can take."""
    return 0.0, float("inf") if metric in UNBOUNDED else 1.0


def difference_span(metric: str) -> tuple[float, float]:
    """Returns the smallest and the largest difference of a metric between two models."""
    _, high = span(metric)
    return -high, high


def auroc(labels: np.ndarray, scores: np.ndarray, weights: np.ndarray | None = None) -> float:
    """Returns the area under the ROC curve: P(score of a positive > of a negative) + half of ties.

    Args:
        labels: (N,) in {0, 1, NaN}.
        scores: (N,).
        weights: (N,) non-negative; all 1 by default.

    Returns:
        In [0, 1]; NaN where positives or negatives have no weight.

    Source: Hanley & McNeil 1982, doi 10.1148/radiology.143.1.7063747.
    """
    positive, negative, _ = cumulative(labels, scores, weights)
    if not positive.size or positive[-1] == 0 or negative[-1] == 0:
        return float("nan")
    before = np.concatenate([[0.0], negative[:-1]])
    above = np.diff(positive, prepend=0.0) * (before + negative) / 2
    return float(1 - above.sum() / (positive[-1] * negative[-1]))


def auprc(labels: np.ndarray, scores: np.ndarray, weights: np.ndarray | None = None) -> float:
    """Returns the area under the precision-recall curve: average precision, not interpolated.

    The sum over distinct scores of precision there times the recall gained there. Arguments as for
    `auroc`.

    Returns:
        In [0, 1]; NaN where positives have no weight, or negatives (nothing to tell apart).

    Source: Davis & Goadrich 2006, doi 10.1145/1143844.1143874 (why not to interpolate).
    """
    positive, negative, _ = cumulative(labels, scores, weights)
    if not positive.size or positive[-1] == 0 or negative[-1] == 0:
        return float("nan")
    total = positive + negative
    precision = np.divide(positive, total, out=np.zeros_like(total), where=total > 0)
    return float(np.sum(np.diff(positive, prepend=0.0) * precision) / positive[-1])


def brier(labels: np.ndarray, scores: np.ndarray, weights: np.ndarray | None = None) -> float:
    """Returns the mean squared difference of probability and label (Brier 1950).

    The denominator is the weight of the units whose label is known; NaN where that is 0.
    """
    return _mean(unit_brier(labels, scores), labels, weights)


def log_loss(labels: np.ndarray, scores: np.ndarray, weights: np.ndarray | None = None) -> float:
    """Returns the mean negative log-likelihood in nats; probabilities clipped by `LOG_LOSS_CLIP`.

    The denominator is the weight of the units whose label is known; NaN where that is 0.
    """
    return _mean(unit_log_loss(labels, scores), labels, weights)


def unit_brier(labels: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Returns the squared difference of each unit, broadcasting; NaN where the label is."""
    return np.asarray((scores - labels) ** 2)


def unit_log_loss(labels: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Returns the log loss of each unit, broadcasting; NaN where the label is."""
    clipped = np.clip(scores, LOG_LOSS_CLIP, 1 - LOG_LOSS_CLIP)
    return -np.log(np.where(labels == 1, clipped, 1 - clipped)) + 0.0 * labels


def score_metric(
    metric: str,
    labels: np.ndarray,
    scores: np.ndarray,
    weights: np.ndarray | None = None,
    bins: int = calibration.BINS,
) -> float:
    """Returns one of `SCORE_METRICS`; arguments as for `auroc`."""
    if metric == "ece":
        return calibration.ece(labels, scores, weights, calibration.edges(bins))
    functions = {"auroc": auroc, "auprc": auprc, "brier": brier, "log_loss": log_loss}
    if metric not in functions:
        raise ValueError(f"`metric` must be one of {SCORE_METRICS}. Received: {metric!r}")
    return functions[metric](labels, scores, weights)


def score_metrics(
    labels: np.ndarray,
    scores: np.ndarray,
    metrics: Sequence[str] = SCORE_METRICS,
    bins: int = calibration.BINS,
) -> dict[str, np.ndarray]:
    """Returns each metric of the data as they are, (M, F).

    Args:
        labels: (N, F) in {0, 1, NaN}.
        scores: (M, N, F), of M models.
        metrics: Of `SCORE_METRICS`.
        bins: Number of ECE bins of equal width.
    """
    models, _, findings = scores.shape
    return {
        metric: np.array(
            [
                [
                    score_metric(metric, labels[:, f], scores[m, :, f], None, bins)
                    for f in range(findings)
                ]
                for m in range(models)
            ]
        ).reshape(models, findings)
        for metric in metrics
    }


def micro_score_metrics(
    labels: np.ndarray,
    scores: np.ndarray,
    metrics: Sequence[str] = SCORE_METRICS,
    bins: int = calibration.BINS,
) -> dict[str, np.ndarray]:
    """Returns each metric over all (unit, finding) pairs pooled, (M,). Arguments as above."""
    pooled = scores.reshape(len(scores), -1, 1)
    values = score_metrics(labels.reshape(-1, 1), pooled, metrics, bins)
    return {metric: value[:, 0] for metric, value in values.items()}


def rates(counts: np.ndarray) -> dict[str, np.ndarray]:
    """Returns the metrics of 2x2 tables, `RATE_METRICS`, each of the shape (...).

    Args:
        counts: (..., 4): tp, fp, fn, tn. For micro-averages add the counts over findings first.

    Returns:
        sensitivity (recall) tp / (tp + fn); specificity tn / (tn + fp); precision (PPV)
        tp / (tp + fp); npv tn / (tn + fn); accuracy (tp + tn) / all; hamming_loss
        (fp + fn) / all; f1 2 tp / (2 tp + fp + fn). NaN where the denominator is 0.
    """
    tp, fp, fn, tn = np.moveaxis(np.asarray(counts, dtype=np.float64), -1, 0)
    total = tp + fp + fn + tn
    return {
        "accuracy": _ratio(tp + tn, total),
        "sensitivity": _ratio(tp, tp + fn),
        "specificity": _ratio(tn, tn + fp),
        "precision": _ratio(tp, tp + fp),
        "npv": _ratio(tn, tn + fn),
        "f1": _ratio(2 * tp, 2 * tp + fp + fn),
        "hamming_loss": _ratio(fp + fn, total),
    }


def rate_terms(counts: np.ndarray) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Returns numerator and denominator of the rates that are proportions (for Wilson intervals).

    Args:
        counts: (..., 4): tp, fp, fn, tn.

    Returns:
        For every metric of `rates` but f1, which is no proportion of units.
    """
    tp, fp, fn, tn = np.moveaxis(np.asarray(counts, dtype=np.float64), -1, 0)
    total = tp + fp + fn + tn
    return {
        "accuracy": (tp + tn, total),
        "sensitivity": (tp, tp + fn),
        "specificity": (tn, tn + fp),
        "precision": (tp, tp + fp),
        "npv": (tn, tn + fn),
        "hamming_loss": (fp + fn, total),
    }


def subset_accuracy(labels: np.ndarray, decisions: np.ndarray) -> np.ndarray:
    """Returns the share of units with every finding right, (M,).

    Args:
        labels: (N, F) in {0, 1, NaN}. Units with an unknown label are left out, denominator too.
        decisions: (M, N, F) bool.
    """
    known = ~np.isnan(labels).any(axis=1)
    right = (decisions[:, known] == (labels[known] == 1)).all(axis=2)
    return _ratio(right.sum(axis=1).astype(np.float64), np.full(len(right), float(known.sum())))


def macro(values: np.ndarray, defined: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Returns the mean over findings and how many entered it.

    Args:
        values: (..., F).
        defined: (F,) or (..., F) bool, the findings that enter. By default those that are not NaN.
            For replicates give those defined in the data as they are: a replicate in which one of
            them is undefined is then NaN, so that every replicate averages the same findings.

    Returns:
        mean (...), NaN where no finding enters, and number (...).
    """
    enters = ~np.isnan(values) if defined is None else np.broadcast_to(defined, values.shape)
    number = enters.sum(axis=-1)
    return _ratio(np.where(enters, values, 0.0).sum(axis=-1), number.astype(np.float64)), number


def class_counts(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns positives, negatives and unknown of each finding, (F,) int64 each."""
    return (labels == 1).sum(axis=0), (labels == 0).sum(axis=0), np.isnan(labels).sum(axis=0)


def cumulative(
    labels: np.ndarray, scores: np.ndarray, weights: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns the weights of positives and of negatives at or above each distinct score, and it.

    Args:
        labels: (N,) in {0, 1, NaN}; unknown labels are left out.
        scores: (N,).
        weights: (N,) non-negative; all 1 by default.

    Returns:
        Three (K,) arrays, scores descending: true positives, false positives, score.
    """
    known = ~np.isnan(labels)
    weight = np.ones(len(labels)) if weights is None else np.asarray(weights, dtype=np.float64)
    order = np.argsort(-scores[known], kind="stable")
    score, label, weight = scores[known][order], labels[known][order], weight[known][order]
    last = np.append(score[1:] != score[:-1], True)[: len(score)]
    positive, negative = weight * (label == 1), weight * (label == 0)
    return np.cumsum(positive)[last], np.cumsum(negative)[last], score[last]


def _ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    return np.divide(above, below, out=np.full(np.shape(above), np.nan), where=below > 0)


def _mean(values: np.ndarray, labels: np.ndarray, weights: np.ndarray | None) -> float:
    known = ~np.isnan(labels)
    weight = known.astype(np.float64) if weights is None else np.where(known, weights, 0.0)
    total = weight.sum()
    return float((weight[known] * values[known]).sum() / total) if total > 0 else float("nan")
