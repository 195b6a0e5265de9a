"""Computes every metric of every run on the original data and in every replicate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cxrcompare.comparison.inputs.panel import FIXED, Panel
from cxrcompare.comparison.row_types.column_types import MEAN, MICRO
from cxrcompare.evaluation import metrics
from cxrcompare.evaluation.bootstrap import decision_replicates, metric_replicates
from cxrcompare.evaluation.bootstrap.resampling import Resamples
from cxrcompare.evaluation.thresholds import roc_influence, roc_points
from cxrcompare.threads import threads_for

OVER = (MEAN, MICRO)
"""The entries after the findings in the last axis of a `Scored`."""
MEAN_INDEX = -len(OVER) + OVER.index(MEAN)
"""The index of the mean over findings in the last axis of a `Scored`."""
WITHOUT_REPLICATES = ("auroc", "auprc", "brier", "log_loss", *roc_points.METRICS)
"""Metrics whose intervals and tests need no bootstrap replicates."""
FROZEN_WITHOUT_REPLICATES = ("accuracy", "hamming_loss", "subset_accuracy")
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
) -> dict[str, Scored]:
    """Returns metrics of every run, {metric: Scored}.

    Args:
        panel: The runs that are compared.
        wanted: Names from `metrics.SCORE_METRICS`, `roc_points.METRICS` and
            `metrics.THRESHOLD_METRICS`.
        bins: The number of ECE bins.
        enough: (F,) bool, the findings to evaluate; the others are NaN. All by default.
    """
    frozen, noisy = panel.thresholds, panel.threshold_replicates
    unused = (*WITHOUT_REPLICATES, *(() if panel.noisy.any() else FROZEN_WITHOUT_REPLICATES))
    resampled = [metric for metric in wanted if metric not in unused]
    with threads_for(panel.scores.size) as start:
        later = start(
            _evaluate,
            panel,
            panel.resamples,
            frozen if noisy is None else noisy,
            resampled,
            bins,
        )
        point = _evaluate(panel, panel.whole, frozen, wanted, bins) | _at_points(panel, wanted)
        replicates: dict[str, tuple[np.ndarray, np.ndarray]] = later.result()
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

    They are eligible, and the metric is defined for all networks that have it. Findings with too
    few patients for the metric, or without a threshold that was chosen or given, are left out,
    unless none would remain.

    Args:
        panel: The runs that are compared.
        metric: The name of the metric.
        by_finding: (M, F), the metric of the runs.
    """
    networks = [index for index, run in enumerate(panel.runs) if run.kind == "network"]
    present = [index for index in networks if panel.has(metric)[index]]
    averaged = panel.eligible & (~np.isnan(by_finding))[present].all(axis=0) & bool(present)
    unfit = panel.few_for(metric)
    if metric in metrics.THRESHOLD_METRICS:
        unfit = unfit | (panel.sources[networks] == FIXED).any(axis=0)
    return np.asarray(averaged if unfit.all() else averaged & ~unfit)


def _evaluate(
    panel: Panel,
    resamples: Resamples,
    thresholds: np.ndarray,
    wanted: Sequence[str],
    bins: int,
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Returns each metric by finding, (R, M, F), and pooled over findings, (R, M)."""
    found: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    calibrated = [metric for metric in wanted if metric in metrics.CALIBRATED_METRICS]
    ranked = [metric for metric in wanted if metric in metrics.SCORE_METRICS]
    ranked = [metric for metric in ranked if metric not in calibrated]
    every = np.ones(len(panel.runs), dtype=bool)
    for names, runs in ((ranked, every), (calibrated, panel.probabilities)):
        if names:
            scores = panel.scores if runs.all() else panel.scores[runs]
            some = metric_replicates.with_pooled(panel.labels, scores, resamples, names, bins)
            for metric, (by_finding, pooled) in some.items():
                found[metric] = _of_all(by_finding, runs), _of_all(pooled, runs)
    found |= _rates(panel, resamples, thresholds, wanted)
    if "subset_accuracy" in wanted:
        share = decision_replicates.subset_accuracy(
            panel.labels, panel.scores, thresholds, resamples
        )
        blank = np.broadcast_to(np.nan, (*share.shape, len(panel.findings)))
        found["subset_accuracy"] = (blank, share)
    return found


def _at_points(panel: Panel, wanted: Sequence[str]) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Returns the points and parts of the ROC curve among the wanted metrics, as `_evaluate`."""
    named = [metric for metric in roc_points.METRICS if metric in wanted]
    if not named:
        return {}
    labels, scores = panel.labels, panel.scores
    each = [
        roc_influence.values(labels[:, f], scores[:, :, f], panel.roc_points)
        for f in range(labels.shape[1])
    ]
    pooled = roc_influence.values(labels.ravel(), scores.reshape(len(scores), -1), panel.roc_points)
    return {
        metric: (np.stack([one[metric] for one in each], axis=1)[None], pooled[metric][None])
        for metric in named
    }


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
