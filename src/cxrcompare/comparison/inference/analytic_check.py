"""Checks the bootstrap against analytic paired tests: DeLong's, or Obuchowski's for clusters."""

from __future__ import annotations

import itertools

import numpy as np

from cxrcompare.comparison.inputs.panel import Panel
from cxrcompare.comparison.row_types.main_rows import AnalyticRow
from cxrcompare.evaluation import intervals
from cxrcompare.evaluation.auroc import delong
from cxrcompare.evaluation.bootstrap import metric_replicates
from cxrcompare.predictions import Note

_TOLERATED = 1.25
_ENOUGH = 20
_REPLICATES = 1000
"""Replicates behind the standard error of the bootstrap, at most."""


def check(panel: Panel, level: float) -> tuple[list[AnalyticRow], list[Note]]:
    """Returns a row per pair of networks and finding, and warnings where the methods disagree.

    Both standard errors cover patient sampling only and treat the seeds as fixed. They check the
    bootstrap and are not a second result. DeLong's test is used if every patient has one unit,
    else Obuchowski's.

    Args:
        panel: The runs that are compared.
        level: The level of the intervals.
    """
    groups = [panel.architectures[name] for name in panel.networks]
    if len(groups) < 2:
        return [], []
    runs = sorted(run for group in groups for run in group)
    means = np.zeros((len(groups), len(runs)))
    for a, group in enumerate(groups):
        means[a, [runs.index(run) for run in group]] = 1 / len(group)
    method = "DeLong" if panel.independent else "Obuchowski"
    rows: list[AnalyticRow] = []
    for f, finding in enumerate(panel.findings):
        label, scores = panel.labels[:, f], panel.scores[runs, :, f]
        if len(np.unique(label[~np.isnan(label)])) < 2:
            continue
        areas = (
            delong.delong(label, scores)
            if panel.independent
            else delong.clustered(label, scores, panel.resamples.patient)
        )
        drawn = metric_replicates.score_metrics(
            label[:, None], scores[:, :, None], panel.resamples.first(_REPLICATES), ("auroc",)
        )
        replicates = drawn["auroc"][:, :, 0] @ means.T
        for a, b in itertools.combinations(range(len(groups)), 2):
            found = delong.contrast(areas, means[a] - means[b], level)
            error = intervals.standard_error(replicates[:, a] - replicates[:, b])
            rows.append(
                AnalyticRow(
                    model_a=panel.networks[a],
                    model_b=panel.networks[b],
                    finding=finding,
                    method=method,
                    difference=found.difference,
                    low=found.low,
                    high=found.high,
                    p_value=found.p_value,
                    standard_error=found.standard_error,
                    bootstrap_standard_error=float(error),
                )
            )
    return rows, _notes(panel, rows)


def _notes(panel: Panel, rows: list[AnalyticRow]) -> list[Note]:
    positives = dict(zip(panel.findings, (panel.labels == 1).sum(axis=0), strict=True))
    worst: dict[str, float] = {}
    for row in rows:
        analytic, resampled = row.standard_error or 0.0, row.bootstrap_standard_error or 0.0
        if positives[row.finding] < _ENOUGH or not min(analytic, resampled) > 1e-9:
            continue
        ratio = max(analytic, resampled) / min(analytic, resampled)
        worst[row.finding] = max(ratio, worst.get(row.finding, 1.0))
    return [
        Note(
            "analytic_disagrees",
            f"standard errors of bootstrap and analytic test differ by a factor of {ratio:.2f}",
            finding=finding,
        )
        for finding, ratio in worst.items()
        if ratio > _TOLERATED
    ]
