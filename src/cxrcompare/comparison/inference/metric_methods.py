"""What the method column says of thresholds and fixed points, and which metrics have no test."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cxrcompare.comparison.compare_options import Options
from cxrcompare.comparison.inference.scoring import MEAN_INDEX, OVER
from cxrcompare.comparison.inputs.panel import FIXED, FIXED_WORDS, Panel
from cxrcompare.evaluation import metrics


def words(panel: Panel, metric: str, runs: Sequence[int], options: Options) -> np.ndarray:
    """Returns what the method says of the thresholds of some runs or of a fixed point, (K,) text.

    Args:
        panel: The runs that are compared.
        metric: The name of the metric.
        runs: The indices of runs.
        options: The fixed points.

    Returns:
        Text per finding, mean and micro, that starts with a space; "" for other metrics.
    """
    findings = len(panel.findings)
    points = options.roc_points
    fixed = {
        "sensitivity_at_specificity": f" at specificity {points.specificity:g}",
        "specificity_at_sensitivity": f" at sensitivity {points.sensitivity:g}",
        "sensitivity_at_flags": " at the same flags"
        if options.fixed_flags is None
        else f" at {options.fixed_flags:g} flags per 1,000",
        "partial_auroc": f" up to false positive rate {points.false_positive_rate:g}",
    }
    found = np.full(findings + len(OVER), fixed.get(metric, ""), dtype=object)
    if metric not in metrics.THRESHOLD_METRICS:
        return found
    networks = [m for m in runs if panel.runs[m].kind == "network"] or list(runs)
    said = zip(*(panel.threshold_words[m] for m in networks), strict=True)
    kinds = [set(one) - {""} for one in said]
    everywhere = set().union(*kinds)
    chosen = everywhere - {FIXED_WORDS} or everywhere
    for k, kind in enumerate([*kinds, chosen, everywhere]):
        found[k] = f" {' or '.join(sorted(kind))}" if kind else ""
    return found


def untested(panel: Panel, metric: str, runs: Sequence[int]) -> np.ndarray:
    """Returns where a metric has no test, (K,) bool: its threshold is 0.5, or has too few patients.

    See `Panel.few_for`. The mean is over the other findings, if there are any.
    """
    unfit = panel.few_for(metric)
    if metric not in metrics.THRESHOLD_METRICS:
        none_left = bool(unfit[panel.eligible].all() and unfit.any())
        return np.append(unfit, [none_left, bool(unfit.all())])
    unfit = unfit | (panel.sources[list(runs)] == FIXED).any(axis=0)
    found = np.append(unfit, [unfit.any()] * len(OVER))
    found[MEAN_INDEX] = unfit.any() if metric == "subset_accuracy" else unfit.all()
    return found
