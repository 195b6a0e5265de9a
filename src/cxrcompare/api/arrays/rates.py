"""Metrics of decisions at a threshold, each with its confidence interval.

Arguments are in scikit-learn's order. `y_true` is (N,) with 1, 0 or NaN (unknown, excluded). A unit
is positive if its `y_score` is at least `threshold`; for decisions that are 1 or 0 already, the
threshold of 0.5 has no effect. `groups` is (N,), the patient of each unit. With fewer than ten
groups with a positive, or with a negative, there is no interval.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxrcompare.api.arrays.estimation import of_decisions, of_net_benefit
from cxrcompare.options.evaluation import Evaluation

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from cxrcompare.api.arrays.units import Estimate


def sensitivity(
    y_true: ArrayLike,
    y_score: ArrayLike,
    groups: ArrayLike | None = None,
    *,
    threshold: float = 0.5,
    level: float = Evaluation.level,
    replicates: int = Evaluation.replicates,
    seed: int = Evaluation.seed,
) -> Estimate:
    """Returns the sensitivity (recall), tp / (tp + fn), in [0, 1]; NaN without positives.

    The interval is Wilson's, or with several units per group a percentile bootstrap over groups.

    Args:
        y_true: (N,) labels: 1, 0 or NaN.
        y_score: (N,) scores of any range, or decisions 1 and 0.
        groups: (N,) the patient of each unit; each unit is a patient by default.
        threshold: A unit is positive if its score is at least this. Choose it on other patients.
        level: The level of the interval, 0.5 to 0.9999.
        replicates: The number of bootstrap replicates, at least 100.
        seed: The seed of the resampling.

    Raises:
        InputError: An array has another shape or other values.

    Source: Wilson 1927, doi 10.1080/01621459.1927.10502953.
    """
    return of_decisions("sensitivity", y_true, y_score, groups, threshold, level, replicates, seed)


def specificity(
    y_true: ArrayLike,
    y_score: ArrayLike,
    groups: ArrayLike | None = None,
    *,
    threshold: float = 0.5,
    level: float = Evaluation.level,
    replicates: int = Evaluation.replicates,
    seed: int = Evaluation.seed,
) -> Estimate:
    """Returns the specificity, tn / (tn + fp), in [0, 1]; NaN without negatives.

    Arguments and interval as for `sensitivity`.
    """
    return of_decisions("specificity", y_true, y_score, groups, threshold, level, replicates, seed)


def precision(
    y_true: ArrayLike,
    y_score: ArrayLike,
    groups: ArrayLike | None = None,
    *,
    threshold: float = 0.5,
    level: float = Evaluation.level,
    replicates: int = Evaluation.replicates,
    seed: int = Evaluation.seed,
) -> Estimate:
    """Returns the precision (PPV), tp / (tp + fp), in [0, 1]; NaN without positive decisions.

    Arguments and interval as for `sensitivity`.
    """
    return of_decisions("precision", y_true, y_score, groups, threshold, level, replicates, seed)


def npv(
    y_true: ArrayLike,
    y_score: ArrayLike,
    groups: ArrayLike | None = None,
    *,
    threshold: float = 0.5,
    level: float = Evaluation.level,
    replicates: int = Evaluation.replicates,
    seed: int = Evaluation.seed,
) -> Estimate:
    """Returns the negative predictive value, tn / (tn + fn), in [0, 1].

    Arguments and interval as for `sensitivity`.
    """
    return of_decisions("npv", y_true, y_score, groups, threshold, level, replicates, seed)


def accuracy(
    y_true: ArrayLike,
    y_score: ArrayLike,
    groups: ArrayLike | None = None,
    *,
    threshold: float = 0.5,
    level: float = Evaluation.level,
    replicates: int = Evaluation.replicates,
    seed: int = Evaluation.seed,
) -> Estimate:
    """Returns the accuracy, (tp + tn) / all, in [0, 1].

    Arguments and interval as for `sensitivity`.
    """
    return of_decisions("accuracy", y_true, y_score, groups, threshold, level, replicates, seed)


def f1(
    y_true: ArrayLike,
    y_score: ArrayLike,
    groups: ArrayLike | None = None,
    *,
    threshold: float = 0.5,
    level: float = Evaluation.level,
    replicates: int = Evaluation.replicates,
    seed: int = Evaluation.seed,
) -> Estimate:
    """Returns F1, 2 tp / (2 tp + fp + fn), in [0, 1].

    Arguments as for `sensitivity`. The interval is a percentile bootstrap over groups.
    """
    return of_decisions("f1", y_true, y_score, groups, threshold, level, replicates, seed)


def net_benefit(
    y_true: ArrayLike,
    y_prob: ArrayLike,
    groups: ArrayLike | None = None,
    *,
    threshold: float,
    level: float = Evaluation.level,
) -> Estimate:
    """Returns the net benefit at a threshold probability t, (tp - fp t / (1 - t)) / all.

    It is the share of true positives after the costs of false positives. Calling no unit positive
    has a net benefit of 0; the prevalence is the largest possible one. The interval is Student's
    over groups, as in decision curves of a comparison.

    Args:
        y_true: (N,) labels: 1, 0 or NaN.
        y_prob: (N,) probabilities in [0, 1].
        groups: (N,) the patient of each unit; each unit is a patient by default.
        threshold: The threshold probability, in (0, 1): a false positive costs t / (1 - t) of a
            true positive.
        level: The level of the interval, 0.5 to 0.9999.

    Raises:
        InputError: An array has another shape or other values.

    Source: Vickers & Elkin 2006, doi 10.1177/0272989X06295361.
    """
    return of_net_benefit(y_true, y_prob, groups, threshold, level)
