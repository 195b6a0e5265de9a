"""Tests and bootstrap of arrays: two models on the same units."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cxrcompare.api.arrays import estimation
from cxrcompare.api.arrays.units import Units, units
from cxrcompare.errors import InputError
from cxrcompare.evaluation import intervals, metrics
from cxrcompare.evaluation.auroc import delong
from cxrcompare.evaluation.bootstrap import metric_replicates
from cxrcompare.evaluation.bootstrap.resampling import Resamples
from cxrcompare.options.declaration import check
from cxrcompare.options.evaluation import Evaluation

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

Metric = Callable[[np.ndarray, np.ndarray], float]
"""A metric of labels (N,) in {0, 1, NaN} and scores (N,)."""


class PairedDifference(NamedTuple):
    """The difference of two AUROCs on the same units.

    Attributes:
        difference: First minus second.
        low: Lower limit of the interval.
        high: Upper limit of the interval.
        p_value: Two-sided; 1 if both rank identically, NaN if it is not defined.
        standard_error: The standard error of the difference.
        auroc_a: The AUROC of the first model.
        auroc_b: The AUROC of the second model.
        method: "DeLong", or "Obuchowski" with several units per group.
        level: The level of the interval.
    """

    difference: float
    low: float
    high: float
    p_value: float
    standard_error: float
    auroc_a: float
    auroc_b: float
    method: str
    level: float


class Bootstrap(NamedTuple):
    """A metric, or the difference of a metric between two models, with bootstrap replicates.

    Attributes:
        value: The estimate; with two models, first minus second.
        low: Lower limit of the percentile interval.
        high: Upper limit of the percentile interval.
        standard_error: The standard deviation of the replicates.
        p_value: Two-sided, of a difference of 0; NaN with one model.
        replicates: (R,) the values; NaN where the metric is not defined.
        level: The level of the interval.
    """

    value: float
    low: float
    high: float
    standard_error: float
    p_value: float
    replicates: np.ndarray
    level: float


def delong_test(
    y_true: ArrayLike,
    y_score_a: ArrayLike,
    y_score_b: ArrayLike,
    groups: ArrayLike | None = None,
    *,
    level: float = Evaluation.level,
) -> PairedDifference:
    """Returns the test that two models have the same AUROC on the same units.

    It is DeLong's test or, with several units per group, Obuchowski's extension, with the normal
    distribution. `compare` uses the same variance with Student's distribution, which is more
    cautious with few patients.

    Args:
        y_true: (N,) labels: 1, 0 or NaN (excluded).
        y_score_a: (N,) scores of the first model, of any range.
        y_score_b: (N,) scores of the second model.
        groups: (N,) the patient of each unit; each unit is a patient by default.
        level: The level of the interval, 0.5 to 0.9999.

    Raises:
        InputError: An array has another shape or other values.

    Sources: DeLong et al. 1988, doi 10.2307/2531595; Obuchowski 1997, doi 10.2307/2533958.
    """
    check(Evaluation, level=level)
    given = units(y_true, groups, y_score_a=y_score_a, y_score_b=y_score_b)
    if estimation.is_independent(given):
        method, areas = "DeLong", delong.delong(given.labels, given.scores)
    else:
        method, areas = "Obuchowski", delong.clustered(given.labels, given.scores, given.groups)
    found = delong.paired(areas, 0, 1, level)
    return PairedDifference(
        found.difference,
        found.low,
        found.high,
        found.p_value,
        found.standard_error,
        float(areas.auroc[0]),
        float(areas.auroc[1]),
        method,
        level,
    )


def bootstrap(
    metric: str | Metric,
    y_true: ArrayLike,
    y_score: ArrayLike,
    y_score_b: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    *,
    replicates: int = Evaluation.replicates,
    level: float = Evaluation.level,
    seed: int = Evaluation.seed,
) -> Bootstrap:
    """Resamples patients, and returns a metric or a paired difference with its replicates.

    Args:
        metric: auroc, auprc, brier, log_loss or ece; or a function of labels (N,) in {0, 1, NaN}
            and scores (N,) that returns a number, NaN where it is not defined.
        y_true: (N,) labels: 1, 0 or NaN.
        y_score: (N,) scores of a model; probabilities for brier, log_loss and ece.
        y_score_b: (N,) scores of a second model, which is subtracted; both use the same resamples.
        groups: (N,) the patient of each unit; each unit is a patient by default.
        replicates: The number of replicates, at least 100.
        level: The level of the interval, 0.5 to 0.9999.
        seed: The seed of the resampling.

    Raises:
        InputError: An array or an option has another shape or other values, or there is no metric
            of that name.

    Sources: Efron & Tibshirani 1993, An Introduction to the Bootstrap; Field & Welsh 2007, doi
    10.1111/j.1467-9868.2007.00593.x (resampling of patients).
    """
    check(Evaluation, level=level, replicates=replicates, seed=seed)
    if not callable(metric) and metric not in metrics.SCORE_METRICS:
        raise InputError(
            f"`metric` must be a function or one of {', '.join(metrics.SCORE_METRICS)}. "
            f"Received: {metric}"
        )
    scores = {"y_score": y_score} | ({} if y_score_b is None else {"y_score_b": y_score_b})
    needs = metric in metrics.SCORE_METRICS and metric not in ("auroc", "auprc")
    given = units(y_true, groups, probabilities=needs, **scores)
    drawn = estimation.resamples(given, replicates, seed)
    values, points = (
        _called(metric, given, drawn) if callable(metric) else _named(metric, given, drawn)
    )
    if y_score_b is None:
        return _summary(points[0], values[:, 0], float("nan"), level)
    difference = values[:, 0] - values[:, 1]
    p_value = float(intervals.p_value(difference))
    return _summary(points[0] - points[1], difference, p_value, level)


def _named(metric: str, given: Units, drawn: Resamples) -> tuple[np.ndarray, list[float]]:
    """Returns the replicates, (R, M), and the values of M models."""
    values = metric_replicates.score_metrics(
        given.labels[:, None], given.scores[:, :, None], drawn, (metric,)
    )[metric][:, :, 0]
    return values, [metrics.score_metric(metric, given.labels, one) for one in given.scores]


def _called(metric: Metric, given: Units, drawn: Resamples) -> tuple[np.ndarray, list[float]]:
    rows = np.arange(len(given.labels))
    values = np.empty((drawn.replicates, len(given.scores)))
    for number in range(drawn.replicates):
        chosen = np.repeat(rows, drawn.counts[number][drawn.patient])
        labels = given.labels[chosen]
        values[number] = [_call(metric, labels, one[chosen]) for one in given.scores]
    return values, [_call(metric, given.labels, one) for one in given.scores]


def _call(metric: Metric, labels: np.ndarray, scores: np.ndarray) -> float:
    value: Any = metric(labels, scores)
    try:
        return float(value)
    except (TypeError, ValueError):
        raise InputError(
            f"`metric` must return a number. Received: {type(value).__name__}"
        ) from None


def _summary(value: float, replicates: np.ndarray, p_value: float, level: float) -> Bootstrap:
    low, high = intervals.percentile(replicates, level)
    if np.isnan(value):
        low, high, p_value = np.full(3, np.nan)
    error = float(intervals.standard_error(replicates))
    return Bootstrap(float(value), float(low), float(high), error, p_value, replicates, level)
