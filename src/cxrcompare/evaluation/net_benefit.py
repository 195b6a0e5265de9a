"""Net benefit at threshold probabilities: estimates, intervals and paired tests by patient.

Net benefit is TP / N - FP / N * t / (1 - t): the share of true positives minus that of false
positives, weighted by the odds of the threshold probability t. It is a mean over units, so its
influence functions are exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

_TWO_SEEDS = 2


@dataclass(frozen=True)
class NetBenefits:
    """Net benefits of A models for one finding and one threshold.

    Attributes:
        value: (A,), means over seeds.
        treat_all: The net benefit of calling every unit positive; that of calling none is 0.
        prevalence: The share of positives, the largest possible net benefit.
        seeds: (A,), the number of seeds.
        seed_variance: (A,), the variance between seeds; 0 with one seed.
        covariance: (A, A), of the sampling of patients.
        parts: (2, A, A), the same of positives alone and of negatives alone.
        patients: (2,), patients with a positive, and with a negative.
    """

    value: np.ndarray
    treat_all: float
    prevalence: float
    seeds: np.ndarray
    seed_variance: np.ndarray
    covariance: np.ndarray
    parts: np.ndarray
    patients: np.ndarray

    @property
    def standardised(self) -> np.ndarray:
        """Net benefit over prevalence, (A,): 1 is a perfect model."""
        return self.value / self.prevalence


@dataclass(frozen=True)
class Interval:
    """A value, or a difference of two, with its interval and two-sided test against 0.

    Attributes:
        value: The value.
        low: Lower limit; NaN if the variance is 0.
        high: Upper limit.
        p_value: 1 if two models call the same units, NaN with two seeds.
    """

    value: float
    low: float
    high: float
    p_value: float


def unit_net_benefit(labels: np.ndarray, probabilities: np.ndarray, threshold: float) -> np.ndarray:
    """Returns the contribution of each unit, (..., N): its mean is the net benefit.

    Args:
        labels: (N,) in {0, 1}.
        probabilities: (..., N); a unit is positive if its probability is at least the threshold.
        threshold: Threshold probability in (0, 1).

    Source: Vickers & Elkin 2006, doi 10.1177/0272989X06295361.
    """
    worth = labels - (1 - labels) * (threshold / (1 - threshold))
    return np.where(probabilities >= threshold, worth, 0.0)


def net_benefit(labels: np.ndarray, probabilities: np.ndarray, threshold: float) -> np.ndarray:
    """Returns the net benefit, (...,); NaN without a label.

    Args:
        labels: (N,) in {0, 1, NaN}; unknown labels are excluded.
        probabilities: (..., N).
        threshold: Threshold probability in (0, 1).
    """
    labelled = ~np.isnan(labels)
    if not labelled.any():
        return np.full(probabilities.shape[:-1], np.nan)
    units = unit_net_benefit(labels[labelled], probabilities[..., labelled], threshold)
    return np.asarray(units.mean(axis=-1))


def estimate(
    labels: np.ndarray,
    probabilities: np.ndarray,
    patients: np.ndarray,
    architectures: Sequence[Sequence[int]],
    threshold: float,
) -> NetBenefits:
    """Returns the net benefits of architectures with what their tests need.

    Args:
        labels: (N,) in {0, 1, NaN}, at least one known.
        probabilities: (M, N), of M runs.
        patients: (N,) ids.
        architectures: The indices of the runs (seeds) of each of the A architectures.
        threshold: Threshold probability in (0, 1).
    """
    labelled = ~np.isnan(labels)
    label = labels[labelled]
    group = np.unique(patients[labelled], return_inverse=True)[1]
    count = int(group.max()) + 1
    units = unit_net_benefit(label, probabilities[:, labelled], threshold)
    runs = units.mean(axis=1)
    means = np.stack([units[list(members)].mean(axis=0) for members in architectures])
    value = means.mean(axis=1)
    deviation = (means - value[:, None]) / len(label) * np.sqrt(count / max(count - 1, 1))
    sides = [
        np.stack([np.bincount(group[label == y], row[label == y], count) for row in deviation])
        for y in (1, 0)
    ]
    seeds = [runs[list(members)] for members in architectures]
    together = sides[0] + sides[1]
    return NetBenefits(
        value,
        float(net_benefit(label, np.ones(len(label)), threshold)),
        float(label.mean()),
        np.array([len(one) for one in seeds]),
        np.array([one.var(ddof=1) if len(one) > 1 else 0.0 for one in seeds]),
        together @ together.T,
        np.stack([side @ side.T for side in sides]),
        np.array([len(np.unique(group[label == y])) for y in (1, 0)]),
    )


def interval(found: NetBenefits, model: int, level: float = 0.95) -> Interval:
    """Returns the interval of a model's net benefit.

    Student's t with Satterthwaite's degrees of freedom; seeds add their variance (Welch).
    """
    return _contrast(found, [model], np.array([1.0]), level)


def difference(found: NetBenefits, first: int, second: int, level: float = 0.95) -> Interval:
    """Returns the paired test of the net benefit of `first` minus that of `second`.

    Variance as for `interval`. With two seeds of one of them there is no p-value.
    """
    return _contrast(found, [first, second], np.array([1.0, -1.0]), level)


def _contrast(
    found: NetBenefits, entries: list[int], weights: np.ndarray, level: float
) -> Interval:
    value = float(weights @ found.value[entries])
    chosen = np.ix_(entries, entries)
    variance = float(weights @ found.covariance[chosen] @ weights)
    parts = np.array([weights @ part[chosen] @ weights for part in found.parts])
    freedom = np.maximum(found.patients - 1, 1)
    shares = parts / parts.sum() if parts.sum() > 0 else np.zeros(2)
    bottom = variance**2 * float(np.sum(shares**2 / freedom))
    for entry in entries:
        seeds = int(found.seeds[entry])
        if seeds > 1:
            between = float(found.seed_variance[entry]) / seeds
            variance += between
            bottom += between**2 / (seeds - 1)
    if variance <= 1e-20:
        same = len(entries) > 1 and abs(value) <= 1e-12
        return Interval(value, float("nan"), float("nan"), 1.0 if same else float("nan"))
    error, degrees = np.sqrt(variance), variance**2 / bottom
    half = float(stats.t.ppf((1 + level) / 2, degrees) * error)
    p_value = float(2 * stats.t.sf(abs(value) / error, degrees))
    if len(entries) > 1 and _TWO_SEEDS in found.seeds[entries]:
        p_value = float("nan")
    return Interval(value, value - half, value + half, p_value)
