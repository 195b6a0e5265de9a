"""Every metric of every run: on the data as they are, and in every replicate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cxrcompare.comparison.panel import Panel
from cxrcompare.evaluation import bootstrap, metrics
from cxrcompare.evaluation.resampling import Resamples, whole

OVER = ("mean", "micro")
"""What follows the findings in the last axis of a `Scored`."""


@dataclass(frozen=True)
class Scored:
    """One metric of every run, or of every architecture.

    Attributes:
        point: (M, K), K the findings, then "mean" and "micro".
        replicates: (R, M, K).
        defined: (M,), how many findings entered the mean.
    """

    point: np.ndarray
    replicates: np.ndarray
    defined: np.ndarray


def score_runs(panel: Panel, wanted: Sequence[str], bins: int) -> dict[str, Scored]:
    """Returns the metrics that need no threshold, {metric: Scored of the runs}.

    Args:
        panel: What is compared.
        wanted: Of `metrics.SCORE_METRICS`.
        bins: ECE bins.
    """

    def both(resamples: Resamples) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
        arguments = (panel.labels, panel.scores, resamples, wanted, bins)
        return bootstrap.score_metrics(*arguments), bootstrap.micro_score_metrics(*arguments)

    point, point_micro = both(whole(panel.patients))
    replicates, replicates_micro = both(panel.resamples)
    return {
        metric: _scored(
            point[metric][0], point_micro[metric][0], replicates[metric], replicates_micro[metric]
        )
        for metric in wanted
    }


def rate_runs(panel: Panel) -> dict[str, Scored]:
    """Returns the metrics of the decisions at the thresholds, {metric: Scored of the runs}."""

    def all_of(resamples: Resamples) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
        counts = bootstrap.decision_counts(panel.labels, panel.decisions, resamples)
        return metrics.rates(counts), metrics.rates(counts.sum(axis=2))

    one = whole(panel.patients)
    point, point_micro = all_of(one)
    replicates, replicates_micro = all_of(panel.resamples)
    found = {
        metric: _scored(
            point[metric][0], point_micro[metric][0], replicates[metric], replicates_micro[metric]
        )
        for metric in metrics.RATE_METRICS
    }
    found["subset_accuracy"] = _only_micro(
        bootstrap.subset_accuracy(panel.labels, panel.decisions, one)[0],
        bootstrap.subset_accuracy(panel.labels, panel.decisions, panel.resamples),
        len(panel.findings),
    )
    return found


def jackknife_runs(panel: Panel, wanted: Sequence[str], bins: int) -> dict[str, np.ndarray]:
    """Returns each score metric without each patient in turn, {metric: (P, M, K)}; for BCa."""
    from cxrcompare.evaluation.resampling import leave_one_out

    parts: dict[str, list[np.ndarray]] = {metric: [] for metric in wanted}
    defined = None
    for block in leave_one_out(panel.patients):
        arguments = (panel.labels, panel.scores, block, wanted, bins)
        by_finding = bootstrap.score_metrics(*arguments)
        micro = bootstrap.micro_score_metrics(*arguments)
        for metric in wanted:
            if defined is None:
                defined = ~np.isnan(by_finding[metric][0])
            mean, _ = metrics.macro(by_finding[metric], defined)
            parts[metric].append(_join(by_finding[metric], mean, micro[metric]))
    return {metric: np.concatenate(part) for metric, part in parts.items()}


def _scored(
    point: np.ndarray, micro: np.ndarray, replicates: np.ndarray, replicates_micro: np.ndarray
) -> Scored:
    defined = ~np.isnan(point)
    mean, number = metrics.macro(point)
    means, _ = metrics.macro(replicates, defined)
    return Scored(_join(point, mean, micro), _join(replicates, means, replicates_micro), number)


def _only_micro(point: np.ndarray, replicates: np.ndarray, findings: int) -> Scored:
    """A metric of all findings together has neither findings nor a mean over them."""
    blank = np.full((*replicates.shape, findings + 1), np.nan)
    return Scored(
        np.concatenate([blank[0], point[:, None]], axis=-1),
        np.concatenate([blank, replicates[..., None]], axis=-1),
        np.zeros(len(point), dtype=np.int64),
    )


def _join(by_finding: np.ndarray, mean: np.ndarray, micro: np.ndarray) -> np.ndarray:
    return np.concatenate([by_finding, mean[..., None], micro[..., None]], axis=-1)
