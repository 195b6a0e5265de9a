"""The analytic check of the bootstrap: DeLong's, or Obuchowski's clustered, paired tests."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from cxrcompare.comparison.inference.scoring import Scored
from cxrcompare.comparison.inputs.panel import Panel
from cxrcompare.evaluation import delong, intervals
from cxrcompare.predictions import Note

_TOLERATED = 1.25
_ENOUGH = 20


def check(panel: Panel, auroc: Scored, level: float) -> tuple[list[dict[str, Any]], list[Note]]:
    """Returns a row per pair of networks and finding, and a warning where the two ways disagree.

    Both carry the noise of patients only, seeds as they are: a check of the resampling, not another
    answer. DeLong's test where every patient has one unit, else Obuchowski's.

    Args:
        panel: What is compared.
        auroc: Of the runs.
        level: Of the intervals.
    """
    places = [panel.architectures[name] for name in panel.networks]
    if len(places) < 2:
        return [], []
    runs = sorted(place for some in places for place in some)
    means = np.zeros((len(places), len(runs)))
    for a, some in enumerate(places):
        means[a, [runs.index(place) for place in some]] = 1 / len(some)
    method = "DeLong" if panel.independent else "Obuchowski"
    rows: list[dict[str, Any]] = []
    for f, finding in enumerate(panel.findings):
        label, scores = panel.labels[:, f], panel.scores[runs, :, f]
        if len(np.unique(label[~np.isnan(label)])) < 2:
            continue
        areas = (
            delong.delong(label, scores)
            if panel.independent
            else delong.clustered(label, scores, panel.resamples.patient)
        )
        replicates = auroc.replicates[:, runs, f] @ means.T
        for a, b in itertools.combinations(range(len(places)), 2):
            found = delong.contrast(areas, means[a] - means[b], level)
            error = intervals.standard_error(replicates[:, a] - replicates[:, b])
            rows.append(
                {
                    "model_a": panel.networks[a],
                    "model_b": panel.networks[b],
                    "finding": finding,
                    "method": method,
                    "difference": found.difference,
                    "low": found.low,
                    "high": found.high,
                    "p_value": found.p_value,
                    "standard_error": found.standard_error,
                    "bootstrap_standard_error": float(error),
                }
            )
    return rows, _notes(panel, rows)


def _notes(panel: Panel, rows: list[dict[str, Any]]) -> list[Note]:
    positives = dict(zip(panel.findings, (panel.labels == 1).sum(axis=0), strict=True))
    worst: dict[str, float] = {}
    for row in rows:
        analytic, resampled = row["standard_error"], row["bootstrap_standard_error"]
        if positives[row["finding"]] < _ENOUGH or not min(analytic, resampled) > 1e-9:
            continue
        ratio = max(analytic, resampled) / min(analytic, resampled)
        worst[row["finding"]] = max(ratio, worst.get(row["finding"], 1.0))
    return [
        Note(
            "analytic_disagrees",
            f"standard errors of bootstrap and analytic test differ by a factor of {ratio:.2f}",
            finding=finding,
        )
        for finding, ratio in worst.items()
        if ratio > _TOLERATED
    ]
