"""Point estimates of all metrics in plain NumPy; the reference for the faster implementations.

Labels are 1, 0 or NaN (unknown, excluded). Higher scores mean that the finding is more likely;
Brier score, log loss and ECE need probabilities. An undefined metric is NaN.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from cxrcompare.evaluation.probabilities import calibration
from cxrcompare.evaluation.ranking import descending

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
THRESHOLD_METRICS: tuple[str, ...] = (*RATE_METRICS, "subset_accuracy")
"""Metrics that need a threshold."""
CALIBRATED_METRICS: tuple[str, ...] = ("brier", "log_loss", "ece")
"""Metrics of probabilities; they are not defined for other scores."""
LOWER_IS_BETTER: frozenset[str] = frozenset({"brier", "log_loss", "ece", "hamming_loss"})
UNBOUNDED: frozenset[str] = frozenset({"log_loss"})
"""Metrics in [0, inf); all others are in [0, 1]."""
LOG_LOSS_CLIP = float(np.finfo(np.float64).eps)
"""The log loss clips probabilities to [this, 1 - this], as scikit-learn does."""


def span(metric: str) -> tuple[float, float]:
    """Returns the smallest and the largest possible value of a metric."""
    return 0.0, float("inf") if metric in UNBOUNDED else 1.0


def difference_span(metric: str) -> tuple[float, float]:
    """Returns the smallest and the largest possible difference of a metric between two models."""
    _, high = span(metric)
    return -high, high


def auroc(labels: np.ndarray, scores: np.ndarray, weights: np.ndarray | None = None) -> float:
    """Returns the area under the ROC curve: P(positive > negative) + P(tie) / 2.

    Args:
        labels: (N,) in {0, 1, NaN}.
        scores: (N,).
        weights: (N,) non-negative; all 1 by default.

    Returns:
        The AUROC in [0, 1]; NaN if positives or negatives have no weight.

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

    It is the sum of precision times the increase in recall over distinct scores. Arguments as for
    `auroc`.

    Returns:
        The AUPRC in [0, 1]; NaN if positives or negatives have no weight.

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

    The denominator is the total weight of the units with a known label; NaN if it is 0.
    """
    return _mean(unit_brier(labels, scores), labels, weights)


def log_loss(labels: np.ndarray, scores: np.ndarray, weights: np.ndarray | None = None) -> float:
    """Returns the mean negative log-likelihood in nats; probabilities clipped by `LOG_LOSS_CLIP`.

    The denominator is the total weight of the units with a known label; NaN if it is 0.
    """
    return _mean(unit_log_loss(labels, scores), labels, weights)


def unit_brier(labels: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Returns the squared difference of each unit, with broadcasting; NaN for NaN labels."""
    return np.asarray((scores - labels) ** 2)


