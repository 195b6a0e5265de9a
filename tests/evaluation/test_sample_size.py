"""Sample sizes: by hand, and by simulated tests of the size that they name."""

import math

import numpy as np
import pytest
from scipy import stats

from cxrcompare.evaluation.sample_size import sample_size


def test_by_hand():
    # quantiles 1.95996 + 0.84162 = 2.80159 and 1.64485 + 1.28155 = 2.92641
    found = sample_size(0.5, 0.0, 0.02, 0.05, 0.8)
    assert found.difference == math.ceil(0.5 * (2.801585 / 0.02) ** 2)
    assert found.equivalence == math.ceil(0.5 * (2.926405 / 0.02) ** 2)


def test_seeds_that_vary_too_much_need_more_than_any_number():
    assert sample_size(0.5, 0.0001, 0.02, 0.05, 0.8) == (math.inf, math.inf)
    near = sample_size(0.5, 0.00005, 0.02, 0.05, 0.8)
    assert sample_size(0.5, 0.0, 0.02, 0.05, 0.8).difference < near.difference < math.inf


def test_what_is_not_known_is_not_defined():
    assert all(math.isnan(units) for units in sample_size(math.nan, 0.0, 0.02, 0.05, 0.8))


@pytest.mark.parametrize("alpha", [0.05, 0.005])
def test_tests_of_that_size_have_the_power(alpha):
    rng = np.random.default_rng(0)
    needed = sample_size(0.5, 0.0, 0.02, alpha, 0.8)
    critical = stats.norm.ppf(1 - alpha / 2)
    error = math.sqrt(0.5 / needed.difference)
    drawn = rng.normal(0.02, error, 20_000)
    assert np.mean(drawn / error > critical) == pytest.approx(0.8, abs=0.01)
    error = math.sqrt(0.5 / needed.equivalence)
    drawn = rng.normal(0.0, error, 20_000)
    inside = np.abs(drawn) + stats.norm.ppf(1 - alpha) * error < 0.02
    assert np.mean(inside) == pytest.approx(0.8, abs=0.01)
