"""The table of metrics: every number with its interval, of each run and each architecture."""

from __future__ import annotations

from typing import Any

import numpy as np

from cxrcompare.comparison.architectures import Noise
from cxrcompare.comparison.options import Options
from cxrcompare.comparison.panel import Panel
from cxrcompare.comparison.scoring import OVER, Scored
from cxrcompare.evaluation import intervals, metrics


def interval(
    scored: Scored, options: Options, jackknife: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Returns the bootstrap interval of every entry, (M, K) low and high.

    BCa where it is asked for and a jackknife is given, percentile otherwise. Where the number
    itself is not defined the interval is not either.
    """
    if options.interval == "bca" and jackknife is not None:
        low, high = intervals.bca(scored.point, scored.replicates, jackknife, options.level)
    else:
        low, high = intervals.percentile(scored.replicates, options.level)
    lost = np.isnan(scored.point)
    return np.where(lost, np.nan, low), np.where(lost, np.nan, high)


def rows_of_runs(
    panel: Panel,
    tables: dict[str, Scored],
    options: Options,
    jackknives: dict[str, np.ndarray] | None = None,
) -> list[dict[str, Any]]:
    """Returns the rows of every run whose file names its seed."""
    chosen = [place for place, run in enumerate(panel.runs) if run.seed]
    if not chosen:
        return []
    rows: list[dict[str, Any]] = []
    for metric, scored in tables.items():
        part = Scored(scored.point[chosen], scored.replicates[:, chosen], scored.defined[chosen])
        jackknife = jackknives[metric][:, chosen] if jackknives and metric in jackknives else None
        low, high = interval(part, options, jackknife)
        patient_sd = intervals.standard_error(part.replicates)
        method = options.interval if jackknife is not None else "percentile"
        for m, place in enumerate(chosen):
            label = (panel.runs[place].model, panel.runs[place].seed)
            noise = patient_sd[m], np.full(patient_sd.shape[1], np.nan)
            rows += _rows(panel, label, metric, part, m, (low[m], high[m]), method, noise)
    return rows


def rows_of_architectures(
    panel: Panel,
    tables: dict[str, tuple[Scored, Noise]],
    options: Options,
    jackknives: dict[str, np.ndarray] | None = None,
) -> list[dict[str, Any]]:
    """Returns the rows of every architecture and trivial model, seed "all"."""
    rows: list[dict[str, Any]] = []
    names = list(panel.architectures)
    for metric, (scored, noise) in tables.items():
        jackknife = jackknives.get(metric) if jackknives else None
        low, high = interval(scored, options, jackknife)
        method = options.interval if jackknife is not None else "percentile"
        for a, name in enumerate(names):
            both = noise.patient_sd[a], noise.seed_sd[a]
            rows += _rows(panel, (name, "all"), metric, scored, a, (low[a], high[a]), method, both)
    return rows


def _rows(
    panel: Panel,
    label: tuple[str, str],
    metric: str,
    scored: Scored,
    entry: int,
    ends: tuple[np.ndarray, np.ndarray],
    method: str,
    noise: tuple[np.ndarray, np.ndarray],
) -> list[dict[str, Any]]:
    positives, negatives = totals(panel.labels)
    rows = []
    for k, finding in enumerate((*panel.findings, *OVER)):
        value = scored.point[entry, k]
        if metric == "subset_accuracy" and finding != "micro":
            continue
        rows.append(
            {
                "model": label[0],
                "seed": label[1],
                "finding": finding,
                "metric": metric,
                "value": value,
                "low": ends[0][k],
                "high": ends[1][k],
                "positives": positives[k],
                "negatives": negatives[k],
                "subgroup": "",
                "defined": scored.defined[entry] if finding == "mean" else int(value == value),
                "method": method,
                "patient_sd": noise[0][k],
                "seed_sd": noise[1][k],
            }
        )
    return rows


def totals(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns positives and negatives of each finding, then of all of them twice (mean, micro)."""
    positives, negatives, _ = metrics.class_counts(labels)
    return (
        np.append(positives, [positives.sum()] * len(OVER)),
        np.append(negatives, [negatives.sum()] * len(OVER)),
    )
