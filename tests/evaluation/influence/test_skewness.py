"""Skewness of differences, and Hall's correction of statistics and quantiles."""

import numpy as np
import pytest

from cxrcompare.evaluation.influence.influence_estimates import of_runs
from cxrcompare.evaluation.influence.skewness import (
    adjusted_quantile,
    corrected,
    skewness_of_differences,
)


def test_the_correction_by_hand():
    """2 + 0.3 * 4 / 3 + 0.09 * 8 / 27 + 0.3 / 6 = 2 + 0.4 + 0.0267 + 0.05."""
    assert corrected(np.array(2.0), np.array(0.3)) == pytest.approx(2.476667, abs=1e-6)
    assert corrected(np.array(2.0), np.array(0.0)) == 2


@pytest.mark.parametrize("skewness", [-0.9, -0.2])
def test_the_quantile_is_the_inverse_of_the_correction_if_that_is_larger(skewness):
    quantile = np.linspace(-3, 3, 13)
    found = adjusted_quantile(quantile, skewness)
    assert (found > quantile).all()
    np.testing.assert_allclose(corrected(found, np.array(skewness)), quantile, atol=1e-12)


@pytest.mark.parametrize("skewness", [0.2, 0.9])
def test_the_quantile_is_never_smaller(skewness):
    quantile = np.linspace(-3, 3, 13)
    assert (adjusted_quantile(quantile, skewness) == quantile).all()


def test_without_skewness_the_quantile_is_the_plain_one():
    assert adjusted_quantile(np.array([1.96]), 0.0).tolist() == [1.96]


def test_the_skewness_of_a_difference_is_that_of_the_differences_of_influences():
    rng = np.random.default_rng(0)
    one, other = rng.exponential(size=(2, 50)) - 1
    influence = np.stack([one, other])
    third = np.square(influence) @ influence.T
    none = np.zeros((1, 2, 2))
    number, eligible = np.ones((1, 1)), np.array([True])
    estimates = of_runs(
        np.zeros((2, 1)), [[0], [1]], none, none[None], number, 50, eligible, third[None]
    )
    pair = np.array([0]), np.array([1])
    variance = np.sum((one - other) ** 2)
    found = skewness_of_differences(estimates, *pair, np.array([[variance]]))
    assert found.item() == pytest.approx(np.sum((one - other) ** 3) / variance**1.5)
    assert skewness_of_differences(estimates, *pair, np.zeros((1, 1))).item() == 0
