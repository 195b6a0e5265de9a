"""Metrics of labels and scores that need no threshold, each with its confidence interval.

Arguments are in scikit-learn's order. `y_true` is (N,) with 1, 0 or NaN (unknown, excluded);
`y_score` is (N,), higher means that the finding is more likely. `groups` is (N,), the patient of
each unit: units of a patient are not independent, and are resampled together. With fewer than ten
groups with a positive, or with a negative, there is no interval.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxrcompare.api.arrays import estimation
from cxrcompare.options.evaluation import Evaluation

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from cxrcompare.api.arrays.units import Estimate


def auroc(
    y_true: ArrayLike,
    y_score: ArrayLike,
    groups: ArrayLike | None = None,
    *,
    level: float = Evaluation.level,
) -> Estimate:
    """Returns the area under the ROC curve, P(positive > negative) + P(tie) / 2, in [0, 1].

    The interval is on the logit scale, with DeLong's variance or, with several units per group,
    Obuchowski's.

    Args:
        y_true: (N,) labels: 1, 0 or NaN.
        y_score: (N,) scores of any range.
        groups: (N,) the patient of each unit; each unit is a patient by default.
        level: The level of the interval, 0.5 to 0.9999.

    Raises:
        InputError: An array has another shape or other values.

    Sources: Hanley & McNeil 1982, doi 10.1148/radiology.143.1.7063747; DeLong et al. 1988, doi
    10.2307/2531595; Obuchowski 1997, doi 10.2307/2533958.
    """
    return estimation.auroc(y_true, y_score, groups, level)


def auprc(
    y_true: ArrayLike,
    y_score: ArrayLike,
    groups: ArrayLike | None = None,
    *,
    level: float = Evaluation.level,
    replicates: int = Evaluation.replicates,
    seed: int = Evaluation.seed,
) -> Estimate:
    """Returns the area under the precision-recall curve (average precision), in [0, 1].

    The interval is an infinitesimal jackknife over groups, on the logit scale, and wider where
    groups with a positive are few.

    Args:
        y_true: (N,) labels: 1, 0 or NaN.
        y_score: (N,) scores of any range.
        groups: (N,) the patient of each unit; each unit is a patient by default.
        level: The level of the interval, 0.5 to 0.9999.
        replicates: The number of bootstrap replicates, at least 100.
        seed: The seed of the resampling.

    Raises:
        InputError: An array has another shape or other values.

    Source: Davis & Goadrich 2006, doi 10.1145/1143844.1143874.
    """
    return estimation.of_scores("auprc", y_true, y_score, groups, level, replicates, seed)


def brier(
    y_true: ArrayLike,
    y_prob: ArrayLike,
    groups: ArrayLike | None = None,
    *,
    level: float = Evaluation.level,
    replicates: int = Evaluation.replicates,
    seed: int = Evaluation.seed,
) -> Estimate:
    """Returns the Brier score, the mean of (probability - label) squared, in [0, 1]; 0 is best.

    Arguments as for `auprc`; `y_prob` must be probabilities in [0, 1].

    Source: Brier 1950, doi 10.1175/1520-0493(1950)078<0001:VOFEIT>2.0.CO;2.
    """
    return estimation.of_scores("brier", y_true, y_prob, groups, level, replicates, seed)


def log_loss(
    y_true: ArrayLike,
    y_prob: ArrayLike,
    groups: ArrayLike | None = None,
    *,
    level: float = Evaluation.level,
    replicates: int = Evaluation.replicates,
    seed: int = Evaluation.seed,
) -> Estimate:
    """Returns the mean negative log-likelihood in nats; 0 is best.

    Arguments as for `auprc`; `y_prob` must be probabilities in [0, 1], and is clipped as by
    scikit-learn.
    """
    return estimation.of_scores("log_loss", y_true, y_prob, groups, level, replicates, seed)


def ece(
    y_true: ArrayLike,
    y_prob: ArrayLike,
    groups: ArrayLike | None = None,
    *,
    bins: int = Evaluation.bins,
    level: float = Evaluation.level,
    replicates: int = Evaluation.replicates,
    seed: int = Evaluation.seed,
) -> Estimate:
    """Returns the expected calibration error over bins of equal width, in [0, 1]; 0 is best.

    The interval is a basic bootstrap interval, because noise biases the ECE upwards. Other
    arguments as for `auprc`; `y_prob` must be probabilities in [0, 1].

    Args:
        y_true: (N,) labels: 1, 0 or NaN.
        y_prob: (N,) probabilities.
        groups: (N,) the patient of each unit; each unit is a patient by default.
        bins: The number of bins, at least 2.
        level: The level of the interval, 0.5 to 0.9999.
        replicates: The number of bootstrap replicates, at least 100.
        seed: The seed of the resampling.

    Source: Guo et al. 2017, arXiv 1706.04599.
    """
    return estimation.of_scores("ece", y_true, y_prob, groups, level, replicates, seed, bins)
