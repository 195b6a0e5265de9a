"""Computes every metric of every run on the original data and in every replicate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cxrcompare.comparison.inputs.panel import FIXED, Panel
from cxrcompare.comparison.row_types.column_types import MEAN, MICRO
from cxrcompare.evaluation import metrics
from cxrcompare.evaluation.bootstrap import (
    decision_replicates,
    metric_replicates,
    roc_replicates,
)
from cxrcompare.evaluation.bootstrap.resampling import Resamples
from cxrcompare.evaluation.thresholds import roc_points
from cxrcompare.evaluation.thresholds.roc_points import RocPoints

OVER = (MEAN, MICRO)
"""The entries after the findings in the last axis of a `Scored`."""
MEAN_INDEX = -len(OVER) + OVER.index(MEAN)
"""The index of the mean over findings in the last axis of a `Scored`."""
WITHOUT_REPLICATES = ("auroc", "auprc", "brier", "log_loss")
"""Metrics whose intervals and tests need no bootstrap replicates."""
FROZEN_WITHOUT_REPLICATES = ("accuracy", "hamming_loss")
"""The same if no threshold was chosen on validation."""
TOGETHER = ("subset_accuracy",)
"""Metrics over all findings jointly: one number, stored as "mean" and as "micro"."""


@dataclass(frozen=True)
class Scored:
    """One metric of every run, or of every architecture.

    Attributes:
        point: (M, K); K is the findings, then "mean" and "micro".
        replicates: (R, M, K); None for a metric whose tests need none.
        defined: (M,), the number of findings in the mean, the same for all.
    """

    point: np.ndarray
    replicates: np.ndarray | None
    defined: np.ndarray


def score(
    panel: Panel,
    wanted: Sequence[str],
    bins: int,
    enough: np.ndarray | None = None,
    points: RocPoints = RocPoints(),  # noqa: B008
) -> dict[str, Scored]:
    """Returns metrics of every run, {metric: Scored}.

    Args:
        panel: The runs that are compared.
        wanted: Names from `metrics.SCORE_METRICS`, `roc_points.METRICS` and
            `metrics.THRESHOLD_METRICS`.
        bins: The number of ECE bins.
        enough: (F,) bool, the findings to evaluate; the others are NaN. All by default.
        points: Where the ROC curve is read.
    """
    frozen, noisy = panel.thresholds, panel.threshold_replicates
    point = _evaluate(panel, panel.whole, frozen, wanted, bins, points)
    unused = (*WITHOUT_REPLICATES, *(() if panel.noisy.any() else FROZEN_WITHOUT_REPLICATES))
    resampled = [metric for metric in wanted if metric not in unused]
    replicates = _evaluate(
        panel, panel.resamples, frozen if noisy is None else noisy, resampled, bins, points
    )
    found = {}
    for metric in wanted:
        by_finding = point[metric][0][0].copy()
        if enough is not None:
            by_finding[:, ~enough] = np.nan
        defined = ~np.isnan(by_finding)
        averaged = averaged_findings(panel, metric, by_finding)
        drawn = replicates.pop(metric, None)  # frees it when the mean is joined
        found[metric] = Scored(
            _join(by_finding, point[metric][1][0], defined, averaged, metric),
            None if drawn is None else _join(*drawn, defined, averaged, metric),
            np.full(len(defined), len(panel.findings) if metric in TOGETHER else averaged.sum()),
        )
    return found


def averaged_findings(panel: Panel, metric: str, by_finding: np.ndarray) -> np.ndarray:
    """Returns the findings in the mean of a metric, (F,) bool, the same for all runs.

    They are eligible, and the metric is defined for all networks that have it.

    Args:
        panel: The runs that are compared.
        metric: The name of the metric.
        by_finding: (M, F), the metric of the runs.
    """
    networks = [index for index, run in enumerate(panel.runs) if run.kind == "network"]
    present = [index for index in networks if panel.has(metric)[index]]
    averaged = panel.eligible & (~np.isnan(by_finding))[present].all(axis=0) & bool(present)
    if metric in metrics.THRESHOLD_METRICS:
        averaged &= _chosen_alike(panel, networks)
    return np.asarray(averaged)


def _chosen_alike(panel: Panel, networks: list[int]) -> np.ndarray:
    """Returns the findings with a threshold that was chosen on enough patients, or is given, (F,).

    All of them if there is no such finding.
    """
    fixed = (panel.sources[networks] == FIXED).any(axis=0) | panel.unreliable
    return np.ones(len(fixed), dtype=bool) if fixed.all() else ~fixed


def _evaluate(
    panel: Panel,
    resamples: Resamples,
    thresholds: np.ndarray,
    wanted: Sequence[str],
    bins: int,
    points: RocPoints,
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Returns each metric by finding, (R, M, F), and pooled over findings, (R, M)."""
    found: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    calibrated = [metric for metric in wanted if metric in metrics.CALIBRATED_METRICS]
    ranked = [metric for metric in wanted if metric in metrics.SCORE_METRICS]
    ranked = [metric for metric in ranked if metric not in calibrated]
    every = np.ones(len(panel.runs), dtype=bool)
    for names, runs in ((ranked, every), (calibrated, panel.probabilities)):
        if names:
            arguments = (panel.labels, panel.scores[runs], resamples, names, bins)
            by_finding = metric_replicates.score_metrics(*arguments)
            pooled = metric_replicates.micro_score_metrics(*arguments)
            for metric in names:
                found[metric] = _of_all(by_finding[metric], runs), _of_all(pooled[metric], runs)
    if set(wanted) & set(roc_points.METRICS):
        read = (panel.labels, panel.scores, resamples, points)
        by_finding = roc_replicates.roc_metrics(*read)
        pooled = roc_replicates.micro_roc_metrics(*read)
        found |= {metric: (by_finding[metric], pooled[metric]) for metric in roc_points.METRICS}
    found |= _rates(panel, resamples, thresholds, wanted)
    if "subset_accuracy" in wanted:
        share = decision_replicates.subset_accuracy(
            panel.labels, panel.scores, thresholds, resamples
        )
        blank = np.broadcast_to(np.nan, (*share.shape, len(panel.findings)))
        found["subset_accuracy"] = (blank, share)
    return found


