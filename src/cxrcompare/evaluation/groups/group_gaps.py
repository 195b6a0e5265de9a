"""Gaps of metrics between two groups of patients: intervals, tests and equivalence, clustered.

A gap is the metric of one group minus that of another. The variance comes from the influence of
each patient, so models are paired, and patients with units in both groups are accounted for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from cxrcompare.evaluation import student_t
from cxrcompare.evaluation.groups.group_estimates import GroupEstimate
from cxrcompare.evaluation.intervals import TWO_SEEDS

_ROUNDING = 1e-12


@dataclass(frozen=True)
class Gaps:
    """Gaps of A models, for one finding or as a mean over findings.

    Attributes:
        value: (A,).
        centre: (A,), of the interval.
        slope: (A,), for differences of models.
        influence: (A, G), for differences of models.
        offset: (G,), subtracted for single models.
        added: (A,), the variance of added units.
        pairs_added: (A, A), the same for differences of models.
        single_parts: (P, A), variances by group and class.
        pair_parts: (P, A, A), the same for differences of models.
        degrees: (P,), the degrees of freedom of the parts.
        seeds: (A,), the number of seeds.
        seed_variance: (A,), of the mean over seeds.
    """

    value: np.ndarray
    centre: np.ndarray
    slope: np.ndarray
    influence: np.ndarray
    offset: np.ndarray
    added: np.ndarray
    pairs_added: np.ndarray
    single_parts: np.ndarray
    pair_parts: np.ndarray
    degrees: np.ndarray
    seeds: np.ndarray
    seed_variance: np.ndarray


def gaps(
    groups: Sequence[tuple[GroupEstimate, GroupEstimate]],
    architectures: Sequence[Sequence[int]],
    noise: np.ndarray | None = None,
) -> Gaps:
    """Returns the mean over findings of the first group minus the second.

    Args:
        groups: Both groups of each finding; one finding or more.
        architectures: The indices of the runs of each model.
        noise: (A, K), deviations of the gap by a source that is independent of the patients, such
            as the choice of a threshold; their sum of squares is its variance.
    """
    weight = 1 / len(groups)
    signed = [
        (sign * weight, one) for pair in groups for sign, one in zip((1, -1), pair, strict=True)
    ]
    influence = np.sum([w * one.influence for w, one in signed], axis=0)
    offset = np.sum([w * one.offset for w, one in signed], axis=0)
    if noise is not None:
        influence = np.concatenate([influence, noise], axis=1)
        offset = np.append(offset, np.zeros(noise.shape[1]))
    pairs_added = np.zeros((len(influence), len(influence)))
    single_parts, pair_parts, degrees = [], [], []
    for w, one in signed:
        pairs_added += w**2 * (1 + 2 * np.subtract.outer(one.slope, one.slope) ** 2) / one.size**2
        for part, present in one.parts:
            gram = w**2 * np.einsum("ag,bg->ab", part, part)
            own = np.diag(gram)
            single = part - one.offset if np.isfinite(one.size) else part
            single_parts.append(w**2 * (single**2).sum(axis=1))
            pair_parts.append(own[:, None] + own - 2 * gram)
            degrees.append(max(present - 1, 1))
    runs = np.sum([w * one.runs for w, one in signed], axis=0)
    chosen = [runs[list(members)] for members in architectures]
    seeds = np.array([len(one) for one in chosen])
    between = np.array([one.var(ddof=1) if len(one) > 1 else 0.0 for one in chosen])
    return Gaps(
        np.sum([w * one.value for w, one in signed], axis=0),
        np.sum([w * one.centre for w, one in signed], axis=0),
        np.sum([w * one.slope for w, one in signed], axis=0),
        influence,
        offset,
        np.sum([w**2 * one.added for w, one in signed], axis=0),
        pairs_added,
        np.array(single_parts),
        np.array(pair_parts),
        np.array(degrees, dtype=np.float64),
        seeds,
        between / seeds,
    )


@dataclass(frozen=True)
class GapTests:
    """Gaps, or differences of gaps, with intervals and tests, (Q,) each.

    Attributes:
        value: The gap.
        low: Lower limit of the interval.
        high: Upper limit.
        p_value: Two-sided, that the gap is 0; NaN with two seeds or without a variance.
        p_equivalence: That the gap is as large as the margin or larger: two one-sided tests.
        standard_error: The standard error.
        degrees: Satterthwaite's degrees of freedom.
    """

    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p_value: np.ndarray
    p_equivalence: np.ndarray
    standard_error: np.ndarray
    degrees: np.ndarray


def single(found: Gaps, margin: float, level: float = 0.95) -> GapTests:
    """Returns the gap of each model, (A,).

    Args:
        found: From `gaps`.
        margin: The margin of the equivalence tests, above 0.
        level: Level of the intervals.

    Sources: Satterthwaite 1946, doi 10.2307/3002019; Schuirmann 1987, doi 10.1007/BF01068419.
    """
    own = found.influence - found.offset
    variance = (own**2).sum(axis=1) + found.added
    freedom = found.seed_variance**2 / np.maximum(found.seeds - 1, 1)
    return _tests(
        found.value,
        found.centre,
        variance,
        (found.single_parts, found.degrees),
        (found.seed_variance, freedom),
        found.seeds == TWO_SEEDS,
        margin,
        level,
    )


def differences(
    found: Gaps, first: np.ndarray, second: np.ndarray, margin: float, level: float = 0.95
) -> GapTests:
    """Returns the gap of model `first` minus that of model `second`, paired, (Q,).

    Args:
        found: From `gaps`.
        first: (Q,), indices of models.
        second: (Q,), indices of models.
        margin: The margin of the equivalence tests, above 0.
        level: Level of the intervals.
    """
    apart = found.influence[first] - found.influence[second]
    variance = (apart**2).sum(axis=1) + found.pairs_added[first, second]
    seeds = found.seed_variance[first] + found.seed_variance[second]
    squared = found.seed_variance**2 / np.maximum(found.seeds - 1, 1)
    return _tests(
        found.value[first] - found.value[second],
        found.slope[first] - found.slope[second],
        variance,
        (found.pair_parts[:, first, second], found.degrees),
        (seeds, squared[first] + squared[second]),
        (found.seeds[first] == TWO_SEEDS) | (found.seeds[second] == TWO_SEEDS),
        margin,
        level,
    )


def _tests(
    value: np.ndarray,
    centre: np.ndarray,
    variance: np.ndarray,
    parts: tuple[np.ndarray, np.ndarray],
    seeds: tuple[np.ndarray, np.ndarray],
    untested: np.ndarray,
    margin: float,
    level: float,
) -> GapTests:
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = np.nan_to_num(parts[0] / parts[0].sum(axis=0))
        bottom = variance**2 * np.sum(shares**2 / parts[1][:, None], axis=0) + seeds[1]
        total = variance + seeds[0]
        same = (total <= 1e-18) & (np.abs(value) <= _ROUNDING)
        total = np.where(total > 1e-18, total, np.nan)
        error, degrees = np.sqrt(total), total**2 / bottom
        half = student_t.quantile((1 + level) / 2, degrees) * error
        p_value = 2 * student_t.upper_tail(np.abs(centre) / error, degrees)
        p_equivalence = student_t.upper_tail((margin - np.abs(centre)) / error, degrees)
    low = np.where(same, value, np.minimum(centre - half, value))
    high = np.where(same, value, np.maximum(centre + half, value))
    return GapTests(
        value,
        low,
        high,
        np.where(untested, np.nan, np.where(same, 1.0, p_value)),
        np.where(untested, np.nan, np.where(same, 0.0, p_equivalence)),
        error,
        degrees,
    )


@dataclass(frozen=True)
class JointTest:
    """An F test that several gaps are equal.

    Attributes:
        statistic: F; NaN if undefined.
        degrees: Numerator degrees of freedom.
        degrees_second: Denominator degrees of freedom.
        p_value: 1 if the models cannot differ, NaN with two seeds.
    """

    statistic: float
    degrees: int
    degrees_second: float
    p_value: float


def equal(found: Gaps) -> JointTest:
    """Returns the test that all models have the same gap.

    The differences to the first model have a Wald statistic, scaled like Hotelling's T squared;
    its degrees of freedom are the smallest of these differences.

    Source: Hotelling 1931, doi 10.1214/aoms/1177732979.
    """
    apart = found.slope[1:] - found.slope[0]
    influence = found.influence[1:] - found.influence[0]
    covariance = influence @ influence.T + found.seed_variance[0]
    covariance = covariance + np.diag(found.seed_variance[1:])
    rank = int(np.linalg.matrix_rank(covariance, tol=1e-14, hermitian=True))
    first = np.zeros(len(apart), dtype=np.int64)
    pairs = differences(found, np.arange(1, len(apart) + 1), first, 0.0)
    freedom = float(np.nanmin(np.append(pairs.degrees, np.inf)))
    second = freedom - rank + 1
    if rank == 0:
        return JointTest(0.0, 0, second, 1.0)
    if second < 1 or (found.seeds == TWO_SEEDS).any():
        return JointTest(float("nan"), rank, max(second, 0.0), float("nan"))
    total = float(apart @ np.linalg.pinv(covariance, hermitian=True) @ apart)
    statistic = total * second / (rank * freedom)
    return JointTest(statistic, rank, second, float(special.fdtrc(rank, second, statistic)))
