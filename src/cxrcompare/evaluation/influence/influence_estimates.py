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
        limits: (M, 2), the interval of the sampling of patients, if it does not follow from the
            variance; else None.
        effects: (E, M), what the metric would change by if all patients of a side were of some
            kind, to first order, for intervals; None if they need none.
    """

    value: np.ndarray
    sides: np.ndarray
    patients: np.ndarray
    limits: np.ndarray | None = None
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
        limits: (A, K, 2), the interval of the sampling of patients, mean over seeds, if it does not
            follow from the variance; NaN for a mean over several findings. None if all intervals
            do.
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
    limits: np.ndarray | None = None
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
            limits=None if self.limits is None else self.limits[kept],
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
    combination = Combination(architectures, eligible)
    for one in findings:
        combination.add(one)
    return combination.estimates(pooled)


class Combination:
    """Estimates of architectures to which findings are added one at a time; see `combine`."""

    def __init__(self, architectures: Sequence[Sequence[int]], eligible: np.ndarray) -> None:
        """Starts without findings; arguments as for `combine`."""
        self._architectures = architectures
        self._eligible = np.asarray(eligible)
        self._entries: list[_Entry] = []
        self._together = np.zeros((1, 1))

    def add(self, one: Influences) -> None:
        """Adds the next finding."""
        if self._eligible[len(self._entries)]:
            self._together = self._together + one.sides.sum(axis=0) / self._eligible.sum()
        self._entries.append(self._entry(one))

    def estimates(self, pooled: Influences | None = None) -> Estimates:
        """Returns the estimates; `pooled` as for `combine`."""
        entries = self._entries
        mean = np.full_like(entries[0].value, np.nan)
        over = skew = np.full_like(entries[0].covariance, np.nan)
        if self._eligible.any():
            mean = np.stack([one.value for one in entries])[self._eligible].mean(axis=0)
            over, skew = (of(self._together, self._architectures) for of in (_shared, _third))
        own = [*entries, *([] if pooled is None else [self._entry(pooled)])]
        limits = [one.limits for one in own if one.limits is not None]
        effects = [one.effects for one in own if one.effects is not None]
        at = len(entries)
        of_mean = np.full((len(self._architectures), 2), np.nan)
        if limits and self._eligible.sum() == 1:  # the mean over one finding is that finding
            of_mean = limits[int(np.argmax(self._eligible))]
        return of_runs(
            np.stack(_with_mean([one.value for one in own], mean, at), axis=1),
            self._architectures,
            np.stack(_with_mean([one.covariance for one in own], over, at)),
            np.stack([one.parts for one in own]),
            np.stack([one.patients for one in own]),
            entries[0].total,
            self._eligible,
            np.stack(_with_mean([one.third for one in own], skew, at)),
            np.stack(_with_mean(limits, of_mean, at), axis=1) if limits else None,
            np.stack(effects) if effects else None,
        )

    def _entry(self, one: Influences) -> _Entry:
        influence, members = one.sides.sum(axis=0), self._architectures
        limits, effects = one.limits, one.effects
        return _Entry(
            one.value,
            _shared(influence, members),
            _third(influence, members),
            np.stack([_shared(side, members) for side in one.sides]),
            one.patients,
            one.sides.shape[2],
            None if limits is None else np.stack([limits[list(runs)].mean(0) for runs in members]),
            None if effects is None else _means(effects.T, members).T,
        )


class _Entry(NamedTuple):
    """What `Estimates` needs of one finding, or of all pooled; the attributes as there."""

    value: np.ndarray
    covariance: np.ndarray
    third: np.ndarray
    parts: np.ndarray
    patients: np.ndarray
    total: int
    limits: np.ndarray | None
    effects: np.ndarray | None


def _with_mean(entries: list, mean: np.ndarray, findings: int) -> list:
    """Returns the entries of the findings, of their mean, and of all pooled."""
    return [*entries[:findings], mean, *entries[findings:]]


def of_runs(
    runs: np.ndarray,
    architectures: Sequence[Sequence[int]],
    covariance: np.ndarray,
    parts: np.ndarray,
    patients: np.ndarray,
    total: int,
    eligible: np.ndarray,
    third: np.ndarray | None = None,
    limits: np.ndarray | None = None,
    effects: np.ndarray | None = None,
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
        limits,
        effects,
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
