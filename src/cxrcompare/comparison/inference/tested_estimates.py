"""Metrics of architectures with the variance that tests and intervals need.

AUROC, AUPRC, Brier score, log loss, and the rates at a threshold that was not chosen on validation
have influence functions. The variance of all other metrics is that of their bootstrap replicates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from cxrcompare.comparison.inference.scoring import Scored, averaged_findings
from cxrcompare.comparison.inputs.panel import Panel
from cxrcompare.evaluation import metrics
from cxrcompare.evaluation.auroc import auroc_permutation, auroc_tests
from cxrcompare.evaluation.influence import (
    auprc_influence,
    clusters,
    influence_estimates,
    influence_tests,
    unit_means,
)
from cxrcompare.evaluation.influence.influence_estimates import Estimates
from cxrcompare.evaluation.influence.influence_tests import PairedDifferences
from cxrcompare.evaluation.influence.sign_flips import SignFlips

FEW_PATIENTS = 20
"""Below this number of patients of a class, a difference of AUROCs needs a permutation test too."""
RATES = ("sensitivity", "specificity", "accuracy", "hamming_loss")
"""Rates that are means over units, for which the threshold does not change the units."""
_UNIT_SCORES = {"brier": metrics.unit_brier, "log_loss": metrics.unit_log_loss}
_ALL_UNITS = ("ece",)


def by_influence(panel: Panel, metric: str) -> bool:
    """Returns whether the tests and intervals of a metric use influence functions."""
    if metric in RATES:
        return not panel.noisy.any()
    return metric in ("auroc", "auprc", "sensitivity_at_flags") or metric in _UNIT_SCORES


def estimate(
    panel: Panel,
    metric: str,
    runs: Scored | None = None,
    entries: Sequence[Sequence[int]] | None = None,
) -> Estimates:
    """Returns a metric of all architectures and baselines, or of other sets of runs.

    Args:
        panel: The runs that are compared.
        metric: The name of the metric.
        runs: The metric of the runs; needed unless the metric is the AUROC.
        entries: The indices of the runs of each entry; by default those of each architecture.
    """
    entries = [*panel.architectures.values()] if entries is None else entries
    patients = panel.resamples.patient
    if metric == "auroc":
        return auroc_tests.estimate(
            panel.labels, panel.scores, patients, entries, panel.eligible, pooled=True
        )
    if runs is None:
        raise ValueError(f"`runs` is needed for the metric {metric}")
    averaged = averaged_findings(panel, metric, runs.point[:, : len(panel.findings)])
    if metric == "auprc":
        return auprc_influence.estimate(panel.labels, panel.scores, patients, entries, averaged)
    if by_influence(panel, metric):
        return unit_means.estimate(
            lambda f: _unit_values(panel, metric, f), patients, entries, averaged
        )
    return _from_replicates(panel, metric, runs, entries, averaged)


def estimates(panel: Panel, tables: Mapping[str, Scored]) -> dict[str, Estimates]:
    """Returns the estimates of the architectures, {metric: Estimates}."""
    return {metric: estimate(panel, metric, runs) for metric, runs in tables.items()}


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
    exchanged: dict[tuple[int, int], SignFlips] = {}
    single = (found.seeds[first] == 1) & (found.seeds[second] == 1)
    alone = np.flatnonzero(single).tolist()
    if metric == "auroc":
        few = panel.eligible & (found.patients[: len(panel.findings)].min(axis=1) < FEW_PATIENTS)
        for f in np.flatnonzero(few):
            flips = auroc_permutation.exchanged(
                panel.labels[:, f],
                panel.scores[:, :, f],
                [(members[first[pair]][0], members[second[pair]][0]) for pair in alone],
                panel.resamples.patient,
            )
            exchanged |= {(pair, int(f)): one for pair, one in zip(alone, flips, strict=True)}
    elif metric in RATES and by_influence(panel, metric):
        for f in np.flatnonzero(panel.eligible):
            runs = {pair: (members[first[pair]][0], members[second[pair]][0]) for pair in alone}
            runs = {pair: ab for pair, ab in runs.items() if panel.decided[list(ab), f].all()}
            values = _unit_values(panel, metric, int(f))
            flips = unit_means.exchanged(values, [*runs.values()], panel.resamples.patient)
            exchanged |= {(pair, int(f)): one for pair, one in zip(runs, flips, strict=True)}
    if found.eligible.sum() == 1:  # the mean over one finding is that finding
        only = int(np.argmax(found.eligible))
        exchanged |= {
            (pair, k): flips
            for (pair, f), flips in exchanged.items()
            if f == only
            for k in _same_as_only(panel)
        }
    tests = auroc_tests if metric == "auroc" else influence_tests
    return tests.differences(found, first, second, exchanged)


def _same_as_only(panel: Panel) -> tuple[int, ...]:
    """Returns the entries that equal the only finding of the mean: the mean, perhaps all pooled."""
    mean = len(panel.findings)
    return (mean, mean + 1) if len(panel.findings) == 1 else (mean,)


def intervals(
    panel: Panel, metric: str, found: Estimates, level: float
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Returns low and high, (A, K), by influence functions, and the method of each architecture.

    The scale is the logit, or the logarithm for a metric without upper limit.
    """
    scale = "log" if metric in metrics.UNBOUNDED else "logit"
    if metric == "auroc":
        low, high = auroc_tests.intervals(found, level)
    else:
        low, high = influence_tests.intervals(found, level, scale)
    tested = testable(panel, found)
    methods = [f"{method(panel, metric, seeds[None])}, {scale}" for seeds in found.seeds]
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
    elif metric == "sensitivity_at_flags":
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


def _from_replicates(
    panel: Panel,
    metric: str,
    runs: Scored,
    entries: Sequence[Sequence[int]],
    averaged: np.ndarray,
) -> Estimates:
    """Returns estimates with the covariance of the bootstrap replicates of the runs.

    The variance that the seeds of an architecture share is as in `influence_estimates`. Replicates
    in which a value is not defined are left out.
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
