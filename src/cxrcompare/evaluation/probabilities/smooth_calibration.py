"""A smoothed calibration error without bins and bias: value, interval and paired tests.

With residuals r = label - probability and a kernel k, the squared error is the mean of
r_i r_j k(p_i, p_j) over pairs of units of different patients, over the mean of k. Noise of single
units does not enter, so its expectation is 0 if the probabilities are calibrated, for any number of
units. If all probabilities are off by d, it is d squared.

The kernel is Gaussian on the scale asin(sqrt(p)), on which shares have a constant variance, with
the bandwidth `BANDWIDTH`.

Sources: unbiased kernel calibration error: Widmann et al. 2019, arXiv 1910.11385; smoothing instead
of bins: Blasiok & Nakkiran 2023, arXiv 2309.12236.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy import sparse, special

BANDWIDTH = 0.05
"""Of the kernel, on the scale asin(sqrt(p)), which goes from 0 to 1.571."""
_NODES = np.linspace(-0.1, np.pi / 2 + 0.1, 145)
_LEAST = 1e-4


@dataclass(frozen=True)
class Smoothed:
    """The squared smoothed calibration errors of A models for one finding.

    Attributes:
        value: (A,), squared errors, means over seeds; they may be below 0.
        influence: (A, G), of each patient.
        features: (A,) of (G, S Q), whose products over pairs of patients sum to the value.
        seeds: (A,), the number of seeds.
        seed_variance: (A,), of the mean over seeds.
    """

    value: np.ndarray
    influence: np.ndarray
    features: tuple[np.ndarray, ...]
    seeds: np.ndarray
    seed_variance: np.ndarray


@dataclass(frozen=True)
class Tested:
    """Squared errors, or paired differences of them, (Q,) each.

    Attributes:
        value: Squared errors or differences.
        low: Lower limits.
        high: Upper limits.
        p_value: Of a squared error: that the model is calibrated. Of a difference: that it is 0.
    """

    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p_value: np.ndarray


def root(squared: np.ndarray | float) -> np.ndarray:
    """Returns the error in units of probability; 0 for a squared error below 0."""
    return np.sqrt(np.maximum(squared, 0.0))


def estimate(
    labels: np.ndarray,
    probabilities: np.ndarray,
    patients: np.ndarray,
    architectures: Sequence[Sequence[int]],
) -> Smoothed:
    """Returns the squared errors of models with what their intervals and tests need.

    Args:
        labels: (N,) in {0, 1, NaN}; unknown labels are excluded.
        probabilities: (M, N), of M runs.
        patients: (N,) ids.
        architectures: The indices of the runs (seeds) of each of the A models.

    Raises:
        ValueError: Fewer than two patients have a label.
    """
    known = ~np.isnan(labels)
    label = labels[known]
    index = np.unique(patients[known], return_inverse=True)[1]
    if not known.any() or index.max() < 1:
        raise ValueError("two patients or more must have a label. Received: fewer")
    order = np.argsort(index, kind="stable")
    ends = np.append(0, np.cumsum(np.bincount(index)))
    label, chosen_units = label[order], np.flatnonzero(known)[order]
    runs = [_run(label, one[chosen_units], ends) for one in probabilities]
    values = np.array([run[0] for run in runs])
    chosen = [list(members) for members in architectures]
    seeds = np.array([len(one) for one in chosen])
    between = np.array(
        [values[one].var(ddof=1) / len(one) if len(one) > 1 else 0.0 for one in chosen]
    )
    return Smoothed(
        np.array([values[one].mean() for one in chosen]),
        np.stack([np.mean([runs[m][1] for m in one], axis=0) for one in chosen]),
        tuple(
            np.concatenate([runs[m][2] / np.sqrt(len(one)) for m in one], axis=1) for one in chosen
        ),
        seeds,
        between,
    )


def intervals(found: Smoothed, level: float = 0.95) -> Tested:
    """Returns intervals of the squared errors, and tests that models are calibrated, (A,).

    The variance is the sum of squared influences. With 400 to 600 units, two of each patient, an
    interval of 95 % contains 0 in 92 to 97 % of samples if the model is calibrated, and covers an
    error of 0.07 in 93 %. The test has more power near 0 than the interval. It compares with the
    weighted sum of chi-squared variables of calibrated probabilities, by Satterthwaite's
    approximation; with several seeds it holds for these seeds.
    """
    z = float(special.ndtri((1 + level) / 2))
    low, high, p_value = [], [], []
    for a, value in enumerate(found.value):
        features = found.features[a]
        spread = np.sqrt(float((found.influence[a] ** 2).sum()) + found.seed_variance[a])
        low.append(value - z * spread)
        high.append(value + z * spread)
        p_value.append(_p_calibrated(features))
    return Tested(found.value, np.array(low), np.array(high), np.array(p_value))


def differences(
    found: Smoothed, first: Sequence[int], second: Sequence[int], level: float = 0.95
) -> Tested:
    """Returns the paired differences of squared errors, first minus second, (Q,).

    With two seeds of one of the models the p-value is NaN.
    """
    z = float(special.ndtri((1 + level) / 2))
    value, spread, p_value = [], [], []
    for a, b in zip(first, second, strict=True):
        variance = float(((found.influence[a] - found.influence[b]) ** 2).sum())
        variance += found.seed_variance[a] + found.seed_variance[b]
        difference = float(found.value[a] - found.value[b])
        error = float(np.sqrt(variance))
        value.append(difference)
        spread.append(z * error)
        same = error <= 1e-15 and abs(difference) <= 1e-15
        p = 1.0 if same else float(2 * special.ndtr(-abs(difference) / max(error, 1e-300)))
        two = 2 in (found.seeds[a], found.seeds[b])
        p_value.append(float("nan") if two else p)
    values, half = np.array(value), np.array(spread)
    return Tested(values, values - half, values + half, np.array(p_value))


@cache
def _basis() -> np.ndarray:
    """Returns the kernel between nodes as a product: B B' is the kernel, (nodes, Q)."""
    apart = np.subtract.outer(_NODES, _NODES)
    values, vectors = np.linalg.eigh(np.exp(-0.5 * (apart / BANDWIDTH) ** 2))
    kept = values > _LEAST * values.max()
    return np.asarray(vectors[:, kept] * np.sqrt(values[kept]))


