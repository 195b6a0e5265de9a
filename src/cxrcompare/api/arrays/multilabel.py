"""Metrics of all findings together, each with its confidence interval."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cxrcompare.api.arrays.units import Estimate, groups_of, matrix
from cxrcompare.comparison.inference.estimates import metric_estimates
from cxrcompare.comparison.inputs.panel import MINIMUM_PATIENTS
from cxrcompare.errors import InputError
from cxrcompare.evaluation import confusion, metrics
from cxrcompare.evaluation.bootstrap import decision_replicates
from cxrcompare.evaluation.bootstrap.resampling import Resamples, draw
from cxrcompare.options.declaration import check
from cxrcompare.options.evaluation import Evaluation

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


class _Given(NamedTuple):
    """Checked arrays: labels (N, F), scores (1, N, F), thresholds (1, F), resamples of units."""

    labels: np.ndarray
    scores: np.ndarray
    thresholds: np.ndarray
    drawn: Resamples
    eligible: bool


def hamming_loss(
    y_true: ArrayLike,
    y_score: ArrayLike,
    groups: ArrayLike | None = None,
    *,
    threshold: ArrayLike = 0.5,
    level: float = Evaluation.level,
    replicates: int = Evaluation.replicates,
    seed: int = Evaluation.seed,
) -> Estimate:
    """Returns the share of wrong decisions among all units and findings, in [0, 1]; 0 is best.

    A low value means little with rare findings: predicting nothing has the mean prevalence as its
    loss. The interval is a percentile bootstrap over groups.

    Args:
        y_true: (N, F) labels: 1, 0 or NaN (unknown, excluded).
        y_score: (N, F) scores, or decisions 1 and 0.
        groups: (N,) the patient of each unit; each unit is a patient by default.
        threshold: A finding is called positive if its score is at least this; one number, or (F,).
            Choose it on other patients.
        level: The level of the interval, 0.5 to 0.9999.
        replicates: The number of bootstrap replicates, at least 100.
        seed: The seed of the resampling.

    Returns:
        The loss; `positives` and `negatives` are numbers of labels of all findings.

    Raises:
        InputError: An array has another shape or other values.
    """
    given = _given(y_true, y_score, groups, threshold, level, replicates, seed)
    decisions = given.scores >= given.thresholds[:, None]
    counts = confusion.two_by_two(given.labels, decisions[0]).sum(axis=0)
    drawn = decision_replicates.decision_counts(
        given.labels, given.scores, given.thresholds, given.drawn
    ).sum(axis=2)
    value = metrics.rates(counts)["hamming_loss"]
    return _estimate(given, float(value), metrics.rates(drawn)["hamming_loss"], level)


def subset_accuracy(
    y_true: ArrayLike,
    y_score: ArrayLike,
    groups: ArrayLike | None = None,
    *,
    threshold: ArrayLike = 0.5,
    level: float = Evaluation.level,
    replicates: int = Evaluation.replicates,
    seed: int = Evaluation.seed,
) -> Estimate:
    """Returns the share of units with a right decision on every finding, in [0, 1].

    Units with an unknown label are excluded. The interval is a percentile bootstrap over groups.
    Arguments, result and errors are as for `hamming_loss`.
    """
    given = _given(y_true, y_score, groups, threshold, level, replicates, seed)
    decisions = given.scores >= given.thresholds[:, None]
    value = metrics.subset_accuracy(given.labels, decisions)
    drawn = decision_replicates.subset_accuracy(
        given.labels, given.scores, given.thresholds, given.drawn
    )
    return _estimate(given, float(value[0]), drawn, level)


def _given(
    y_true: Any, y_score: Any, groups: Any, threshold: Any, level: float, replicates: int, seed: int
) -> _Given:
    check(Evaluation, level=level, replicates=replicates, seed=seed)
    labels = matrix("y_true", y_true)
    wrong = labels[~(np.isnan(labels) | (labels == 0) | (labels == 1))]
    if wrong.size:
        raise InputError(f"`y_true` must be 1, 0 or missing. Received: {wrong[0]:g}")
    scores = matrix("y_score", y_score)
    if scores.shape != labels.shape:
        raise InputError(
            f"`y_score` must be {labels.shape}, as `y_true`. Received: shape={scores.shape}"
        )
    if not np.isfinite(scores).all():
        raise InputError("`y_score` must be finite numbers. Received: a missing or infinite one")
    limits = np.asarray(threshold, dtype=np.float64)
    if limits.shape not in ((), (labels.shape[1],)) or not np.isfinite(limits).all():
        raise InputError(
            f"`threshold` must be one finite number, or ({labels.shape[1]},). Received: {threshold}"
        )
    patients = groups_of(groups, len(labels))
    known = ~np.isnan(labels).all(axis=1)
    return _Given(
        labels,
        scores[None],
        np.broadcast_to(limits, (1, labels.shape[1])),
        draw(patients, replicates, np.random.default_rng(seed)),
        len(np.unique(patients[known])) >= MINIMUM_PATIENTS,
    )


def _estimate(given: _Given, value: float, drawn: np.ndarray, level: float) -> Estimate:
    low, high, method = metric_estimates.bootstrap_interval(
        np.array([value]), drawn, level, (0.0, 1.0)
    )
    if not given.eligible:
        low, high, method = (
            np.array([np.nan]),
            np.array([np.nan]),
            np.array([metric_estimates.TOO_FEW]),
        )
    positives, negatives = int((given.labels == 1).sum()), int((given.labels == 0).sum())
    return Estimate(
        value, float(low[0]), float(high[0]), positives, negatives, str(method[0]), level
    )