def _rates(
    panel: Panel, resamples: Resamples, thresholds: np.ndarray, wanted: Sequence[str]
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Returns the rates among the wanted metrics, as `_evaluate` does."""
    named = [metric for metric in metrics.RATE_METRICS if metric in wanted]
    if not named:
        return {}
    counts = decision_replicates.decision_counts(panel.labels, panel.scores, thresholds, resamples)
    by_finding, pooled = metrics.rates(counts, named), metrics.rates(counts.sum(axis=2), named)
    return {metric: (by_finding[metric], pooled[metric]) for metric in named}


def _of_all(values: np.ndarray, runs: np.ndarray) -> np.ndarray:
    """Returns the values of some runs, (R, M, ...), with NaN for the other runs."""
    if runs.all():
        return values
    found = np.full((len(values), len(runs), *values.shape[2:]), np.nan)
    found[:, runs] = values
    return found


def _join(
    by_finding: np.ndarray,
    pooled: np.ndarray,
    defined: np.ndarray,
    averaged: np.ndarray,
    metric: str,
) -> np.ndarray:
    """Appends the mean over findings and the pooled metric to the last axis.

    The mean is over the same findings for all models: those that are eligible and for which the
    metric is defined for all networks. It is NaN for a baseline that lacks one of them.
    """
    joined = np.empty((*by_finding.shape[:-1], by_finding.shape[-1] + len(OVER)))
    kept = joined[..., : -len(OVER)]
    kept[...] = by_finding
    kept[..., ~defined] = np.nan
    mean = pooled if metric in TOGETHER else metrics.macro(kept, averaged)[0]
    joined[..., MEAN_INDEX] = mean
    joined[..., -1] = pooled
    return joined
