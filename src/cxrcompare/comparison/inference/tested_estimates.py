"""Metrics of architectures with the variance that tests and intervals need.

AUROC, AUPRC, Brier score, log loss, points and parts of the ROC curve, and the rates at a threshold
that was not chosen on validation have influence functions. The variance of all other metrics is
that of their bootstrap replicates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from cxrcompare.comparison.inference import replicate_estimates
from cxrcompare.comparison.inference.scoring import TOGETHER, Scored, averaged_findings
from cxrcompare.comparison.inputs.panel import Panel
from cxrcompare.evaluation import metrics
from cxrcompare.evaluation.auroc import auroc_permutation, auroc_tests
from cxrcompare.evaluation.influence import (
    auprc_influence,
    auprc_tests,
    influence_tests,
    unit_means,
)
from cxrcompare.evaluation.influence.influence_estimates import Estimates
from cxrcompare.evaluation.influence.influence_tests import PairedDifferences
from cxrcompare.evaluation.influence.sign_flips import SignFlips
from cxrcompare.evaluation.thresholds import roc_influence, roc_points

FEW_PATIENTS = 20
"""Below this number of patients of a class, a difference of AUROCs needs a permutation test too."""
RATES = ("sensitivity", "specificity", "accuracy", "hamming_loss")
"""Rates that are means over units, for which the threshold does not change the units."""
_UNIT_SCORES = {"brier": metrics.unit_brier, "log_loss": metrics.unit_log_loss}
_LIMITS = {
    "partial_auroc": "influence functions, logit with one patient more",
    "sensitivity_at_flags": "influence functions, logit with one patient more",
    "sensitivity_at_specificity": "MOVER",
    "specificity_at_sensitivity": "MOVER",
    "subset_accuracy": "wilson",
}
"""The methods of intervals that do not follow from the variance alone."""
_BY_INFLUENCE = ("auroc", "auprc", "sensitivity_at_flags", *roc_points.METRICS)


def by_influence(panel: Panel, metric: str) -> bool:
    """Returns whether the tests and intervals of a metric use influence functions."""
    if metric in RATES or metric in TOGETHER:
        return not panel.noisy.any()
    return metric in _BY_INFLUENCE or metric in _UNIT_SCORES


def estimate(
    panel: Panel,
    metric: str,
    runs: Scored | None = None,
    entries: Sequence[Sequence[int]] | None = None,
    level: float = 0.95,
) -> Estimates:
    """Returns a metric of all architectures and baselines, or of other sets of runs.

    Args:
        panel: The runs that are compared.
        metric: The name of the metric.
        runs: The metric of the runs; needed unless the metric is the AUROC.
        entries: The indices of the runs of each entry; by default those of each architecture.
        level: The level of the intervals.
    """
    entries = [*panel.architectures.values()] if entries is None else entries
    patients = panel.resamples.patient
    if metric == "auroc":
        return auroc_tests.estimate(
            panel.labels, panel.scores, patients, entries, panel.eligible, pooled=True
        )
    if runs is None:
        raise ValueError(f"`runs` is needed for the metric {metric}")
    if metric in roc_points.METRICS:
        return _roc_estimates(panel, {metric: runs}, entries, level)[metric]
    if metric in TOGETHER and by_influence(panel, metric):
        return unit_means.together(*_all_correct(panel), patients, entries, panel.eligible, level)
    averaged = averaged_findings(panel, metric, runs.point[:, : len(panel.findings)])
    if metric == "auprc":
        return auprc_influence.estimate(panel.labels, panel.scores, patients, entries, averaged)
    if by_influence(panel, metric):
        return unit_means.estimate(
            lambda f: _unit_values(panel, metric, f), patients, entries, averaged
        )
    return replicate_estimates.from_replicates(panel, metric, runs, entries, averaged)


def estimates(
    panel: Panel, tables: Mapping[str, Scored], level: float = 0.95
) -> dict[str, Estimates]:
    """Returns the estimates of the architectures, {metric: Estimates}; see `estimate`."""
    read = {metric: runs for metric, runs in tables.items() if metric in roc_points.METRICS}
    known = _roc_estimates(panel, read, [*panel.architectures.values()], level) if read else {}
    return {
        metric: known[metric] if metric in known else estimate(panel, metric, runs, level=level)
        for metric, runs in tables.items()
    }


def _roc_estimates(
    panel: Panel, tables: Mapping[str, Scored], entries: Sequence[Sequence[int]], level: float
) -> dict[str, Estimates]:
    """Returns points and parts of the ROC curve, from one sort of the scores."""
    findings = len(panel.findings)
    return roc_influence.estimate(
        panel.labels,
        panel.scores,
        panel.resamples.patient,
        entries,
        {
            metric: averaged_findings(panel, metric, runs.point[:, :findings])
            for metric, runs in tables.items()
        },
        panel.roc_points,
        level,
    )


def compared(
    panel: Panel, metric: str, found: Estimates, first: np.ndarray, second: np.ndarray
) -> PairedDifferences:
    """Returns the paired differences of architectures, with permutation tests where they fit.

    Two architectures of one run each are also compared by exchanging them within patients: AUROCs
    of findings with fewer than `FEW_PATIENTS` patients of a class, and rates at given thresholds.

    Args:
        panel: The runs that are compared.
        metric: The name of the metric.
        found: The estimates of the architectures.
        first: (P,), indices of architectures.
        second: (P,), indices of others, which are subtracted.
    """
    members = [*panel.architectures.values()]
    if metric == "auroc":
        return compared_aurocs(
            Scores(panel.labels, panel.scores, panel.resamples.patient),
            members,
            found,
            panel.eligible,
            (first, second),
        )
    if metric == "auprc":
        return auprc_tests.differences(found, first, second)
    exchanged: dict[tuple[int, int], SignFlips] = {}
    alone = np.flatnonzero(_single(found, first, second)).tolist()
    if metric in RATES and by_influence(panel, metric):
        for f in np.flatnonzero(panel.eligible):
            runs = {pair: (members[first[pair]][0], members[second[pair]][0]) for pair in alone}
            runs = {pair: ab for pair, ab in runs.items() if panel.decided[list(ab), f].all()}
            values = _unit_values(panel, metric, int(f))
            flips = unit_means.exchanged(values, [*runs.values()], panel.resamples.patient)
            exchanged |= {(pair, int(f)): one for pair, one in zip(runs, flips, strict=True)}
    exchanged |= _of_mean_and_pooled(exchanged, found)
    return influence_tests.differences(found, first, second, exchanged)


class Scores(NamedTuple):
    """Labels (N, F) in {0, 1, NaN}, scores of runs (M, N, F), and indices of patients (N,)."""

    labels: np.ndarray
    scores: np.ndarray
    patients: np.ndarray


def compared_aurocs(
    data: Scores,
    members: Sequence[Sequence[int]],
    found: Estimates,
    eligible: np.ndarray,
    pairs: tuple[np.ndarray, np.ndarray],
) -> PairedDifferences:
    """Returns the paired differences of AUROCs, with permutation tests where patients are few.

    Args:
        data: The studies that are compared on: of the test set or of one site.
        members: The indices of the runs of each architecture.
        found: The AUROCs of the architectures.
        eligible: (F,) bool, the findings that are tested.
        pairs: (P,) each, the indices of two architectures; the second is subtracted.
    """
    first, second = pairs
    exchanged: dict[tuple[int, int], SignFlips] = {}
    few = eligible & (found.patients[: len(eligible)].min(axis=1) < FEW_PATIENTS)
    alone = np.flatnonzero(_single(found, first, second)).tolist()
    runs = [(members[first[pair]][0], members[second[pair]][0]) for pair in alone]
    for f in np.flatnonzero(few):
        flips = auroc_permutation.exchanged(
            data.labels[:, f], data.scores[:, :, f], runs, data.patients
        )
        exchanged |= {(pair, int(f)): one for pair, one in zip(alone, flips, strict=True)}
    exchanged |= _of_mean_and_pooled(exchanged, found)
    return auroc_tests.differences(found, first, second, exchanged)


def _single(found: Estimates, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Returns which pairs are of two architectures of one run each, (P,) bool."""
    return np.asarray((found.seeds[first] == 1) & (found.seeds[second] == 1))


