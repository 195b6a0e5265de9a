"""Net benefit at threshold probabilities: estimates, intervals and paired tests by patient.

Net benefit is TP / N - FP / N * t / (1 - t): the share of true positives minus that of false
positives, weighted by the odds of the threshold probability t. It is a mean over units, so its
influence functions are exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cxrcompare.evaluation import student_t
from cxrcompare.evaluation.intervals import TWO_SEEDS


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
class Intervals:
    """Values, or differences of two, with intervals and two-sided tests against 0, (Q,) each.

    Attributes:
        value: The values.
        low: Lower limits; NaN if the variance is 0.
        high: Upper limits.
        p_value: 1 if two models call the same units, NaN with two seeds.
    """

    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p_value: np.ndarray


@dataclass(frozen=True)
class _Side:
    """The units of one class, sorted by patient.

    Attributes:
        patients: (P,), the patients that have such units, ascending.
        starts: (P,), the index of the first unit of each.
        sizes: (P,), the number of units of each.
        probabilities: (M, U), of the units in this order.
    """

    patients: np.ndarray
    starts: np.ndarray
    sizes: np.ndarray
    probabilities: np.ndarray

    def called(
        self, threshold: float, architectures: Sequence[Sequence[int]]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Returns the units that are called positive: per patient, and of each run, (M,).

        Those of patients are means over seeds, (A, P).
        """
        called = (self.probabilities >= threshold).astype(np.float64)
        if len(self.starts) < called.shape[1]:
            called = np.add.reduceat(called, self.starts, axis=1)
        of_runs = called.sum(axis=1)
        if all(len(members) == 1 for members in architectures):
            return called[[members[0] for members in architectures]], of_runs
        means = [called[list(members)].mean(axis=0) for members in architectures]
        return np.stack(means), of_runs


class Sample:
    """Labels and probabilities of one finding, sorted once for all thresholds.

    Args:
        labels: (N,) in {0, 1, NaN}, with both classes; unknown labels are excluded.
        probabilities: (M, N), of M runs.
        patients: (N,) ids.
        architectures: The indices of the runs (seeds) of each of the A architectures.
    """

    def __init__(
        self,
        labels: np.ndarray,
        probabilities: np.ndarray,
        patients: np.ndarray,
        architectures: Sequence[Sequence[int]],
    ) -> None:
        labelled = ~np.isnan(labels)
        group = np.unique(patients[labelled], return_inverse=True)[1]
        self.architectures = architectures
        self.units = int(labelled.sum())
        self.patients = int(group.max()) + 1
        self.positive, self.negative = (
            _side(labels[labelled] == y, group, probabilities[:, labelled]) for y in (1, 0)
        )
        self.both = np.intersect1d(
            self.positive.patients, self.negative.patients, return_indices=True
        )[1:]


def _side(chosen: np.ndarray, group: np.ndarray, probabilities: np.ndarray) -> _Side:
    units = np.flatnonzero(chosen)
    units = units[np.argsort(group[units], kind="stable")]
    patients, starts, sizes = np.unique(group[units], return_index=True, return_counts=True)
    return _Side(patients, starts, sizes.astype(np.float64), probabilities[:, units])


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


def estimate(sample: Sample, threshold: float, paired: bool = True) -> NetBenefits:
    """Returns the net benefits of architectures with what their intervals and tests need.

    Args:
        sample: Labels and probabilities.
        threshold: Threshold probability in (0, 1).
        paired: Whether the covariances of different models are needed; if not they are NaN.
    """
    odds = threshold / (1 - threshold)
    positive, true = sample.positive.called(threshold, sample.architectures)
    negative, false = sample.negative.called(threshold, sample.architectures)
    negative *= -odds
    value = (positive.sum(axis=1) + negative.sum(axis=1)) / sample.units
    scale = sample.patients / max(sample.patients - 1, 1) / sample.units**2
    sides = (positive, sample.positive.sizes), (negative, sample.negative.sizes)
    parts = np.stack(
        [scale * _products(called, n, called, n, value, paired) for called, n in sides]
    )
    first, second = sample.both
    cross = np.zeros_like(parts[0])
    if len(first):
        cross = scale * _products(
            positive[:, first],
            sample.positive.sizes[first],
            negative[:, second],
            sample.negative.sizes[second],
            value,
            paired,
        )
    runs = true - odds * false
    seeds = [runs[list(members)] / sample.units for members in sample.architectures]
    positives, negatives = (float(side.sizes.sum()) for side in (sample.positive, sample.negative))
    return NetBenefits(
        value,
        (positives - odds * negatives) / sample.units,
        positives / sample.units,
        np.array([len(one) for one in seeds]),
        np.array([one.var(ddof=1) if len(one) > 1 else 0.0 for one in seeds]),
        parts.sum(axis=0) + cross + cross.T,
        parts,
        np.array([len(sample.positive.patients), len(sample.negative.patients)]),
    )


