"""Sample size: units needed to detect a difference, or to show equivalence, of two models."""

from __future__ import annotations

import math
from typing import NamedTuple

from scipy import special


class SampleSize(NamedTuple):
    """Numbers of units, rounded up; infinite if no number of units is enough.

    Attributes:
        difference: To detect a true difference equal to the margin.
        equivalence: To show that two equal models differ by less than the margin.
    """

    difference: float
    equivalence: float


def sample_size(
    unit_variance: float, seed_variance: float, margin: float, alpha: float, power: float
) -> SampleSize:
    """Returns the units needed by a two-sided test, and by two one-sided tests of equivalence.

    The variance of the difference of n units is unit_variance / n + seed_variance. The two-sided
    test has the normal quantiles 1 - alpha / 2 and power; the two one-sided tests, for equal
    models, 1 - alpha and (1 + power) / 2. More units do not reduce the variance of the seeds.

    Args:
        unit_variance: Variance of the difference times the number of units.
        seed_variance: Variance of the difference that training seeds cause.
        margin: Above 0.
        alpha: Level of the tests, in (0, 1).
        power: In (0, 1).

    Source: Julious 2004, Sample sizes for clinical trials with normal data, doi 10.1002/sim.1783.
    """
    two_sided = special.ndtri(1 - alpha / 2) + special.ndtri(power)
    one_sided = special.ndtri(1 - alpha) + special.ndtri((1 + power) / 2)
    return SampleSize(
        *(_units(unit_variance, seed_variance, margin / q) for q in (two_sided, one_sided))
    )


def _units(unit_variance: float, seed_variance: float, error: float) -> float:
    """Returns the units with which the standard error is at most `error`."""
    if math.isnan(unit_variance) or math.isnan(seed_variance):
        return math.nan
    left = error**2 - seed_variance
    return math.ceil(unit_variance / left) if left > 0 else math.inf
