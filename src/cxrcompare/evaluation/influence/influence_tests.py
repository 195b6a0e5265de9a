"""Paired tests of architectures: difference, equivalence, and intervals that agree with them.

The variance is that of the patients plus, for each architecture with several seeds, the variance
between its seeds over their number (Welch). Degrees of freedom are Satterthwaite's. Few patients
with skewed influences make a t-test reject too often in one direction. So the statistic is also
corrected for the skewness of the influences, see `skewness`, and the larger p-value counts.

Sources: Satterthwaite 1946, doi 10.2307/3002019; Welch 1947, doi 10.1093/biomet/34.1-2.28.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from scipy import special

from cxrcompare.evaluation import student_t
from cxrcompare.evaluation.influence.influence_estimates import Estimates
from cxrcompare.evaluation.influence.sign_flips import SignFlips
from cxrcompare.evaluation.influence.skewness import (
    adjusted_quantile,
    corrected,
    skewness_of_differences,
)

_ROUNDING = 1e-12
_FLAT = 1e-9


@dataclass(frozen=True)
class PairedDifferences:
    """First minus second architecture of P pairs, (P, K) each.

    Attributes:
        difference: Of the means over seeds.
        patient_variance: The variance over patients; more patients reduce it.
        seed_variance: The variance over seeds; more patients do not reduce it.
        degrees: Satterthwaite's degrees of freedom.
        alike: Whether both are identical for every patient, so that the difference is exactly 0.
        unknown: Whether both have the best or the worst possible value in every patient, so that
            the variance cannot be estimated.
        exchanged: {(pair, entry): the distribution if the models are exchanged by patient}; a
            difference is then significant only if both tests say so.
        skewness: Of the estimated difference: the third cumulant over the variance to the power of
            3/2; 0 where it is not known.
    """

    difference: np.ndarray
    patient_variance: np.ndarray
    seed_variance: np.ndarray
    degrees: np.ndarray
    alike: np.ndarray
    unknown: np.ndarray
    exchanged: Mapping[tuple[int, int], SignFlips] = field(default_factory=dict)
    skewness: np.ndarray | float = 0.0

    @property
    def standard_error(self) -> np.ndarray:
        """The standard error over patients and seeds."""
        return np.sqrt(self.patient_variance + self.seed_variance)

    @property
    def p_value(self) -> np.ndarray:
        """Two-sided p-values; 1 if both are identical, NaN if undefined."""
        return self.p_values_where(np.ones(self.difference.shape, dtype=bool))

    def p_values_where(self, tested: np.ndarray) -> np.ndarray:
        """Returns two-sided p-values as `p_value`, and NaN where `tested`, (P, K), is False."""
        with np.errstate(invalid="ignore", divide="ignore"):
            sign = np.where(self.difference < 0, -1.0, 1.0)
            tail = self._tail(np.abs(self.difference), sign)
        # With skewness, the tail of a small difference exceeds 1/2.
        found = np.minimum(2 * tail, 1.0)
        found = np.where(self.alike | self.unknown, 1.0, found)
        found[~tested] = np.nan
        for entry, flips in self.exchanged.items():
            if not tested[entry]:
                continue
            found[entry] = max(found[entry], flips.p_value(float(self.difference[entry])))
        return found

    def interval(
        self, level: float | np.ndarray, span: tuple[float, float] = (-1.0, 1.0)
    ) -> tuple[np.ndarray, np.ndarray]:
        """Returns low and high, which exclude 0 exactly if the p-value is below 1 - level.

        Args:
            level: One level, or one per pair and entry, (P, K); NaN gives NaN.
            span: The smallest and the largest possible difference.
        """
        wanted = np.broadcast_to(np.asarray(level, dtype=np.float64), self.difference.shape)
        with np.errstate(invalid="ignore"):
            quantile = -student_t.quantile((1 - wanted) / 2, self.degrees)
            below = adjusted_quantile(quantile, self.skewness) * self.standard_error
            above = adjusted_quantile(quantile, -np.asarray(self.skewness)) * self.standard_error
        halves = np.where(self.alike, 0.0, np.where(self.unknown, np.nan, [below, above]))
        halves[:, np.isnan(wanted)] = np.nan
        for entry, flips in self.exchanged.items():
            if np.isnan(wanted[entry]):
                continue
            at = (slice(None), *entry)
            halves[at] = np.maximum(halves[at], flips.half_width(1 - float(wanted[entry])))
        low, high = np.clip([self.difference - halves[0], self.difference + halves[1]], *span)
        return low, high

    def p_above(self, bound: float) -> np.ndarray:
        """Returns one-sided p-values of: the difference is `bound` or less.

        They are 0 or 1 if both architectures are identical, so that the difference is exactly 0.
        """
        return self._one_sided(self.difference - bound, 1.0)

    def p_below(self, bound: float) -> np.ndarray:
        """Returns one-sided p-values of: the difference is `bound` or more; see `p_above`."""
        return self._one_sided(bound - self.difference, -1.0)

    def p_equivalent(self, margin: float) -> np.ndarray:
        """Returns p-values of: the difference is outside of -`margin` to `margin`.

        It is the larger p-value of two one-sided tests.

        Source: Schuirmann 1987, doi 10.1007/BF01068419.
        """
        return np.asarray(np.maximum(self.p_above(-margin), self.p_below(margin)))

    def _tail(self, distance: np.ndarray, sign: np.ndarray | float) -> np.ndarray:
        """Returns the larger upper tail of the plain and of the corrected statistic.

        Args:
            distance: Difference minus bound, times `sign`.
            sign: 1, or -1 if the difference is reversed.
        """
        statistic = distance / self.standard_error
        smaller = np.fmin(statistic, corrected(statistic, sign * np.asarray(self.skewness)))
        return student_t.upper_tail(smaller, self.degrees)

    def _one_sided(self, distance: np.ndarray, sign: float) -> np.ndarray:
        with np.errstate(invalid="ignore", divide="ignore"):
            found = self._tail(distance, sign)
        found = np.where(self.alike, np.where(distance > 0, 0.0, 1.0), found)
        return np.where(self.unknown, 1.0, found)


def differences(
    estimates: Estimates,
    first: np.ndarray,
    second: np.ndarray,
    exchanged: Mapping[tuple[int, int], SignFlips] | None = None,
    added: np.ndarray | None = None,
) -> PairedDifferences:
    """Returns the tests that two architectures have equal values, for P pairs.

    With one seed, the result applies to this trained model only.

    Args:
        estimates: From `influence_estimates.combine`.
        first: (P,), indices of architectures.
        second: (P,), indices of others, which are subtracted.
        exchanged: See `PairedDifferences`.
        added: (K - 1, S, P), variance to add to that of each side.
    """
    first, second = np.atleast_1d(first), np.atleast_1d(second)
    patients, degrees = _sampling(estimates, first, second, added)
    seeds = np.zeros_like(patients)
    bottom = _welch_term(patients, degrees)
    for entries in (first, second):
        number = estimates.seeds[entries][:, None]
        share = np.where(number > 1, estimates.seed_variance[entries] / number, 0.0)
        seeds = seeds + share
        bottom = bottom + share**2 / np.maximum(number - 1, 1)
    freedom = _over((patients + seeds) ** 2, bottom)
    value = estimates.value[first] - estimates.value[second]
    own = estimates.patient_sd
    scale = own[first] + own[second]
    error = np.sqrt(patients + seeds)
    extreme = np.isin(estimates.value[first], (0.0, 1.0))
    same = (error <= _FLAT * np.maximum(scale, _FLAT)) & (np.abs(value) <= _ROUNDING)
    unknown = same & extreme & (scale <= _FLAT)
    alike = same & ~unknown
    return PairedDifferences(
        value,
        patients,
        seeds,
        freedom,
        alike,
        unknown,
        exchanged if exchanged else {},
        skewness_of_differences(estimates, first, second, patients + seeds),
    )


def intervals(
    estimates: Estimates, level: float = 0.95, scale: str = "logit"
) -> tuple[np.ndarray, np.ndarray]:
    """Returns intervals on the scale of the logit or the logarithm, low (A, K) and high (A, K).

    A value whose variance is exactly 0, such as the Brier score of a constant 0.5, is its own
    interval. A value at the end of the scale (0, or 1 for the logit) has none. Where the estimates
    have limits of the sampling of patients, the spread of the seeds is added to their squared
    distances from the value.

    Args:
        estimates: From `influence_estimates.combine`.
        level: The level of the intervals.
        scale: "logit" for a metric in [0, 1], "log" for one in [0, inf).
    """
    every = np.arange(len(estimates.seeds))
    patients, degrees = _sampling(estimates, every, None)
    number = estimates.seeds[:, None]
    seeds = np.where(number > 1, estimates.seed_variance / number, 0.0)
    bottom = _welch_term(patients, degrees)
    variance, value = patients + seeds, estimates.value
    freedom = _over(variance**2, bottom + seeds**2 / np.maximum(number - 1, 1))
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        half = -student_t.quantile((1 - level) / 2, freedom) * np.sqrt(variance)
        if scale == "logit":
            half, centre = half / (value * (1 - value)), special.logit(value)
            low, high = special.expit(centre - half), special.expit(centre + half)
        else:
            half = half / value
            low, high = value * np.exp(-half), value * np.exp(half)
    flat = variance <= _FLAT**2
    inside = flat & (value > 0) & ((value < 1) | (scale == "log"))
    low, high = np.where(flat, np.nan, low), np.where(flat, np.nan, high)
    low, high = np.where(inside, value, low), np.where(inside, value, high)
    if estimates.limits is None:
        return low, high
    with np.errstate(invalid="ignore"):  # with one seed there are no degrees of freedom
        spread = -student_t.quantile((1 - level) / 2, np.maximum(number - 1, 1)) * np.sqrt(seeds)
    ends = np.moveaxis(estimates.limits, 2, 0)
    bottom, top = (
        value - np.hypot(value - ends[0], spread),
        value + np.hypot(ends[1] - value, spread),
    )
    known = ~np.isnan(ends[0])
    bottom, top = np.clip(bottom, 0.0, 1.0), np.clip(top, 0.0, 1.0)
    return np.where(known, bottom, low), np.where(known, top, high)


def _sampling(
    estimates: Estimates,
    first: np.ndarray,
    second: np.ndarray | None,
    added: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Returns the variance over patients, (P, K), and its degrees of freedom.

    They are at most the number of patients minus 1, because one patient can influence several
    findings, and both classes of one.

    Args:
        estimates: The estimates.
        first: (P,), indices of architectures.
        second: (P,), those that are subtracted; None for single architectures.
        added: (K - 1, S, P), variance to add to that of each side.
    """

    def contrast(matrix: np.ndarray) -> np.ndarray:
        """Returns the variances of the pairs from covariances (..., A, A), (..., P)."""
        found = matrix[..., first, first]
        if second is not None:
            found = found + matrix[..., second, second] - 2 * matrix[..., first, second]
        return np.maximum(found, 0.0)

    findings = len(estimates.eligible)
    variance = contrast(estimates.covariance).T
    parts = contrast(estimates.parts)  # (K - 1, S, P)
    if added is not None:
        parts = parts + added
        more = added.sum(axis=1)
        over = more[:findings][estimates.eligible].sum(axis=0)
        over = over / max(int(estimates.eligible.sum()), 1) ** 2
        variance = variance + np.vstack([more[:findings], over[None], more[findings:]]).T
    freedom = np.maximum(estimates.patients - 1, 1)[:, :, None]
    each = _over(parts.sum(axis=1) ** 2, (parts**2 / freedom).sum(axis=1))
    kept, own = parts[:findings][estimates.eligible], freedom[:findings][estimates.eligible]
    together = _over(kept.sum(axis=(0, 1)) ** 2, (kept**2 / own).sum(axis=(0, 1)))
    largest = max(estimates.total - 1, 1)
    together = together if len(kept) else np.full_like(together, largest)
    freedom = np.vstack([each[:findings], together[None], each[findings:]]).T
    return variance, np.minimum(freedom, largest)


def _welch_term(variance: np.ndarray, degrees: np.ndarray) -> np.ndarray:
    """Returns the squared variance over its degrees of freedom; 0 for no variance, else NaN."""
    zero = np.where(variance == 0, 0.0, np.nan)
    return np.where(variance > 0, _over(variance**2, degrees), zero)


def _over(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(numerator / denominator)