def _of_mean_and_pooled(
    exchanged: Mapping[tuple[int, int], SignFlips], found: Estimates
) -> dict[tuple[int, int], SignFlips]:
    """Returns the distributions for the mean, and for all pooled, where they equal one finding."""
    if found.eligible.sum() != 1:
        return {}
    only, mean = int(np.argmax(found.eligible)), len(found.eligible)
    same = range(mean, found.value.shape[1]) if mean == 1 else (mean,)
    return {(pair, k): one for (pair, f), one in exchanged.items() if f == only for k in same}


def intervals(
    panel: Panel, metric: str, found: Estimates, level: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns low, high and method by influence functions, (A, K) each.

    The scale is the logit, or the logarithm for a metric without upper limit.

    Args:
        panel: The runs that are compared.
        metric: The name of the metric.
        found: From `estimate` with the same level.
        level: The level of the intervals.
    """
    scale = "log" if metric in metrics.UNBOUNDED else "logit"
    if metric == "auroc":
        low, high = auroc_tests.intervals(found, level)
    elif metric == "auprc":
        low, high = auprc_tests.intervals(found, level)
    else:
        low, high = influence_tests.intervals(found, level, scale)
    tested = testable(panel, found)
    names = [f"{method(panel, metric, seeds[None])}, {scale}" for seeds in found.seeds]
    methods = np.repeat(np.array(names, dtype=object)[:, None], low.shape[1], axis=1)
    if found.limits is not None:
        methods[~np.isnan(found.limits[:, :, 0])] = _LIMITS[metric]
    return np.where(tested, low, np.nan), np.where(tested, high, np.nan), methods


def testable(panel: Panel, found: Estimates) -> np.ndarray:
    """Returns whether an entry has intervals and tests, (K,): few patients have none."""
    over = found.value.shape[1] - len(panel.findings)
    return np.append(panel.eligible, [bool(panel.eligible.any())] * over)


def method(panel: Panel, metric: str, seeds: np.ndarray) -> str:
    """Returns the name of the method of architectures with these numbers of seeds."""
    if metric == "auroc":
        name = "DeLong" if panel.independent else "Obuchowski"
    elif metric == "auprc":
        name = "infinitesimal jackknife"
    elif metric == "sensitivity_at_flags" or metric in roc_points.METRICS:
        name = "influence functions"
    elif by_influence(panel, metric):
        name = "t-test over units" if panel.independent else "t-test over patients"
    else:
        name = "t-test with bootstrap variance"
    return f"{name} and seeds (Welch)" if (seeds > 1).any() else name


def _unit_values(panel: Panel, metric: str, f: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns the values of a finding's units, (M, N), and which enter the mean, (N,) bool."""
    label = panel.labels[:, f]
    known = ~np.isnan(label)
    if metric in _UNIT_SCORES:
        values = np.full(panel.scores.shape[:2], np.nan)
        some = panel.probabilities
        values[some] = _UNIT_SCORES[metric](label, panel.scores[some, :, f])
        return values, known
    called = np.where(panel.decided[:, f, None], panel.decisions[:, :, f], np.nan)
    if metric == "sensitivity":
        return called, label == 1
    if metric == "specificity":
        return 1 - called, label == 0
    correct = 1 - np.abs(called - label)
    return (correct if metric == "accuracy" else 1 - correct), known


def _all_correct(panel: Panel) -> tuple[np.ndarray, np.ndarray]:
    """Returns whether all findings of a unit are correct, (M, N), and which units enter, (N,)."""
    correct = (panel.decisions == (panel.labels == 1)).all(axis=2).astype(np.float64)
    correct[~panel.decided.all(axis=1)] = np.nan
    return correct, ~np.isnan(panel.labels).any(axis=1)
