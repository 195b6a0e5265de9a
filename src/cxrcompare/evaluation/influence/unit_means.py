"""Means over units, such as the Brier score or the sensitivity, with the influence of patients."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from cxrcompare.evaluation import intervals
from cxrcompare.evaluation.influence import clusters
from cxrcompare.evaluation.influence.clusters import side_of
from cxrcompare.evaluation.influence.influence_estimates import Combination, Estimates, Influences
from cxrcompare.evaluation.influence.sign_flips import SignFlips

UnitValues = Callable[[int], tuple[np.ndarray, np.ndarray]]
"""The values of a finding's units, (M, N), and which units enter the mean, (N,) bool."""


def estimate(
    values: UnitValues,
    patients: np.ndarray,
    architectures: Sequence[Sequence[int]],
    eligible: np.ndarray,
) -> Estimates:
    """Returns the means over units of architectures, with what their tests need.

    With one unit per patient and one seed, the test of a difference is the paired t-test over
    units. With several, a mean is a ratio of sums over patients, and its variance is that of
    cluster sampling. The pooled mean is over all units of all findings.

    Args:
        values: Of each finding, 0 to F - 1.
        patients: (N,), indices of the patients, 0 to G - 1.
        architectures: The indices of the runs (seeds) of each architecture.
        eligible: (F,) bool, the findings in the mean over findings.

    Source: Cochran 1977, Sampling Techniques, section 9A (ratio of cluster totals).
    """
    groups = int(patients.max()) + 1
    sums, counts = np.zeros((1, groups)), np.zeros(groups)

    found = Combination(architectures, eligible)
    for f in range(len(eligible)):
        value, inside = values(f)
        own = _sums(value[:, inside], patients[inside], groups)
        number = np.bincount(patients[inside], minlength=groups).astype(float)
        sums, counts = sums + own, counts + number
        found.add(_influences(own, number))
    return found.estimates(_influences(sums, counts))


def together(
    values: np.ndarray,
    inside: np.ndarray,
    patients: np.ndarray,
    architectures: Sequence[Sequence[int]],
    eligible: np.ndarray,
    level: float,
) -> Estimates:
    """Returns a share of units that is over all findings jointly, as the mean and as the pooled.

    Its limits are Wilson's, of the number of independent units.

    Args:
        values: (M, N), 0 or 1.
        inside: (N,) bool, the units that enter the share.
        patients: (N,), indices of the patients, 0 to G - 1.
        architectures: The indices of the runs (seeds) of each architecture.
        eligible: (F,), the findings; single ones have no value.
        level: The level of the limits.
    """
    groups = int(patients.max()) + 1
    number = np.bincount(patients[inside], minlength=groups).astype(float)
    share = _influences(_sums(values[:, inside], patients[inside], groups), number)
    units = side_of(inside, patients, groups)
    sizes = np.array([units.number(one[inside]) for one in values])
    low, high = intervals.wilson(share.value * sizes, sizes, level)
    share = share._replace(limits=np.stack([low, high], axis=1))
    none = share._replace(
        value=np.full_like(share.value, np.nan),
        sides=np.full_like(share.sides, np.nan),
        limits=np.full((len(values), 2), np.nan),
    )
    found = Combination(architectures, np.zeros(len(eligible), dtype=bool))
    for _ in eligible:
        found.add(none)
    return _pooled_as_mean(found.estimates(share))


def _pooled_as_mean(found: Estimates) -> Estimates:
    """Returns estimates whose mean over findings is what is pooled."""
    at = len(found.eligible)

    def copied(values: np.ndarray, axis: int) -> np.ndarray:
        moved = np.moveaxis(values.copy(), axis, 0)
        moved[at] = moved[-1]
        return np.moveaxis(moved, 0, axis)

    return replace(
        found,
        value=copied(found.value, 1),
        seed_variance=copied(found.seed_variance, 1),
        covariance=copied(found.covariance, 0),
        third=None if found.third is None else copied(found.third, 0),
        limits=None if found.limits is None else copied(found.limits, 1),
    )


def exchanged(
    values: tuple[np.ndarray, np.ndarray], pairs: Sequence[tuple[int, int]], patients: np.ndarray
) -> list[SignFlips]:
    """Returns the distributions of differences of two proportions if patients are exchanged.

    It is McNemar's exact test if every patient has one unit.

    Args:
        values: The decisions, 0 or 1, of all runs, and which units enter the proportion.
        pairs: The indices of two runs each.
        patients: (N,), indices of the patients, 0 to G - 1.
    """
    value, inside = values
    members = patients[inside]
    number = max(len(members), 1)
    sums = _sums(value[:, inside], members, int(patients.max()) + 1)
    distinct = len(np.unique(members))
    largest = int(np.bincount(members).max(initial=0))  # a difference of a patient's sums
    found = []
    for a, b in pairs:
        times = np.bincount((sums[a] - sums[b]).astype(int) + largest)
        at = np.flatnonzero(times)
        found.append(SignFlips((at - largest) / number, 1 / number, distinct, times[at]))
    return found


def _sums(values: np.ndarray, group: np.ndarray, groups: int) -> np.ndarray:
    """Returns the sums of values (M, n) over the units of each patient, (M, G)."""
    return np.stack([np.bincount(group, one, minlength=groups) for one in values])


def _influences(sums: np.ndarray, counts: np.ndarray) -> Influences:
    """Returns the means and influences from the sums, (M, G), and counts, (G,), of patients."""
    units, patients = counts.sum(), int((counts > 0).sum())
    if patients < 2:
        mean = sums.sum(axis=1) / units if units else np.full(len(sums), np.nan)
        return Influences(mean, np.full((1, *sums.shape), np.nan), np.array([patients]))
    mean = sums.sum(axis=1) / units
    deviations = clusters.scales(counts) / units * (sums - mean[:, None] * counts)
    return Influences(mean, deviations[None], np.array([clusters.effective_number(counts)]))
