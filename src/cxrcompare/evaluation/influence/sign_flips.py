"""The paired permutation test of two models: their results are exchanged patient by patient.

If a statistic is a sum over patients that changes its sign when the results of a patient are
exchanged, its distribution over all exchanges is that of a sum of fixed terms with random signs. It
is computed exactly, or by a saddlepoint approximation, so that there is no Monte Carlo error.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import special

_ENUMERATED = 14
_STEPS = 80
_ROUNDING = 1e-9


@dataclass(frozen=True)
class SignFlips:
    """The distribution of the sum of `terms` with random signs.

    Attributes:
        terms: (G,), the contribution of each patient to the observed difference.
        unit: If all terms are multiples of it, the distribution is exact (binomial); 0 otherwise.
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

    @cached_property
    def _sizes(self) -> np.ndarray:
        sizes = np.abs(self.terms)
        return sizes[sizes > _ROUNDING * max(float(sizes.max(initial=0.0)), 1e-300)]

    @cached_property
    def _tail(self) -> tuple[np.ndarray, np.ndarray] | None:
        """Possible absolute values, descending, and the probability of each or a larger one.

        None if they are not enumerated.
        """
        sizes = self._sizes
        if len(sizes) <= _ENUMERATED:
            signs = 1.0 - 2.0 * ((np.arange(2 ** len(sizes))[:, None] >> np.arange(len(sizes))) & 1)
            sums = np.abs(signs @ sizes)
            chance = np.full(len(sums), 1.0 / len(sums))
        elif self.unit > 0:
            whole, counts = np.unique(np.rint(sizes / self.unit).astype(int), return_counts=True)
            law = np.ones(1)
            for size, count in zip(whole.tolist(), counts.tolist(), strict=True):
                spread = np.zeros(2 * size * count + 1)
                spread[:: 2 * size] = _binomial(count)
                law = np.convolve(law, spread)
            reach = len(law) // 2
            sums, chance = np.abs(np.arange(-reach, reach + 1)) * self.unit, law
        else:
            return None
        order = np.argsort(-sums, kind="stable")
        sums, share = sums[order], np.cumsum(chance[order])
        last = np.append(sums[:-1] - sums[1:] > _ROUNDING * sums[:-1], True)
        return sums[last], np.minimum(share[last], 1.0)

    def p_value(self, difference: float) -> float:
        """Returns the two-sided p-value: the share of exchanges with at least this difference."""
        found = abs(difference)
        if not len(self._sizes):
            return 1.0
        if self._tail is not None:
            values, share = self._tail
            at = int(np.searchsorted(-values, -found * (1 - _ROUNDING), side="right"))
            return float(share[at - 1]) if at else float(share[0])
        low, high = 0.0, self._largest
        if found >= self._moments(high)[0]:
            return self._chance(high)
        for _ in range(_STEPS):
            middle = (low + high) / 2
            low, high = (middle, high) if self._moments(middle)[0] < found else (low, middle)
        return self._chance((low + high) / 2)

    def half_width(self, alpha: float) -> float:
        """Returns the half width of the interval that excludes 0 exactly if p is below alpha."""
        least = -np.log(alpha) / self.narrowest if self.narrowest else 0.0
        if not len(self._sizes):
            return float(least)
        if self._tail is not None:
            values, share = self._tail
            return float(max(values[np.argmax(share >= alpha)], least))
        low, high = 0.0, self._largest
        if self._chance(high) >= alpha:
            return float(self._sizes.sum())
        for _ in range(_STEPS):
            middle = (low + high) / 2
            low, high = (middle, high) if self._chance(middle) >= alpha else (low, middle)
        return float(max(self._moments((low + high) / 2)[0], least))

    @property
    def _largest(self) -> float:
        """The largest parameter of the saddlepoint: the sum is then at its maximum."""
        return 20.0 / float(self._sizes.min())

    def _moments(self, tilt: float) -> tuple[float, float]:
        """Returns mean and variance of the sum, tilted exponentially."""
        tanh = np.tanh(tilt * self._sizes)
        return float(self._sizes @ tanh), float(self._sizes**2 @ (1 - tanh**2))

    def _chance(self, tilt: float) -> float:
        """Returns the two-sided probability of the mean of the tilted sum, or more."""
        mean, variance = self._moments(tilt)
        if tilt * np.sqrt(float(self._sizes @ self._sizes)) < 1e-4:
            return 1.0
        cumulant = float(np.sum(np.logaddexp(tilt * self._sizes, -tilt * self._sizes) - np.log(2)))
        root = np.sqrt(2 * max(tilt * mean - cumulant, 0.0))
        slope = tilt * np.sqrt(variance)
        if slope <= 0 or root <= 0:
            return float(0.5 ** (len(self._sizes) - 1))
        adjusted = root + np.log(slope / root) / root
        least = 0.5 ** (len(self._sizes) - 1)
        return float(min(max(2 * special.ndtr(-adjusted), least), 1.0))


def _binomial(trials: int) -> np.ndarray:
    """Returns the probabilities of 0 to `trials` successes with probability 1/2."""
    successes = np.arange(trials + 1)
    ways = special.gammaln(trials + 1) - special.gammaln(successes + 1)
    return np.exp(ways - special.gammaln(trials - successes + 1) - trials * np.log(2))
