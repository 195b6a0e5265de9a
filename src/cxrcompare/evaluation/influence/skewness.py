"""Skewness of estimated differences, and the correction of t-statistics for it.

Source: Hall 1992, On the removal of skewness by transformation, Journal of the Royal Statistical
Society B 54.
"""

from __future__ import annotations

import numpy as np

from cxrcompare.evaluation.influence.influence_estimates import Estimates

_NONE = 1e-6
"""The skewness below which nothing is corrected."""


def skewness_of_differences(
    estimates: Estimates, first: np.ndarray, second: np.ndarray, variance: np.ndarray
) -> np.ndarray:
    """Returns the skewness of estimated differences, (P, K); 0 where it is not known."""
    if estimates.third is None:
        return np.zeros_like(variance)
    own, other = estimates.third[:, first, first], estimates.third[:, second, second]
    mixed = estimates.third[:, second, first] - estimates.third[:, first, second]
    cumulant = (own - other + 3 * mixed).T  # of (x - y)^3 = x^3 - 3 x^2 y + 3 x y^2 - y^3
    known = variance > 0
    found = np.divide(cumulant, variance**1.5, out=np.zeros_like(variance), where=known)
    return np.nan_to_num(np.clip(found, -1.0, 1.0))


def corrected(statistic: np.ndarray, skewness: np.ndarray) -> np.ndarray:
    """Returns Hall's transformation of a t-statistic, which increases in the statistic."""
    s = skewness
    return np.asarray(statistic + s * statistic**2 / 3 + s**2 * statistic**3 / 27 + s / 6)


def adjusted_quantile(quantile: np.ndarray, skewness: np.ndarray | float) -> np.ndarray:
    """Returns the larger of a quantile and the statistic that `corrected` maps to it."""
    s = np.where(np.abs(skewness) < _NONE, np.nan, skewness)
    return np.asarray(np.fmax(quantile, 3 / s * (np.cbrt(1 + s * (quantile - s / 6)) - 1)))
