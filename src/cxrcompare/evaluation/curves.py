"""ROC and precision-recall curves with bootstrap bands, score histograms, operating counts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cxrcompare.evaluation import intervals, metrics
from cxrcompare.evaluation.bootstrap import bootstrap_kernels, metric_replicates, unit_codes
from cxrcompare.evaluation.bootstrap.resampling import Resamples

GRID = np.linspace(0.0, 1.0, 101)
"""The grid of the bands: false positive rates of an ROC curve, recalls of a PR curve."""


@dataclass(frozen=True)
class Roc:
    """An ROC curve, from (0, 0) to (1, 1).

    Attributes:
        fpr: False positive rate, 1 - specificity, ascending.
        tpr: True positive rate, sensitivity.
        threshold: At each point, descending; the first is infinite.
    """

    fpr: np.ndarray
    tpr: np.ndarray
    threshold: np.ndarray


@dataclass(frozen=True)
class PrecisionRecall:
    """A precision-recall curve; the area under its steps is the average precision.

    Attributes:
        recall: Sensitivity, ascending; at each distinct score with positive weight.
        precision: Share of positives among predicted positives (PPV).
        threshold: At each point, descending.
    """

    recall: np.ndarray
    precision: np.ndarray
    threshold: np.ndarray


@dataclass(frozen=True)
class Band:
    """A curve on a grid with its pointwise bootstrap interval.

    Attributes:
        x: The grid.
        value: The curve; the mean over seeds.
        low: Lower limit.
        high: Upper limit.
        degenerate: The number of replicates excluded because they have only one class.
    """

    x: np.ndarray
    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    degenerate: int


@dataclass(frozen=True)
class Histogram:
    """Counts of scores by reference label.

    Attributes:
        edges: (K + 1,).
        positive: (K,) units whose label is 1.
        negative: (K,) units whose label is 0.
    """

    edges: np.ndarray
    positive: np.ndarray
    negative: np.ndarray


@dataclass(frozen=True)
class OperatingCounts:
    """True and false positives at several thresholds (positive: score at least the threshold).

    Attributes:
        threshold: Ascending.
        tp: True positives.
        fp: False positives.
    """

    threshold: np.ndarray
    tp: np.ndarray
    fp: np.ndarray


def roc(labels: np.ndarray, scores: np.ndarray, weights: np.ndarray | None = None) -> Roc:
    """Returns the ROC curve with a point at every distinct score.

    Args:
        labels: (N,) in {0, 1, NaN}; unknown labels are excluded.
        scores: (N,).
        weights: (N,) non-negative; all 1 by default.

    Returns:
        The curve, with NaN rates if a class is absent.
    """
    return _roc(*metrics.cumulative(labels, scores, weights))


def _roc(tp: np.ndarray, fp: np.ndarray, threshold: np.ndarray) -> Roc:
    tp, fp = np.concatenate([[0.0], tp]), np.concatenate([[0.0], fp])
    threshold = np.concatenate([[np.inf], threshold])
    if tp[-1] == 0 or fp[-1] == 0:
        nan = np.full(tp.shape, np.nan)
        return Roc(nan, nan, threshold)
    return Roc(fp / fp[-1], tp / tp[-1], threshold)


def precision_recall(
    labels: np.ndarray, scores: np.ndarray, weights: np.ndarray | None = None
) -> PrecisionRecall:
    """Returns the precision-recall curve at every distinct score. Arguments as for `roc`."""
    return _precision_recall(*metrics.cumulative(labels, scores, weights))


def _precision_recall(tp: np.ndarray, fp: np.ndarray, threshold: np.ndarray) -> PrecisionRecall:
    adds = tp + fp > 0
    tp, fp, threshold = tp[adds], fp[adds], threshold[adds]
    if not tp.size or tp[-1] == 0 or fp[-1] == 0:
        nan = np.full(tp.shape, np.nan)
        return PrecisionRecall(nan, nan, threshold)
    return PrecisionRecall(tp / tp[-1], tp / (tp + fp), threshold)


def sensitivity_at(curve: Roc, fpr: np.ndarray) -> np.ndarray:
    """Returns the sensitivity at false positive rates, interpolated; the upper end of a step."""
    at = np.asarray(fpr, dtype=np.float64)
    if np.isnan(curve.fpr).any():
        return np.full(at.shape, np.nan)
    after = np.searchsorted(curve.fpr, at + 1e-12, side="right")
    left = np.maximum(after - 1, 0)
    right = np.minimum(after, len(curve.fpr) - 1)
    width = curve.fpr[right] - curve.fpr[left]
    ahead = np.maximum(at - curve.fpr[left], 0.0)
    share = np.divide(ahead, width, out=np.zeros(at.shape), where=width > 0)
    height = curve.tpr[left] + share * (curve.tpr[right] - curve.tpr[left])
    return np.asarray(np.where((at >= 0) & (at <= 1 + 1e-12), height, np.nan))


def specificity_at(curve: Roc, sensitivity: np.ndarray) -> np.ndarray:
    """Returns the specificity at sensitivities, interpolated; the upper end of a step."""
    mirrored = Roc(1 - curve.tpr[::-1], 1 - curve.fpr[::-1], curve.threshold[::-1])
    return sensitivity_at(mirrored, 1 - np.asarray(sensitivity, dtype=np.float64))


def precision_at(curve: PrecisionRecall, recall: np.ndarray) -> np.ndarray:
    """Returns the precision at the first threshold that reaches each recall; no interpolation."""
    at = np.asarray(recall, dtype=np.float64)
    if not curve.recall.size or np.isnan(curve.recall).any():
        return np.full(at.shape, np.nan)
    index = np.searchsorted(curve.recall, at - 1e-12, side="left")
    return np.asarray(curve.precision[np.minimum(index, len(curve.precision) - 1)])


def bands(
    labels: np.ndarray,
    scores: np.ndarray,
    resamples: Resamples,
    grid: np.ndarray = GRID,
    level: float = 0.95,
) -> tuple[Band, Band]:
    """Returns the mean ROC and precision-recall curves over seeds, with bootstrap bands.

    Each curve is the mean over seeds at each point of the grid. The band is the percentile interval
    at each point; it is pointwise and not simultaneous.

    Args:
        labels: (N,) in {0, 1, NaN}; unknown labels are excluded.
        scores: (S, N), of the S seeds of one model.
        resamples: Resamples of the N units.
        grid: (G,) ascending in [0, 1]: false positive rates of the ROC curve, recalls of the PR
            curve.
        level: The level of the bands.
    """
    both = np.zeros((2, resamples.replicates, len(grid)))
    points = np.asarray(grid, dtype=np.float64)
    values = np.zeros((2, len(grid)))
    for score in scores:
        patients, codes, order = metric_replicates.sorted_units(labels, score, resamples.patient)
        bootstrap_kernels.curves(
            0, resamples.replicates, resamples.counts, patients, codes, points, *both
        )
        reached = _reached(codes, score[order])
        values[0] += sensitivity_at(_roc(*reached), grid)
        values[1] += precision_at(_precision_recall(*reached), grid)
    degenerate = int(np.isnan(both[0]).any(axis=1).sum())
    ends = intervals.percentile(np.moveaxis(both, 0, 1) / len(scores), level)
    first, second = (
        Band(grid, value / len(scores), low, high, degenerate)
        for value, low, high in zip(values, *ends, strict=True)
    )
    return first, second


def _reached(codes: np.ndarray, ordered: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns `metrics.cumulative` of units in descending order of score.

    Args:
        codes: (N,), see `unit_codes`.
        ordered: (N,), the scores.
    """
    last = (codes != unit_codes.TIED_NEGATIVE) & (codes != unit_codes.TIED_POSITIVE)
    tp = np.cumsum(codes % 2, dtype=np.float64)[last]
    return tp, np.flatnonzero(last) + 1 - tp, ordered[last]


def histogram(labels: np.ndarray, scores: np.ndarray, edges: np.ndarray) -> Histogram:
    """Returns counts of scores by label; bins are [left, right), the last bin is closed.

    Args:
        labels: (N,) in {0, 1, NaN}; unknown labels are excluded.
        scores: (N,); scores outside the edges are counted in the outermost bins.
        edges: (K + 1,) ascending.
    """
    index = np.clip(np.searchsorted(edges, scores, side="right") - 1, 0, len(edges) - 2)
    tally = [np.bincount(index[labels == side], minlength=len(edges) - 1) for side in (1, 0)]
    return Histogram(edges, tally[0], tally[1])


def operating_counts(labels: np.ndarray, scores: np.ndarray, limit: int = 201) -> OperatingCounts:
    """Returns tp and fp at no more than `limit` distinct scores, evenly spaced by rank.

    The first and the last distinct score are always included.
    """
    tp, fp, threshold = metrics.cumulative(labels, scores)
    kept = np.unique(np.round(np.linspace(0, len(tp) - 1, min(limit, len(tp)))).astype(np.int64))
    kept = kept[::-1]
    return OperatingCounts(threshold[kept], tp[kept].astype(np.int64), fp[kept].astype(np.int64))
