"""Random-effects meta-analysis: a mean over sites, heterogeneity, and what a new site may show."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

FEWEST_SITES = 3
"""Fewer sites are not pooled: the variance between them cannot be estimated."""

_ROUNDS = 1000
_DRAWS = 4000
_GRID = 200
_CLOSE = 1e-12


@dataclass(frozen=True)
class Pooled:
    """A mean of K effects with site as a random factor.

    Attributes:
        mean: The mean over sites.
        variance: Of the mean (Hartung, Knapp, Sidik and Jonkman).
        weights: (K,), of the sites; they sum to 1.
        tau: The standard deviation between sites.
        tau_low: Lower limit of tau.
        tau_high: Upper limit of tau.
        i_squared: The share of the variance of the effects that is between sites.
        q_statistic: Cochran's Q.
        q_p_value: The p-value that all sites have one effect.
    """

    mean: float
    variance: float
    weights: np.ndarray
    tau: float
    tau_low: float
    tau_high: float
    i_squared: float
    q_statistic: float
    q_p_value: float


def pool(effects: np.ndarray, variances: np.ndarray, level: float = 0.95) -> Pooled:
    """Returns the mean over sites.

    The variance between sites is the restricted maximum likelihood estimate. The variance of the
    mean is that of Hartung, Knapp, Sidik and Jonkman, but never less than that of the plain
    weighted mean: with few sites it would be too small by chance.

    Args:
        effects: (K,), at least 3.
        variances: (K,), of the effects within their sites, above 0.
        level: Level of the interval of tau (Q profile).

    Sources: Hartung & Knapp 2001, doi 10.1002/sim.1009; Sidik & Jonkman 2002, doi
    10.1002/sim.1262; at least the plain variance: Röver et al. 2015, doi
    10.1186/s12874-015-0091-1; REML and Q profile: Viechtbauer 2007, doi 10.1002/sim.2514.
    """
    sites = len(effects)
    if sites < FEWEST_SITES:
        raise ValueError(f"`effects` must be at least {FEWEST_SITES}. Received: {sites}")
    between = _reml(effects, variances)
    weights = 1 / (variances + between)
    mean = float(weights @ effects / weights.sum())
    spread = float(weights @ (effects - mean) ** 2) / (sites - 1)
    q = _q(effects, variances, 0.0)
    low, high = _q_profile(effects, variances, level)
    return Pooled(
        mean,
        max(spread, 1.0) / float(weights.sum()),
        weights / weights.sum(),
        float(np.sqrt(between)),
        float(np.sqrt(low)),
        float(np.sqrt(high)),
        max(0.0, (q - (sites - 1)) / q) if q > 0 else 0.0,
        q,
        float(special.chdtrc(sites - 1, q)),
    )


def prediction_interval(
    effects: np.ndarray,
    variances: np.ndarray,
    extra: float,
    rng: np.random.Generator,
    level: float = 0.95,
) -> tuple[float, float]:
    """Returns the interval that contains the true effect of a new site.

    The variance between sites is drawn from its confidence distribution (that of the Q profile), so
    that its uncertainty is included; with it the mean is drawn from Student's distribution with
    K - 1 degrees of freedom, and the new site from a normal distribution.

    Args:
        effects: (K,), at least 3.
        variances: (K,), of the effects within their sites, above 0.
        extra: A variance that all sites have in common, e.g. of training seeds.
        rng: The random number generator.
        level: The level.

    Source: Nagashima et al. 2019, doi 10.1177/0962280218773520.
    """
    freedom = len(effects) - 1
    drawn = rng.chisquare(freedom, _DRAWS)
    largest = _root(effects, variances, float(drawn.min()))
    grid = np.concatenate([[0.0], np.geomspace(1e-6, 1.0, _GRID) * max(largest, 1e-30)])
    weights = 1 / (variances + grid[:, None])
    totals = weights.sum(axis=1)
    means = weights @ effects / totals
    q = (weights * (effects - means[:, None]) ** 2).sum(axis=1)
    between = np.interp(-drawn, -q, grid)  # 0 where Q is below the drawn quantile
    mean = np.interp(between, grid, means)
    spread = np.interp(between, grid, np.maximum(q / freedom, 1.0) / totals)
    new = mean + np.sqrt(between) * rng.normal(size=_DRAWS)
    new += np.sqrt(spread + extra) * rng.standard_t(freedom, _DRAWS)
    low, high = np.quantile(new, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _reml(effects: np.ndarray, variances: np.ndarray) -> float:
    """Returns the variance between sites that maximises the restricted likelihood."""
    between = max(float(np.var(effects, ddof=1) - variances.mean()), 0.0)
    for _ in range(_ROUNDS):
        weights = 1 / (variances + between)
        mean = weights @ effects / weights.sum()
        part = (weights**2) @ ((effects - mean) ** 2 - variances) / (weights**2).sum()
        new = max(float(part + 1 / weights.sum()), 0.0)
        if abs(new - between) <= _CLOSE * max(new, float(variances.mean())):
            return new
        between = new
    return between


def _q(effects: np.ndarray, variances: np.ndarray, between: float) -> float:
    """Returns Cochran's Q with a variance between sites added to every site."""
    weights = 1 / (variances + between)
    mean = weights @ effects / weights.sum()
    return float(weights @ (effects - mean) ** 2)


def _q_profile(effects: np.ndarray, variances: np.ndarray, level: float) -> tuple[float, float]:
    """Returns the interval of the variance between sites: where Q has its quantiles."""
    low, high = (
        _root(effects, variances, float(special.chdtri(len(effects) - 1, 1 - share)))
        for share in ((1 + level) / 2, (1 - level) / 2)
    )
    return low, high


def _root(effects: np.ndarray, variances: np.ndarray, value: float) -> float:
    """Returns the variance between sites at which Q has a value; 0 if Q is never above it."""
    if _q(effects, variances, 0.0) <= value:
        return 0.0
    upper = float(variances.mean() + np.var(effects))
    while _q(effects, variances, upper) > value:
        upper *= 4
    from scipy import optimize  # here: few comparisons need it, and its import takes 0.1 s

    found = optimize.brentq(lambda between: _q(effects, variances, between) - value, 0.0, upper)
    return float(found)
