"""What the method column says of thresholds and fixed points, and which metrics have no test."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cxrcompare.comparison.compare_options import Options
from cxrcompare.comparison.inference.scoring import MEAN_INDEX, OVER
from cxrcompare.comparison.inputs.panel import FIXED, GIVEN, NO_THRESHOLD, Panel
from cxrcompare.evaluation import metrics

_NOISE = "with threshold noise"
_BASELINE = "at the baseline's own threshold"
_FROZEN = "at the frozen threshold"
_WORDS = {GIVEN: "at the given threshold", FIXED: "at the threshold 0.5, not chosen"}


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
    kinds = [
        {_kind(panel, m, f) for m in networks if panel.sources[m, f] != NO_THRESHOLD}
        for f in range(findings)
    ]
    everywhere = set().union(*kinds)
    chosen = everywhere - {_WORDS[FIXED]} or everywhere
    for k, kind in enumerate([*kinds, chosen, everywhere]):
        found[k] = f" {' or '.join(sorted(kind))}" if kind else ""
    return found


def untested(panel: Panel, metric: str, runs: Sequence[int]) -> np.ndarray:
    """Returns where a metric has no test, (K,) bool: its threshold is not a chosen one.

    It is 0.5, or was chosen on too few patients. The mean is over the findings with another
    threshold, if there are any.
    """
    if metric not in metrics.THRESHOLD_METRICS:
        return np.zeros(len(panel.findings) + len(OVER), dtype=bool)
    fixed = (panel.sources[list(runs)] == FIXED).any(axis=0) | panel.unreliable
    found = np.append(fixed, [fixed.any()] * len(OVER))
    found[MEAN_INDEX] = fixed.any() if metric == "subset_accuracy" else fixed.all()
    return found


def _kind(panel: Panel, run: int, finding: int) -> str:
    if panel.noisy[run, finding]:
        return _NOISE
    if panel.runs[run].kind != "network":
        return _BASELINE
    return _WORDS.get(str(panel.sources[run, finding]), _FROZEN)
