"""Computes the curves and confusion tables that a report draws."""

from __future__ import annotations

from typing import Any

import numpy as np

from cxrcompare.comparison.compare_options import Options
from cxrcompare.comparison.inputs.panel import Panel
from cxrcompare.comparison.result.content_types import Curves, MultilabelConfusion
from cxrcompare.comparison.row_types.column_types import ALL_SEEDS
from cxrcompare.comparison.row_types.main_rows import ConfusionRow
from cxrcompare.evaluation import confusion, curves
from cxrcompare.evaluation.bootstrap.resampling import Resamples
from cxrcompare.evaluation.probabilities import calibration

_BAND_REPLICATES = 400
_BAND_WORK = 3e8
_HISTOGRAM_BINS = 20


def draw(panel: Panel, options: Options) -> dict[str, dict[str, Curves]]:
    """Returns the curves of every finding and network, in the format of `Comparison.curves`.

    The bands use fewer replicates than the intervals, because a figure resolves no more.
    """
    networks = panel.networks
    architectures = panel.architectures
    runs = sum(len(architectures[name]) for name in networks)
    work = len(panel.labels) * len(panel.findings) * max(runs, 1)
    replicates = int(np.clip(_BAND_WORK / work, 50, _BAND_REPLICATES))
    few = Resamples(panel.resamples.patient, panel.resamples.counts[:replicates])
    found: dict[str, dict[str, Curves]] = {}
    for f, finding in enumerate(panel.findings):
        label = panel.labels[:, f]
        positives, negatives = int((label == 1).sum()), int((label == 0).sum())
        found[finding] = {}
        if not (positives and negatives):
            continue
        for name in networks:
            indices = architectures[name]
            calibrated = bool(panel.probabilities[indices].all())
            drawn = _curves(label, panel.scores[indices, :, f], few, calibrated, options)
            if not panel.decided[indices, f].all():
                del drawn["operating"]
            found[finding][name] = drawn
    return found


def _curves(
    label: np.ndarray,
    scores: np.ndarray,
    resamples: Resamples,
    probabilities: bool,
    options: Options,
) -> Curves:
    roc, recall = curves.bands(label, scores, resamples, level=options.level)
    pooled, labels = scores.ravel(), np.tile(label, len(scores))
    ends = (0.0, 1.0) if probabilities else (float(pooled.min()), float(pooled.max()))
    edges = np.linspace(*ends, _HISTOGRAM_BINS + 1)
    histogram = curves.histogram(labels, pooled, edges)
    counts = curves.operating_counts(labels, pooled)
    seeds = len(scores)
    result: Curves = {
        "roc": {
            "fpr": _list(roc.x),
            "tpr": _list(roc.value),
            "low": _list(roc.low),
            "high": _list(roc.high),
        },
        "pr": {
            "recall": _list(recall.x),
            "precision": _list(recall.value),
            "low": _list(recall.low),
            "high": _list(recall.high),
        },
        "histogram": {
            "edges": _list(edges),
            "positive": _list(histogram.positive / seeds),
            "negative": _list(histogram.negative / seeds),
        },
        "operating": {
            "threshold": _list(counts.threshold),
            "tp": _list(counts.tp / seeds),
            "fp": _list(counts.fp / seeds),
        },
        "reliability": [],
    }
    if probabilities:
        bins = calibration.reliability(
            labels, pooled, calibration.edges(options.bins), options.level
        )
        result["reliability"] = [
            {
                "left": float(bins.left[i]),
                "right": float(bins.right[i]),
                "predicted": float(bins.predicted[i]),
                "observed": float(bins.observed[i]),
                "low": float(bins.low[i]),
                "high": float(bins.high[i]),
                "count": float(bins.count[i]),
            }
            for i in range(len(bins.count))
        ]
    return result


def multilabel(panel: Panel) -> dict[str, MultilabelConfusion]:
    """Returns each network's multi-label confusion table, summed over its seeds.

    A network without a threshold for every finding has no table.
    """
    found: dict[str, MultilabelConfusion] = {}
    for name in panel.networks:
        if not panel.decided[panel.architectures[name]].all():
            continue
        counts = sum(
            confusion.multilabel(panel.labels, panel.decisions[index])
            for index in panel.architectures[name]
        )
        found[name] = {
            "rows": [*panel.findings, "no true label"],
            "columns": [*panel.findings, "no predicted label"],
            "counts": np.asarray(counts).tolist(),
        }
    return found


def two_by_two(panel: Panel) -> list[ConfusionRow]:
    """Returns the 2x2 counts of every run and finding at its threshold.

    There is no row without a threshold. Baselines have rows for the findings for which a network
    has rows.
    """
    counts = confusion.two_by_two(panel.labels, panel.decisions)
    shown = panel.decided & panel.decided_by_networks
    return [
        ConfusionRow(
            model=run.model,
            seed=run.seed or ALL_SEEDS,
            finding=finding,
            threshold=panel.thresholds[m, f],
            **dict(zip(("tp", "fp", "fn", "tn"), counts[m, f].tolist(), strict=True)),
        )
        for m, run in enumerate(panel.runs)
        for f, finding in enumerate(panel.findings)
        if shown[m, f]
    ]


def _list(values: np.ndarray) -> list[Any]:
    return [float(f"{value:.6g}") for value in values.tolist()]
