"""Metrics of architectures with the variance of their bootstrap replicates."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cxrcompare.comparison.inference.scoring import Scored
from cxrcompare.comparison.inputs.panel import Panel
from cxrcompare.evaluation.influence import clusters, influence_estimates
from cxrcompare.evaluation.influence.influence_estimates import Estimates

_ALL_UNITS = ("ece",)


def from_replicates(
    panel: Panel,
    metric: str,
    runs: Scored,
    entries: Sequence[Sequence[int]],
    averaged: np.ndarray,
) -> Estimates:
    """Returns estimates with the covariance of the bootstrap replicates of the runs.

    The variance that the seeds of an architecture share is as in `influence_estimates`. Replicates
    in which a value is not defined are left out.

    Args:
        panel: The runs that are compared.
        metric: The name of the metric.
        runs: The metric of the runs.
        entries: The indices of the runs of each entry.
        averaged: (F,) bool, the findings in the mean.
    """
    if runs.replicates is None:
        raise ValueError(f"the metric {metric} has no replicates")
    findings = len(panel.findings)
    shape = (runs.point.shape[1], len(entries), len(entries))
    covariance = np.full(shape, np.nan)
    for k in range(shape[0]):
        covariance[k] = replicate_covariance(runs.replicates[:, :, k], entries)
    parts = covariance[[*range(findings), shape[0] - 1]][:, None]
    patient = panel.resamples.patient
    counts = np.array(
        [[_effective(patient[label == side]) for side in (1, 0)] for label in panel.labels.T]
    )
    known = np.array([_effective(patient[~np.isnan(label)]) for label in panel.labels.T])
    smaller = {"sensitivity": counts[:, 0], "specificity": counts[:, 1]}.get(
        metric, known if metric in _ALL_UNITS else counts.min(axis=1)
    )
    total = len(np.unique(patient))
    patients = np.append(smaller, max(smaller.max(initial=1), 2))[:, None]
    return influence_estimates.of_runs(
        runs.point, entries, covariance, parts, patients, total, averaged
    )


def _effective(patients: np.ndarray) -> float:
    """Returns the effective number of patients of these units; see `clusters`."""
    return clusters.effective_number(np.bincount(patients))


def replicate_covariance(drawn: np.ndarray, entries: Sequence[Sequence[int]]) -> np.ndarray:
    """Returns the covariance of architectures, (A, A), from the replicates (R, M) of runs."""
    if all(len(members) == 1 for members in entries):
        means = drawn[:, [members[0] for members in entries]]
        if len(means) > 1 and not np.isnan(means).any():
            means = means - means.mean(axis=0)
            return np.asarray(means.T @ means / (len(means) - 1))
    else:
        means = np.stack([drawn[:, list(members)].mean(axis=1) for members in entries], axis=1)
    undefined = np.isnan(means).all(axis=0)
    kept = ~np.isnan(means[:, ~undefined]).any(axis=1)
    number = max(int(kept.sum()) - 1, 1)
    found = np.full((len(entries),) * 2, np.nan)
    drawn = drawn[kept] - drawn[kept].mean(axis=0, keepdims=True) if kept.any() else drawn[kept]
    inside = np.nan_to_num(means[kept])
    inside -= inside.mean(axis=0, keepdims=True) if len(inside) else 0.0
    some = np.ix_(~undefined, ~undefined)
    found[some] = (inside.T @ inside / number)[some]
    for a, members in enumerate(entries):
        if len(members) > 1 and not undefined[a]:
            single = float(np.mean(np.sum(drawn[:, list(members)] ** 2, axis=0))) / number
            shared = (len(members) * found[a, a] - single) / (len(members) - 1)
            found[a, a] = max(shared, 0.0)
    return found
