"""Partial pooling of differences over findings: a normal hierarchical model, integrated on a grid.

The true differences of the findings are a sample of a normal distribution with mean m and standard
deviation t; the estimates are normal around them, with a known covariance. The prior of m is flat.
That of t is half-normal or flat. Given t everything is normal, so only t is integrated numerically.
Sources: Rubin 1981, doi 10.3102/10769986006004377; Gelman 2006, doi 10.1214/06-BA117A.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

FEWEST_FINDINGS = 3
"""With fewer findings the variance between them is not pooled."""

_GRID = 400
_SMALLEST = 1e-9
_REACH = 12.0
_CLOSE = 1e-7


@dataclass(frozen=True)
class Posterior:
    """What the differences of F findings and their mean are, given the data and the model.

    Attributes:
        grid: (T,), values of t, the standard deviation between findings.
        weights: (T,), their posterior probabilities.
        centres: (T, F + 1), the posterior means given t; the last entry is m.
        deviations: (T, F + 1), the posterior standard deviations given t.
    """

    grid: np.ndarray
    weights: np.ndarray
    centres: np.ndarray
    deviations: np.ndarray

    @property
    def mean(self) -> np.ndarray:
        """Posterior means, (F + 1,)."""
        return np.asarray(self.weights @ self.centres)

    def above(self, bound: float) -> np.ndarray:
        """Returns the posterior probability that each difference is above a bound, (F + 1,)."""
        with np.errstate(divide="ignore"):
            z = (self.centres - bound) / self.deviations
        return np.asarray(self.weights @ special.ndtr(z))

    def quantile(self, share: float) -> np.ndarray:
        """Returns the posterior quantiles of the differences, (F + 1,).

        Newton's method on the scale of the normal quantile, on which the distribution is nearly a
        line, with a bisection where a step leaves the interval that holds the quantile. The error
        is squared in each step.
        """
        low = (self.centres - _REACH * self.deviations).min(axis=0)
        high = (self.centres + _REACH * self.deviations).max(axis=0)
        wanted, mean = special.ndtri(share), self.mean
        spread = np.sqrt(self.weights @ (self.deviations**2 + (self.centres - mean) ** 2))
        at = mean + wanted * spread
        for _ in range(100):
            with np.errstate(divide="ignore", invalid="ignore"):
                z = (at - self.centres) / self.deviations
                below = self.weights @ special.ndtr(z)
                density = self.weights @ (np.exp(-(z**2) / 2) / self.deviations)
                quantile = special.ndtri(below)
                step = (wanted - quantile) * np.exp(-(quantile**2) / 2) / density
            low, high = np.where(below < share, at, low), np.where(below < share, high, at)
            inside = (at + step >= low) & (at + step <= high)
            step = np.where(inside, step, (low + high) / 2 - at)
            at = at + step
            if (np.abs(step) <= _CLOSE * spread).all():
                break
        return np.asarray(at)

    def tau_quantile(self, share: float) -> float:
        """Returns a posterior quantile of t."""
        cumulative = np.cumsum(self.weights)
        return float(np.interp(share, cumulative, self.grid))


def posterior(differences: np.ndarray, covariance: np.ndarray, scale: float | None) -> Posterior:
    """Returns the posterior of the differences of F findings.

    Args:
        differences: (F,), the estimates, F at least 3.
        covariance: (F, F), of the estimates, not all 0.
        scale: The scale of the half-normal prior of t; None for a flat prior.
    """
    findings = len(differences)
    if findings < FEWEST_FINDINGS:
        raise ValueError(
            f"`differences` must be of at least {FEWEST_FINDINGS} findings. Received: {findings}"
        )
    # in the basis of the eigenvectors the covariance given t is diagonal for every t
    values, vectors = np.linalg.eigh(covariance)
    values = np.maximum(values, _SMALLEST * values.max())
    y, ones = vectors.T @ differences, vectors.sum(axis=0)
    grid = _grid(differences, covariance, scale)
    spread = values + grid[:, None] ** 2  # (T, F)
    precision = (ones**2 / spread).sum(axis=1)
    mean = (ones * y / spread).sum(axis=1) / precision
    residual = y - mean[:, None] * ones
    squares = (residual**2 / spread).sum(axis=1)
    log = -0.5 * (np.log(spread).sum(axis=1) + np.log(precision) + squares)
    if scale is not None:
        log = log - 0.5 * (grid / scale) ** 2
    weights = np.exp(log - log.max()) * np.gradient(grid)
    # given t and m: theta = m + t^2 S^-1 (y - m), with variance t^2 - t^4 S^-1
    gain = grid[:, None] ** 2 / spread  # (T, F), in the basis
    centres = mean[:, None] + (gain * residual) @ vectors.T
    inner = (vectors**2) @ (gain * values).T  # t^2 v / (t^2 + v), (F, T)
    pull = ((1 - gain) * ones) @ vectors.T  # how much m enters each finding
    variances = inner.T + pull**2 / precision[:, None]
    return Posterior(
        grid,
        weights / weights.sum(),
        np.concatenate([centres, mean[:, None]], axis=1),
        np.sqrt(np.concatenate([variances, 1 / precision[:, None]], axis=1)),
    )


def _grid(differences: np.ndarray, covariance: np.ndarray, scale: float | None) -> np.ndarray:
    """Returns values of t from 0 to where the posterior has no weight, denser near 0."""
    errors = np.sqrt(np.diag(covariance))
    widest = float(np.ptp(differences) + 4 * errors.max())
    if scale is None:
        # a flat prior has the tail t^(1 - F): wide enough for few findings
        largest = widest * (4 + 200 / len(differences) ** 2)
    else:
        largest = min(6 * scale, 10 * widest)
    return np.asarray(largest * np.linspace(0, 1, _GRID) ** 2)