def _products(
    first: np.ndarray,
    first_sizes: np.ndarray,
    second: np.ndarray,
    second_sizes: np.ndarray,
    value: np.ndarray,
    paired: bool,
) -> np.ndarray:
    """Returns the sums over patients of (first - value n) (second - value n), (A, A)."""
    by_first = (first @ second_sizes)[:, None] * value
    by_second = value[:, None] * (second @ first_sizes)
    size = float(first_sizes @ second_sizes)
    if paired:
        together = np.einsum("ap,bp->ab", first, second)  # no BLAS, whose threads cost more
        return together - by_first - by_second + size * np.outer(value, value)
    found = np.full((len(value), len(value)), np.nan)
    own = np.einsum("ap,ap->a", first, second) - np.diag(by_first) - np.diag(by_second)
    np.fill_diagonal(found, own + size * value**2)
    return found


def intervals(found: NetBenefits, level: float = 0.95) -> Intervals:
    """Returns the interval of each model's net benefit, (A,).

    Student's t with Satterthwaite's degrees of freedom; seeds add their variance (Welch).

    Sources: Satterthwaite 1946, doi 10.2307/3002019; Welch 1947, doi 10.1093/biomet/34.1-2.28.
    """
    between = found.seed_variance / found.seeds
    bottom = between**2 / np.maximum(found.seeds - 1, 1)
    sides = np.stack([np.diag(part) for part in found.parts])
    return _inferred(found, found.value, np.diag(found.covariance), sides, (between, bottom), level)


def differences(
    found: NetBenefits, first: np.ndarray, second: np.ndarray, level: float = 0.95
) -> Intervals:
    """Returns the paired tests of the net benefits of `first` minus those of `second`, (Q,).

    The variance is as for `intervals`. With two seeds of one of them there is no p-value.

    Args:
        found: From `estimate`, paired.
        first: (Q,), indices of models.
        second: (Q,), indices of models.
        level: The level of the intervals.
    """

    def contrast(matrix: np.ndarray) -> np.ndarray:
        return np.asarray(matrix[first, first] + matrix[second, second] - 2 * matrix[first, second])

    value = found.value[first] - found.value[second]
    single = found.seed_variance / found.seeds
    squared = single**2 / np.maximum(found.seeds - 1, 1)
    seeds = single[first] + single[second], squared[first] + squared[second]
    sides = np.stack([contrast(part) for part in found.parts])
    tested = _inferred(found, value, contrast(found.covariance), sides, seeds, level)
    two = (found.seeds[first] == TWO_SEEDS) | (found.seeds[second] == TWO_SEEDS)
    same = np.isnan(tested.low) & (np.abs(value) <= 1e-12)
    p_value = np.where(two, np.nan, np.where(same, 1.0, tested.p_value))
    return Intervals(value, tested.low, tested.high, p_value)


def _inferred(
    found: NetBenefits,
    value: np.ndarray,
    variance: np.ndarray,
    sides: np.ndarray,
    seeds: tuple[np.ndarray, np.ndarray],
    level: float,
) -> Intervals:
    """Returns intervals and tests from the variances of patients, of classes and of seeds."""
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = np.nan_to_num(sides / sides.sum(axis=0))
        freedom = np.maximum(found.patients - 1, 1)[:, None]
        bottom = variance**2 * np.sum(shares**2 / freedom, axis=0) + seeds[1]
        total = variance + seeds[0]
        total = np.where(total > 1e-18, total, np.nan)
        error, degrees = np.sqrt(total), total**2 / bottom
        half = student_t.quantile((1 + level) / 2, degrees) * error
        p_value = 2 * student_t.upper_tail(np.abs(value) / error, degrees)
    return Intervals(value, value - half, value + half, p_value)