def unit_log_loss(labels: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Returns the log loss of each unit, with broadcasting; NaN for NaN labels."""
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
    """Returns each metric on the original data, (M, F).

    Args:
        labels: (N, F) in {0, 1, NaN}.
        scores: (M, N, F), of M models.
        metrics: Names from `SCORE_METRICS`.
        bins: The number of ECE bins, of equal width.
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
    """Returns metrics pooled over (unit, finding) pairs, (M,). Arguments as `score_metrics`."""
    pooled = scores.reshape(len(scores), -1, 1)
    values = score_metrics(labels.reshape(-1, 1), pooled, metrics, bins)
    return {metric: value[:, 0] for metric, value in values.items()}


_TERMS: dict[str, Callable[..., tuple[np.ndarray, np.ndarray]]] = {
    "accuracy": lambda tp, fp, fn, tn: (tp + tn, tp + fp + fn + tn),
    "sensitivity": lambda tp, fp, fn, tn: (tp, tp + fn),
    "specificity": lambda tp, fp, fn, tn: (tn, tn + fp),
    "precision": lambda tp, fp, fn, tn: (tp, tp + fp),
    "npv": lambda tp, fp, fn, tn: (tn, tn + fn),
    "f1": lambda tp, fp, fn, tn: (2 * tp, 2 * tp + fp + fn),
    "hamming_loss": lambda tp, fp, fn, tn: (fp + fn, tp + fp + fn + tn),
}
"""The numerator and denominator of each rate."""


def rates(counts: np.ndarray, wanted: Sequence[str] = RATE_METRICS) -> dict[str, np.ndarray]:
    """Returns rates of 2x2 tables, each of shape (...).

    Args:
        counts: (..., 4): tp, fp, fn, tn. For micro-averages sum the counts over findings first.
        wanted: Names from `RATE_METRICS`.

    Returns:
        sensitivity (recall) tp / (tp + fn); specificity tn / (tn + fp); precision (PPV)
        tp / (tp + fp); npv tn / (tn + fn); accuracy (tp + tn) / all; hamming_loss
        (fp + fn) / all; f1 2 tp / (2 tp + fp + fn). NaN if the denominator is 0.
    """
    cells = np.moveaxis(np.asarray(counts, dtype=np.float64), -1, 0)
    return {name: _ratio(*_TERMS[name](*cells)) for name in wanted}


def rate_terms(counts: np.ndarray) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Returns numerators and denominators of the rates that are proportions, for Wilson intervals.

    Args:
        counts: (..., 4): tp, fp, fn, tn.

    Returns:
        {metric: (numerator, denominator)} for all `rates` except f1, which is not a proportion.
    """
    cells = np.moveaxis(np.asarray(counts, dtype=np.float64), -1, 0)
    return {name: terms(*cells) for name, terms in _TERMS.items() if name != "f1"}


def subset_accuracy(labels: np.ndarray, decisions: np.ndarray) -> np.ndarray:
    """Returns the share of units with all findings correct, (M,).

    Args:
        labels: (N, F) in {0, 1, NaN}. Units with an unknown label are excluded, also from the
            denominator.
        decisions: (M, N, F) bool.
    """
    labelled = ~np.isnan(labels).any(axis=1)
    correct = (decisions[:, labelled] == (labels[labelled] == 1)).all(axis=2)
    return _ratio(
        correct.sum(axis=1).astype(np.float64), np.full(len(correct), float(labelled.sum()))
    )


def macro(values: np.ndarray, defined: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Returns the mean over findings and the number of findings in it.

    Args:
        values: (..., F).
        defined: (F,) or (..., F) bool, the findings to include; by default those that are not NaN.
            For replicates, pass the findings that are defined on the original data: a replicate in
            which one of them is undefined is then NaN, so all replicates average the same findings.

    Returns:
        The mean (...), NaN if no finding is included, and the number of findings (...).
    """
    used = ~np.isnan(values) if defined is None else np.broadcast_to(defined, values.shape)
    number = used.sum(axis=-1)
    return _ratio(np.where(used, values, 0.0).sum(axis=-1), number.astype(np.float64)), number


def class_counts(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns the numbers of positive, negative and unknown labels per finding, (F,) int64 each."""
    return (labels == 1).sum(axis=0), (labels == 0).sum(axis=0), np.isnan(labels).sum(axis=0)


def cumulative(
    labels: np.ndarray, scores: np.ndarray, weights: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns the cumulative weights of positives and negatives at each distinct score.

    Args:
        labels: (N,) in {0, 1, NaN}; unknown labels are excluded.
        scores: (N,).
        weights: (N,) non-negative; all 1 by default.

    Returns:
        Three (K,) arrays, scores descending: true positives, false positives, score.
    """
    labelled = ~np.isnan(labels)
    if not labelled.any():
        return np.zeros(0), np.zeros(0), np.zeros(0)
    known = scores[labelled]
    order = descending(known)
    last = order.end - 1
    positive = labels[labelled][order.unit] == 1
    if weights is None:
        tp = np.cumsum(positive, dtype=np.float64)[last]
        return tp, order.end - tp, known[order.unit[last]]
    weight = np.asarray(weights, dtype=np.float64)[labelled][order.unit]
    tp, fp = np.cumsum(weight * positive)[last], np.cumsum(weight * ~positive)[last]
    return tp, fp, known[order.unit[last]]


def _ratio(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    undefined = np.full(np.shape(numerator), np.nan)
    return np.divide(numerator, denominator, out=undefined, where=denominator > 0)


def _mean(values: np.ndarray, labels: np.ndarray, weights: np.ndarray | None) -> float:
    labelled = ~np.isnan(labels)
    weight = labelled.astype(np.float64) if weights is None else np.where(labelled, weights, 0.0)
    total = weight.sum()
    return float((weight[labelled] * values[labelled]).sum() / total) if total > 0 else float("nan")
