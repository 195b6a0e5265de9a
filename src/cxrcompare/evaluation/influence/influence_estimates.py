"""Estimates of architectures with the covariance that the influences of patients imply."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np


class Influences(NamedTuple):
    """A metric of M runs and the influence of the patients on it.

    Attributes:
        value: (M,); NaN where it is not defined.
        sides: (S, M, G), the influence of each of the G patients through each side: positives and
            negatives for the AUROC, one side for a mean over units. The sum over patients of the
            squared sum over sides is the variance.
        patients: (S,), the effective number of patients of each side, see `clusters`.
        effects: (E, M), what the metric would change by if all patients of a side were of some
            kind, to first order, for intervals; None if they need none.
    """

    value: np.ndarray
    sides: np.ndarray
    patients: np.ndarray
    effects: np.ndarray | None = None


@dataclass(frozen=True)
class Estimates:
    """One metric of architectures, (A, K): K is the F findings, their mean, and all pooled.

    The pooled metric is the last entry, or absent.

    Attributes:
        value: (A, K), the mean over an architecture's seeds; NaN where it is not defined.
        seeds: (A,), the number of seeds.
        seed_variance: (A, K), the variance between seeds; 0 with one seed.
        covariance: (K, A, A), of the sampling of patients, common to the seeds.
        parts: (K - 1, S, A, A), the same by side, of the findings and of all pooled.
        patients: (K - 1, S), the effective number of patients of each side.
        total: The number of patients.
        eligible: (F,) bool, the findings in the mean.
        third: (K, A, A), the sum over patients of the squared influence on one architecture times
            the influence on another, for the skewness of differences; None if it is not known.
        effects: (K - 1, E, A), see `Influences`; None if intervals need none.
    """

    value: np.ndarray
    seeds: np.ndarray
    seed_variance: np.ndarray
    covariance: np.ndarray
    parts: np.ndarray
    patients: np.ndarray
    total: int
    eligible: np.ndarray
    third: np.ndarray | None = None
    effects: np.ndarray | None = None

    def take(self, entries: Sequence[int]) -> Estimates:
        """Returns the estimates of some architectures."""
        kept = list(entries)
        return replace(
            self,
            value=self.value[kept],
            seeds=self.seeds[kept],
            seed_variance=self.seed_variance[kept],
            covariance=self.covariance[:, kept][:, :, kept],
            parts=self.parts[:, :, kept][:, :, :, kept],
            third=None if self.third is None else self.third[:, kept][:, :, kept],
            effects=None if self.effects is None else self.effects[:, :, kept],
        )

    @property
    def entries_of_parts(self) -> np.ndarray:
        """The entry of each part, (K - 1,): the mean over findings has no parts of its own."""
        return np.delete(np.arange(len(self.parts) + 1), len(self.eligible))

    @property
    def patient_sd(self) -> np.ndarray:
        """The standard deviation over patients, (A, K)."""
        return np.sqrt(np.maximum(np.diagonal(self.covariance, axis1=1, axis2=2).T, 0.0))

    @property
    def seed_sd(self) -> np.ndarray:
        """The standard deviation of the mean over seeds, (A, K); NaN with one seed."""
        several = self.seeds[:, None] > 1
        return np.where(several, np.sqrt(self.seed_variance / self.seeds[:, None]), np.nan)


def combine(
    findings: Iterable[Influences],
    architectures: Sequence[Sequence[int]],
    eligible: np.ndarray,
    pooled: Influences | None = None,
) -> Estimates:
    """Returns the estimates of architectures from the influences of patients on their runs.

    The influences of the findings are added before they are squared, so the variance of the mean
    includes the correlation of the findings.

    Args:
        findings: Of each finding.
        architectures: The indices of the runs (seeds) of each of the A architectures.
        eligible: (F,) bool, the findings in the mean.
        pooled: Of all findings pooled.
    """
    values: list[np.ndarray] = []
    covariance: list[np.ndarray] = []
    third: list[np.ndarray] = []
    parts: list[np.ndarray] = []
    patients: list[np.ndarray] = []
    effects: list[np.ndarray] = []
    together, total = np.zeros((1, 1)), 0

    def add(one: Influences) -> None:
        values.append(one.value)
        influence = one.sides.sum(axis=0)
        covariance.append(_shared(influence, architectures))
        third.append(_third(influence, architectures))
        parts.append(np.stack([_shared(side, architectures) for side in one.sides]))
        patients.append(one.patients)
        if one.effects is not None:
            effects.append(_means(one.effects.T, architectures).T)

    for f, one in enumerate(findings):
        add(one)
        total = one.sides.shape[2]
        if eligible[f]:
            together = together + one.sides.sum(axis=0) / eligible.sum()
    mean = np.full_like(values[0], np.nan)
    over = skew = np.full_like(covariance[0], np.nan)
    if eligible.any():
        mean = np.stack(values)[eligible].mean(axis=0)
        over, skew = _shared(together, architectures), _third(together, architectures)
    values.append(mean)
    covariance.append(over)
    third.append(skew)
    if pooled is not None:
        add(pooled)
    found = of_runs(
        np.stack(values, axis=1),
        architectures,
        np.stack(covariance),
        np.stack(parts),
        np.stack(patients),
        total,
        np.asarray(eligible),
        np.stack(third),
    )
    return replace(found, effects=np.stack(effects)) if effects else found


def of_runs(
    runs: np.ndarray,
    architectures: Sequence[Sequence[int]],
    covariance: np.ndarray,
    parts: np.ndarray,
    patients: np.ndarray,
    total: int,
    eligible: np.ndarray,
    third: np.ndarray | None = None,
) -> Estimates:
    """Returns estimates from the values of runs, (M, K), and the other attributes."""
    chosen = [runs[list(members)] for members in architectures]
    return Estimates(
        np.stack([value.mean(axis=0) for value in chosen]),
        np.array([len(members) for members in architectures]),
        np.stack(
            [
                value.var(axis=0, ddof=1) if len(value) > 1 else np.zeros(runs.shape[1])
                for value in chosen
            ]
        ),
        covariance,
        parts,
        patients,
        total,
        eligible,
        third,
    )


def _shared(influence: np.ndarray, architectures: Sequence[Sequence[int]]) -> np.ndarray:
    """Returns the covariance of architectures that patients cause in all their seeds, (A, A).

    The variance between seeds already contains the interaction of seeds and patients. It is
    excluded here: the variance of the mean over S seeds is q, that of one seed r on average,
    and (S q - r) / (S - 1) estimates the covariance of two seeds.

    Args:
        influence: (M, G), of the runs.
        architectures: The indices of the runs of each architecture.
    """
    means = _means(influence, architectures)
    covariance = means @ means.T
    for a, members in enumerate(architectures):
        if len(members) > 1:
            single = float(np.mean(np.sum(influence[list(members)] ** 2, axis=1)))
            shared = (len(members) * covariance[a, a] - single) / (len(members) - 1)
            covariance[a, a] = max(shared, 0.0)
    return np.asarray(covariance)


def _third(influence: np.ndarray, architectures: Sequence[Sequence[int]]) -> np.ndarray:
    """Returns the sums over patients of squared influence times influence, (A, A)."""
    means = _means(influence, architectures)
    return np.asarray(np.square(means) @ means.T)


def _means(influence: np.ndarray, architectures: Sequence[Sequence[int]]) -> np.ndarray:
    """Returns the means over seeds, (A, ...), of values of runs, (M, ...)."""
    if all(len(members) == 1 for members in architectures):
        return influence[[member for members in architectures for member in members]]
    return np.stack([influence[list(members)].mean(axis=0) for members in architectures])
