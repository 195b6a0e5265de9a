"""Estimates of metrics of arrays, with the intervals that a comparison reports."""

from __future__ import annotations

from typing import Any

import numpy as np

from cxrcompare.api.arrays.units import Estimate, Units, units
from cxrcompare.comparison.inference import tested_estimates
from cxrcompare.comparison.inference.estimates import metric_estimates, proportions
from cxrcompare.comparison.inference.scoring import WITHOUT_REPLICATES, Scored
from cxrcompare.comparison.inputs.panel import MINIMUM_PATIENTS, Panel, Run
from cxrcompare.errors import InputError
from cxrcompare.evaluation import confusion, metrics
from cxrcompare.evaluation.auroc import auroc_tests
from cxrcompare.evaluation.bootstrap import metric_replicates
from cxrcompare.evaluation.bootstrap.resampling import Resamples, draw
from cxrcompare.evaluation.probabilities import net_benefit
from cxrcompare.options.declaration import check
from cxrcompare.options.evaluation import Evaluation


def auroc(y_true: Any, y_score: Any, groups: Any, level: float) -> Estimate:
    """Returns the AUROC with its interval; see `scores.auroc`."""
    check(Evaluation, level=level)
    given = units(y_true, groups, y_score=y_score)
    eligible = is_eligible(given)
    found = auroc_tests.estimate(
        given.labels[:, None],
        given.scores[:, :, None],
        given.groups,
        [[0]],
        np.array([eligible]),
    )
    low, high = auroc_tests.intervals(found, level)
    method = "DeLong, logit" if is_independent(given) else "Obuchowski, logit"
    return _estimate(given, found.value[0, 0], low[0, 0], high[0, 0], method, level)


def of_scores(
    metric: str,
    y_true: Any,
    y_score: Any,
    groups: Any,
    level: float,
    replicates: int,
    seed: int,
    bins: int = Evaluation.bins,
) -> Estimate:
    """Returns one of `metrics.SCORE_METRICS` with a bootstrap interval; see `scores`."""
    check(Evaluation, level=level, replicates=replicates, seed=seed, bins=bins)
    given = units(y_true, groups, probabilities=metric != "auprc", y_score=y_score)
    value = metrics.score_metric(metric, given.labels, given.scores[0], None, bins)
    if metric in WITHOUT_REPLICATES:
        panel = _panel(given, np.inf, resamples(given, 2, seed))
        return _by_influence(given, panel, metric, value, level)
    drawn = metric_replicates.score_metrics(
        given.labels[:, None],
        given.scores[:, :, None],
        resamples(given, replicates, seed),
        (metric,),
        bins,
    )[metric][:, 0]
    low, high, method = metric_estimates.bootstrap_interval(
        np.array([value]), drawn, level, metrics.span(metric), metric
    )
    return _estimate(given, value, low[0], high[0], method[0], level)


def of_decisions(
    metric: str,
    y_true: Any,
    y_score: Any,
    groups: Any,
    threshold: float,
    level: float,
    replicates: int,
    seed: int,
) -> Estimate:
    """Returns one of `metrics.RATE_METRICS` with its interval; see `rates`."""
    check(Evaluation, level=level, replicates=replicates, seed=seed)
    given = units(y_true, groups, y_score=y_score)
    if not np.isfinite(threshold):
        raise InputError(f"`threshold` must be a finite number. Received: {threshold}")
    panel = _panel(given, threshold, resamples(given, replicates, seed))
    counts = confusion.two_by_two(given.labels[:, None], panel.decisions[0])[0]
    value = float(metrics.rates(counts)[metric])
    if metric in proportions.PROPORTIONS:
        low, high = proportions.wilson(panel, 0, metric, level)
        if not np.isnan(low[0]):
            return _estimate(given, value, low[0], high[0], "wilson", level)
    if tested_estimates.by_influence(panel, metric):
        return _by_influence(given, panel, metric, value, level)
    drawn = metric_replicates.decision_counts(
        given.labels[:, None], panel.decisions, panel.resamples
    )
    bottom, top, method = metric_estimates.bootstrap_interval(
        np.array([value]), metrics.rates(drawn)[metric][:, 0], level, (0.0, 1.0)
    )
    return _estimate(given, value, bottom[0], top[0], method[0], level)


def of_net_benefit(y_true: Any, y_prob: Any, groups: Any, threshold: Any, level: float) -> Estimate:
    """Returns the net benefit with its interval; see `rates`."""
    check(Evaluation, level=level)
    given = units(y_true, groups, probabilities=True, y_prob=y_prob)
    if not 0 < threshold < 1:
        raise InputError(f"`threshold` must be above 0 and below 1. Received: {threshold}")
    value = float(net_benefit.net_benefit(given.labels, given.scores[0], threshold))
    low, high = float("nan"), float("nan")
    if is_eligible(given):
        sample = net_benefit.Sample(given.labels, given.scores, given.groups, [[0]])
        own = net_benefit.intervals(net_benefit.estimate(sample, threshold, paired=False), level)
        low, high = float(own.low[0]), float(own.high[0])
    return _estimate(given, value, low, high, "t-test over patients", level)


def resamples(given: Units, replicates: int, seed: int) -> Resamples:
    """Returns resamples of the groups."""
    return draw(given.groups, replicates, np.random.default_rng(seed))


def is_independent(given: Units) -> bool:
    """Returns whether every group has one unit."""
    return len(np.unique(given.groups)) == len(given.groups)


def is_eligible(given: Units) -> bool:
    """Returns whether both classes have enough groups for an interval."""
    patients = auroc_tests.class_patients(given.labels[:, None], given.groups)
    return bool(patients.min() >= MINIMUM_PATIENTS)


def _by_influence(given: Units, panel: Panel, metric: str, value: float, level: float) -> Estimate:
    run = Scored(np.full((1, 3), value), None, np.ones(1))
    found = tested_estimates.estimate(panel, metric, run)
    low, high, methods = tested_estimates.intervals(panel, metric, found, level)
    return _estimate(given, value, low[0, 0], high[0, 0], methods[0, 0], level)


def _panel(given: Units, threshold: float, drawn: Resamples) -> Panel:
    scores = given.scores[:, :, None]
    return Panel(
        ("",),
        given.labels[:, None],
        given.groups,
        (Run("", "", "network"),),
        scores,
        np.array([[threshold]]),
        scores >= threshold,
        drawn,
    )


def _estimate(
    given: Units, value: float, low: float, high: float, method: str, level: float
) -> Estimate:
    positives, negatives = int((given.labels == 1).sum()), int((given.labels == 0).sum())
    if not is_eligible(given):
        low, high, method = float("nan"), float("nan"), metric_estimates.TOO_FEW
    return Estimate(float(value), float(low), float(high), positives, negatives, method, level)
