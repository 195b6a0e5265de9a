"""The paired permutation test of two models: their results are exchanged patient by patient.

If a statistic is a sum over patients that changes its sign when the results of a patient are
exchanged, its distribution over all exchanges is that of a sum of fixed terms with random signs. It
is computed exactly, or by a saddlepoint approximation, so that there is no Monte Carlo error.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property, lru_cache

import numpy as np
from scipy import special

_ENUMERATED = 14
_STEPS = 80
_ROUNDING = 1e-9
_NOISE = 1e-12
_SMALL = 0.01


@dataclass(frozen=True)
class SignFlips:
    """The distribution of the sum of `terms` with random signs.

    Attributes:
        terms: (T,), contributions of patients to the observed difference.
        times: (T,), the number of patients with each contribution; None for one each.
        unit: If all terms are multiples of it, the distribution is exact; 0 otherwise.
        narrowest: Patients n behind a proportion: a half width is at least -log(alpha) / n, the
            "rule of three", so that an interval has a width if no patient differs; 0 otherwise.

    Sources: Bandos, Rockette & Gur 2005, doi 10.1002/sim.2149 (for the AUROC); McNemar 1947, doi
    10.1007/BF02295996 (the same for proportions); Barndorff-Nielsen 1986, doi
    10.1093/biomet/73.2.307, and Robinson 1982, doi 10.1111/j.2517-6161.1982.tb01191.x (saddlepoint
    approximation of permutation tests).
    """

    terms: np.ndarray
    unit: float = 0.0
    narrowest: int = 0
    times: np.ndarray | None = None

    @property
    def observed(self) -> float:
        """The observed difference: the sum of the terms."""
        return float(self.terms.sum() if self.times is None else self.terms @ self.times)

    @cached_property
    def _patients(self) -> tuple[np.ndarray, np.ndarray]:
        """The absolute terms that are not 0, and how many patients have each."""
        sizes = np.abs(self.terms)
        kept = sizes > _ROUNDING * max(float(sizes.max(initial=0.0)), 1e-300)
        times = np.ones(len(sizes)) if self.times is None else self.times
        return sizes[kept], times[kept].astype(np.float64)

    @cached_property
    def _number(self) -> int:
        """The number of patients whose term is not 0."""
        return int(self._patients[1].sum())

    @cached_property
    def _deviation(self) -> float:
        sizes, times = self._patients
        return float(np.sqrt(times @ sizes**2))

    @cached_property
    def _large(self) -> tuple[np.ndarray, np.ndarray]:
        """The terms that the saddlepoint treats one by one; the others are a normal sum."""
        sizes, times = self._patients
        kept = sizes >= _SMALL * self._deviation
        return sizes[kept], times[kept]

    @cached_property
    def _normal_variance(self) -> float:
        sizes, times = self._patients
        small = sizes < _SMALL * self._deviation
        return float(times[small] @ sizes[small] ** 2)

    @cached_property
    def _tail(self) -> tuple[np.ndarray, np.ndarray] | None:
        """Possible absolute values, descending, and the probability of each or a larger one.

        None if they are not enumerated.
        """
        sizes, times = self._patients
        if self.unit > 0:
            return _tail_of_multiples(np.rint(sizes / self.unit).astype(int), times, self.unit)
        if self._number > _ENUMERATED:
            return None
        each = np.repeat(sizes, times.astype(int))
        sums = each[:1]
        for size in each[1:]:
            sums = np.concatenate([sums + size, sums - size])
        sums = np.sort(np.abs(sums))[::-1]
        share = np.arange(1, len(sums) + 1) / len(sums)
        last = np.append(sums[:-1] - sums[1:] > _ROUNDING * sums[:-1], True)
        return sums[last], share[last]

    def p_value(self, difference: float) -> float:
        """Returns the two-sided p-value: the share of exchanges with at least this difference."""
        found = abs(difference)
        if not self._number:
            return 1.0
        if self._tail is not None:
            values, share = self._tail
            least = found * (1 - _ROUNDING) - _NOISE * values[0]
            at = int(np.searchsorted(-values, -least, side="right"))
            return float(share[at - 1]) if at else float(share[0])
        if found >= self._moments(self._largest)[0]:
            return self._chance(self._largest)
        tilt = 0.0
        for _ in range(_STEPS):  # Newton's method approaches from below: the mean is concave
            mean, variance = self._moments(tilt)
            tilt = min(tilt + (found - mean) / variance, self._largest)
            if found - mean <= _ROUNDING * found:
                break
        return self._chance(tilt)

    def half_width(self, alpha: float) -> float:
        """Returns the half width of the interval that excludes 0 exactly if p is below alpha."""
        least = -np.log(alpha) / self.narrowest if self.narrowest else 0.0
        if not self._number:
            return float(least)
        if self._tail is not None:
            values, share = self._tail
            return float(max(values[np.argmax(share >= alpha)], least))
        high = self._largest
        if self._chance(high) >= alpha:
            return float(np.prod(self._patients, axis=0).sum())
        wanted, low = float(-special.ndtri(alpha / 2)), 0.0
        tilt, slope = wanted / self._deviation, 1 / self._deviation
        excess = self._root(tilt) - wanted
        for _ in range(_STEPS):  # the root is nearly linear in the tilt: secants, else bisection
            if abs(excess) <= _ROUNDING * wanted:
                break
            low, high = (tilt, high) if excess < 0 else (low, tilt)
            last, before = tilt, excess
            tilt = float(tilt - excess * slope)
            if not low < tilt < high:
                tilt = (low + high) / 2
            excess = self._root(tilt) - wanted
            slope = (tilt - last) / (excess - before) if excess != before else slope
        return float(max(self._moments(tilt)[0], least))

    @property
    def _largest(self) -> float:
        """The largest parameter of the saddlepoint."""
        if self._normal_variance > 0:
            return 40.0 / self._deviation
        return 20.0 / float(self._patients[0].min())  # the sum is at its maximum

    def _moments(self, tilt: float) -> tuple[float, float]:
        """Returns mean and variance of the sum, tilted exponentially."""
        return self._tilted_moments(np.tanh(tilt * self._large[0]), tilt)

    def _tilted_moments(self, tanh: np.ndarray, tilt: float) -> tuple[float, float]:
        sizes, times = self._large
        part = sizes * tanh
        mean = float(times @ part) + tilt * self._normal_variance
        return mean, float(times @ (sizes**2 - part**2)) + self._normal_variance

    def _chance(self, tilt: float) -> float:
        """Returns the two-sided probability of the mean of the tilted sum, or more."""
        least = 0.5 ** (self._number - 1)
        return float(min(max(2 * special.ndtr(-self._root(tilt)), least), 1.0))

    def _root(self, tilt: float) -> float:
        """Returns the normal quantile of the probability of the mean of the tilted sum, or more."""
        if tilt * self._deviation < 1e-4:
            return 0.0
        sizes, times = self._large
        part = tilt * sizes
        lost = -np.expm1(-2 * part)
        mean, variance = self._tilted_moments(lost / (2 - lost), tilt)
        cumulant = float(times @ (part + np.log1p(-lost / 2)))
        cumulant += tilt**2 * self._normal_variance / 2
        root = np.sqrt(2 * max(tilt * mean - cumulant, 0.0))
        slope = tilt * np.sqrt(variance)
        if slope <= 0 or root <= 0:
            return float(-special.ndtri(0.5**self._number))
        return float(root + np.log(slope / root) / root)


def _tail_of_multiples(
    sizes: np.ndarray, times: np.ndarray, unit: float
) -> tuple[np.ndarray, np.ndarray]:
    """Returns `SignFlips._tail` of terms that are multiples of a unit.

    The sum is the total minus twice the total of the terms with a negative sign. The distribution
    of the latter is computed term by term; it is symmetric.

    Args:
        sizes: (T,) int, the absolute terms in units, above 0.
        times: (T,), the number of patients with each.
        unit: The unit.
    """
    trials = np.bincount(sizes, times).astype(int)
    total = int(trials @ np.arange(len(trials)))
    law = np.zeros(0)
    for size in np.flatnonzero(trials).tolist():
        if not len(law):
            law = np.zeros(size * trials[size] + 1)
            law[::size] = _binomial(int(trials[size]))
            continue
        ways = _binomial(int(trials[size]))
        sum_of_both = np.zeros(len(law) + size * (len(ways) - 1))
        for first in range(min(size, len(law))):  # each residue modulo the size by itself
            sum_of_both[first::size][: len(ways) + (len(law) - 1 - first) // size] = np.convolve(
                law[first::size], ways
            )
        law = sum_of_both
    both = 2 * law[: total // 2 + 1]
    if total % 2 == 0:
        both[-1] /= 2
    return (total - 2.0 * np.arange(len(both))) * unit, np.minimum(np.cumsum(both), 1.0)


@lru_cache(maxsize=256)
def _binomial(trials: int) -> np.ndarray:
    """Returns the probabilities of 0 to `trials` successes with probability 1/2."""
    logs = _log_factorials(1 << trials.bit_length())
    ways = logs[trials] - logs[: trials + 1] - logs[trials::-1]
    return np.exp(ways - trials * np.log(2))


@cache
def _log_factorials(count: int) -> np.ndarray:
    """Returns the logarithms of the factorials of 0 to `count` - 1."""
    return np.asarray(special.gammaln(np.arange(1, count + 1)))