def _run(
    label: np.ndarray, probability: np.ndarray, ends: np.ndarray
) -> tuple[float, np.ndarray, np.ndarray]:
    """Returns the squared error of a run, the patients' influence, and their features.

    Args:
        label: (N,) in {0, 1}, of units sorted by patient.
        probability: (N,), of the same units.
        ends: (G + 1,), where the units of each patient start, and N.
    """
    position = (np.arcsin(np.sqrt(probability)) - _NODES[0]) / (_NODES[1] - _NODES[0])
    left = np.floor(position).astype(np.int32)
    right = position - left
    nodes = np.stack([left, left + 1], axis=1).ravel()  # two of each unit
    share = np.stack([1 - right, right], axis=1)
    shape = len(ends) - 1, len(_NODES)

    def by_node(weight: np.ndarray) -> np.ndarray:
        """Returns the sums of the features of each patient's units times their weights, (G, Q)."""
        entries = (share * weight[:, None]).ravel()
        return np.asarray(sparse.csr_array((entries, nodes, 2 * ends), shape) @ _basis())

    top = by_node(label - probability)
    bottom = by_node(np.ones(len(label)))
    by_patient = _with_others(top)
    weights = _with_others(bottom)
    total = float(weights.sum())
    value = float(by_patient.sum()) / total
    influence = 2 * (by_patient - value * weights) / total
    return value, influence, top / np.sqrt(total)


def _with_others(features: np.ndarray) -> np.ndarray:
    """Returns the sum of each patient's products with all other patients, (G,)."""
    return np.asarray(features @ features.sum(axis=0) - (features**2).sum(axis=1))


def _p_calibrated(features: np.ndarray) -> float:
    """Returns the p-value that probabilities are calibrated."""
    matrix = features.T @ features
    trace, squares = float(np.trace(matrix)), float((matrix**2).sum())
    if squares <= 0:
        return float("nan")
    statistic = float((features.sum(axis=0) ** 2).sum())
    return float(special.chdtrc(trace**2 / squares, statistic * trace / squares))
