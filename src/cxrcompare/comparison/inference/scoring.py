"""Computes every metric of every run on the original data and in every replicate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cxrcompare.comparison.inputs.panel import Panel
from cxrcompare.comparison.result.rows import MEAN, MICRO
from cxrcompare.evaluation import metrics
from cxrcompare.evaluation.bootstrap import metric_replicates
from cxrcompare.evaluation.bootstrap.resampling import Resamples

OVER = (MEAN, MICRO)
"""The entries after the findings in the last axis of a `Scored`."""
MEAN_INDEX = -len(OVER) + OVER.index(MEAN)
"""The index of the mean over findings in the last axis of a `Scored`."""
TOGETHER = ("subset_accuracy",)
"""Metrics over all findings jointly: one number, stored as "mean" and as "micro"."""


@dataclass(frozen=True)
class Scored:
    """One metric of every run, or of every architecture.

    Attributes:
        point: (M, K); K is the findings, then "mean" and "micro".
        replicates: (R, M, K).
        defined: (M,), the number of findings in the mean, the same for all.
    """

    point: np.ndarray
    replicates: np.ndarray
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
        wanted: Names from `metrics.SCORE_METRICS`, `metrics.RATE_METRICS` and subset_accuracy.
        bins: The number of ECE bins.
        enough: (F,) bool, the findings to evaluate; the others are NaN. All by default.
    """
    point = _evaluate(panel, panel.whole, wanted, bins)
    replicates = _evaluate(panel, panel.resamples, wanted, bins)
    found = {}
    for metric in wanted:
        by_finding = point[metric][0][0].copy()
        if enough is not None:
            by_finding[:, ~enough] = np.nan
        defined = ~np.isnan(by_finding)
        networks = [index for index, run in enumerate(panel.runs) if run.kind == "network"]
        averaged = panel.eligible & defined[networks].all(axis=0)
        found[metric] = Scored(
            _join(by_finding, point[metric][1][0], defined, averaged, metric),
            _join(*replicates[metric], defined, averaged, metric),
            np.full(len(defined), len(panel.findings) if metric in TOGETHER else averaged.sum()),
        )
    return found


def _evaluate(
    panel: Panel, resamples: Resamples, wanted: Sequence[str], bins: int
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Returns each metric by finding, (R, M, F), and pooled over findings, (R, M)."""
    found: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    ranked = [metric for metric in wanted if metric in metrics.SCORE_METRICS]
    if ranked:
        arguments = (panel.labels, panel.scores, resamples, ranked, bins)
        by_finding = metric_replicates.score_metrics(*arguments)
        pooled = metric_replicates.micro_score_metrics(*arguments)
        found |= {metric: (by_finding[metric], pooled[metric]) for metric in ranked}
    if set(wanted) & set(metrics.RATE_METRICS):
        counts = metric_replicates.decision_counts(panel.labels, panel.decisions, resamples)
        if not panel.decided.all():  # counts are undefined without a threshold
            counts = np.where(panel.decided[..., None], counts, np.nan)
        by_finding, pooled = metrics.rates(counts), metrics.rates(counts.sum(axis=2))
        found |= {metric: (by_finding[metric], pooled[metric]) for metric in metrics.RATE_METRICS}
    if "subset_accuracy" in wanted:
        share = metric_replicates.subset_accuracy(panel.labels, panel.decisions, resamples)
        share = np.where(panel.decided.all(axis=1), share, np.nan)
        blank = np.full((*share.shape, len(panel.findings)), np.nan)
        found["subset_accuracy"] = (blank, share)
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
    kept = np.where(defined, by_finding, np.nan)
    mean = pooled if metric in TOGETHER else metrics.macro(kept, averaged)[0]
    return np.concatenate([kept, mean[..., None], pooled[..., None]], axis=-1)
