"""Paired tests of means with skewed influences: agreement of test and interval, and size."""

import numpy as np
import pytest
from scipy import stats

from cxrcompare.evaluation.influence import influence_tests, unit_means


def compare(values):
    """Returns the test of two means over units, (2, N)."""
    kept = np.ones(values.shape[1], dtype=bool)
    patients = np.arange(values.shape[1])
    found = unit_means.estimate(lambda f: (values, kept), patients, [[0], [1]], np.array([True]))
    return influence_tests.differences(found, np.array([0]), np.array([1]))


def test_skewness_by_hand():
    # differences 0, 0, 0, 4: mean 1, deviations -1, -1, -1, 3, squares 12, cubes 24
    found = compare(np.array([[1.0, 2, 3, 8], [1, 2, 3, 4]]))
    assert found.skewness[0] == pytest.approx([24 / 12**1.5] * 3)
    # Hall: T + s T^2 / 3 + s^2 T^3 / 27 + s / 6, with T = 1 / sqrt(12 / 3 / 4) = 1
    s = 24 / 12**1.5
    corrected = 1 + s / 3 + s**2 / 27 + s / 6
    assert corrected > 1  # so the t-test has the larger p-value
    assert found.p_value[0] == pytest.approx([2 * stats.t.sf(1, 3)] * 3)
    turned = compare(np.array([[1.0, 2, 3, 4], [1, 2, 3, 8]]))
    assert turned.p_value[0] == pytest.approx(found.p_value[0])
    assert [turned.interval(0.9)[0][0, 0], turned.interval(0.9)[1][0, 0]] == pytest.approx(
        [-found.interval(0.9)[1][0, 0], -found.interval(0.9)[0][0, 0]]
    )


@pytest.mark.parametrize("level", [0.5, 0.95, 0.999])
def test_an_interval_excludes_zero_exactly_if_the_test_rejects(level):
    rng = np.random.default_rng(2)
    rejections = 0
    for _ in range(300):
        values = np.stack([rng.exponential(size=15) ** 2, rng.normal(size=15)])
        found = compare(values + rng.normal(size=(2, 1)))
        low, high = found.interval(level)
        excluded = (low > 0) | (high < 0)
        assert (excluded == (found.p_value < 1 - level)).all()
        # one-sided tests of a bound agree with the ends of the interval
        bound = 0.3
        assert ((low > bound) == (found.p_above(bound) < (1 - level) / 2)).all()
        assert ((high < bound) == (found.p_below(bound) < (1 - level) / 2)).all()
        rejections += excluded[0, 0]
    assert rejections > 0


def test_simulated_size_with_skewed_differences():
    """Differences of 20 units are exponential: a t-test rejects in 8 % of sets."""
    rng, sets = np.random.default_rng(4), 1500
    plain = corrected = 0
    for _ in range(sets):
        values = np.stack([rng.exponential(size=20) - 1, np.zeros(20)])
        plain += stats.ttest_1samp(values[0], 0).pvalue < 0.05
        corrected += compare(values).p_value[0, 0] < 0.05
    assert corrected < 0.75 * plain
    assert corrected / sets <= 0.05 + 2.5 * np.sqrt(0.05 * 0.95 / sets)


@pytest.mark.parametrize("skewness", [-0.9, 0.0, 0.9])
def test_the_p_value_of_a_small_difference_is_at_most_1(skewness):
    # Hall's transformation moves a difference of 0 by a sixth of the skewness: a tail above 1/2.
    one, no = np.ones((1, 1)), np.zeros((1, 1), dtype=bool)
    found = influence_tests.PairedDifferences(
        0 * one, one, 0 * one, 50 * one, no, no, skewness=skewness * one
    )
    assert 0.85 < found.p_value[0, 0] <= 1
