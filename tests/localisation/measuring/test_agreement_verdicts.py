"""How often few images mislead: verdicts on maps with random weights, from simulated maps.

`run` compares the maps of 8 images at least. The maps are of 2 x 2 cells, interpolated to 8 x 8, as
small images have them; images differ in how much of their map is left.
"""

import numpy as np
import pytest

from cxrcompare.comparison.row_types.localisation_rows import STAYS
from cxrcompare.localisation.maps.map_set import from_arrays
from cxrcompare.localisation.measuring import agreement, kernels
from cxrcompare.localisation.tables import Choices

IMAGES, FINDINGS, SETS = 8, 5, 300


def coarse(rng):
    """Returns maps of 2 x 2 normal cells, interpolated to 8 x 8, (IMAGES, FINDINGS, 8, 8)."""
    small = rng.standard_normal((IMAGES, FINDINGS, 2, 2)).astype(np.float32)
    large = np.empty((IMAGES, FINDINGS, 8, 8), np.float32)
    for image in range(IMAGES):
        for finding in range(FINDINGS):
            kernels.enlarge(small[image, finding], large[image, finding])
    return large


def verdicts(kept, seed):
    """Returns the shares of sets with the verdict that maps stay, and that they fall apart.

    Args:
        kept: The weight of the trained map in that with random weights, from 0 to 1.
        seed: Of the random numbers.
    """
    rng = np.random.default_rng(seed)
    names, findings = [f"i{n}" for n in range(IMAGES)], [f"f{n}" for n in range(FINDINGS)]
    stays, apart, values = [], [], []
    for _ in range(SETS):
        trained, noise = coarse(rng), coarse(rng)
        share = np.clip(kept + rng.normal(0, 0.1, (IMAGES, 1, 1, 1)), 0, 1).astype(np.float32)
        random = share * trained + np.sqrt(1 - share**2) * noise
        sets = [from_arrays("a", "", names, findings, one) for one in (trained, random)]
        (row,) = agreement.rows(sets[:1], names, Choices(), [(0, sets[1])])
        assert row.images == IMAGES
        stays.append(row.flagged)
        apart.append(row.high < STAYS)
        values.append(row.correlation)
    return np.mean(stays), np.mean(apart), np.mean(values)


def test_maps_that_are_unrelated_fall_apart():
    stays, apart, value = verdicts(0.0, 0)
    assert value == pytest.approx(0, abs=0.1)
    assert stays == 0
    assert apart > 0.95


def test_maps_that_are_nearly_the_same_stay():
    stays, apart, value = verdicts(0.95, 1)
    assert value > 0.8
    assert stays > 0.9
    assert apart == 0


def test_at_the_limit_few_verdicts_are_given():
    """Two-sided 95 % intervals are above the limit, and below it, in 2.5 % of sets each."""
    stays, apart, value = verdicts(0.6, 2)
    assert value == pytest.approx(STAYS, abs=0.03)
    assert stays < 0.06
    assert apart < 0.06
