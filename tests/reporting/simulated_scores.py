"""Estimates of simulated scores: AUROC, rates and curves, in plain formulas."""

from __future__ import annotations

import itertools
from statistics import NormalDist
from typing import Any

import numpy as np
from scipy.stats import rankdata

Z = NormalDist().inv_cdf(0.975)
_GRID = np.linspace(0, 1, 101)


def auroc(labels: np.ndarray, scores: np.ndarray) -> float:
    positives = int(labels.sum())
    negatives = len(labels) - positives
    if not positives or not negatives:
        return float("nan")
    above = rankdata(scores)[labels == 1].sum() - positives * (positives + 1) / 2
    return float(above / (positives * negatives))


def auroc_sd(value: float, positives: int, negatives: int) -> float:
    """Hanley and McNeil 1982."""
    first, second = value / (2 - value), 2 * value**2 / (1 + value)
    variance = value * (1 - value)
    variance += (positives - 1) * (first - value**2) + (negatives - 1) * (second - value**2)
    return float(np.sqrt(max(variance, 0) / max(positives * negatives, 1)))


def rates(tp: float, fp: float, fn: float, tn: float) -> dict[str, float]:
    def share(part: float, whole: float) -> float:
        return part / whole if whole else float("nan")

    return {
        "accuracy": share(tp + tn, tp + fp + fn + tn),
        "sensitivity": share(tp, tp + fn),
        "specificity": share(tn, tn + fp),
        "precision": share(tp, tp + fp),
        "npv": share(tn, tn + fn),
        "f1": share(2 * tp, 2 * tp + fp + fn),
    }


def curves(labels: np.ndarray, scores: np.ndarray) -> dict[str, Any]:
    order = np.argsort(-scores, kind="stable")
    tp, fp = np.cumsum(labels[order]), np.cumsum(1 - labels[order])
    positives, negatives = max(tp[-1], 1), max(fp[-1], 1)
    tpr = np.interp(_GRID, np.r_[0, fp / negatives], np.r_[0, tp / positives])
    width = Z * np.sqrt(tpr * (1 - tpr) / positives)
    precision = np.interp(_GRID, tp / positives, tp / (tp + fp))
    spread = Z * np.sqrt(precision * (1 - precision) / positives)
    thresholds = np.unique(np.quantile(scores, np.linspace(0, 1, 201)))
    reliability = []
    for left, right in itertools.pairwise(np.linspace(0, 1, 11)):
        inside = (scores >= left) & ((scores < right) | (right == 1))
        count = int(inside.sum())
        observed = float(labels[inside].mean()) if count else float("nan")
        half = Z * np.sqrt(observed * (1 - observed) / count) if count else float("nan")
        reliability.append(
            {
                "left": left,
                "right": right,
                "observed": observed,
                "count": count,
                "predicted": float(scores[inside].mean()) if count else float("nan"),
                "low": max(0.0, observed - half) if count else float("nan"),
                "high": min(1.0, observed + half) if count else float("nan"),
            }
        )
    edges = np.linspace(0, 1, 21)
    return {
        "roc": {
            "fpr": _GRID.tolist(),
            "tpr": tpr.tolist(),
            "low": np.clip(tpr - width, 0, 1).tolist(),
            "high": np.clip(tpr + width, 0, 1).tolist(),
        },
        "pr": {
            "recall": _GRID.tolist(),
            "precision": precision.tolist(),
            "low": np.clip(precision - spread, 0, 1).tolist(),
            "high": np.clip(precision + spread, 0, 1).tolist(),
        },
        "reliability": reliability,
        "histogram": {
            "edges": edges.tolist(),
            "positive": np.histogram(scores[labels == 1], edges)[0].tolist(),
            "negative": np.histogram(scores[labels == 0], edges)[0].tolist(),
        },
        "operating": {
            "threshold": thresholds.tolist(),
            "tp": [int((labels[scores >= t]).sum()) for t in thresholds],
            "fp": [int((1 - labels[scores >= t]).sum()) for t in thresholds],
        },
    }
