"""Means over units: variance clustered by patient, and the exact test of proportions."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from cxrcompare.evaluation.influence import influence_tests, unit_means


def single(values, inside=None):
    kept = np.ones(values.shape[1], bool) if inside is None else inside
    return lambda f: (values, kept)


def test_by_hand_with_two_units_per_patient():
    # patients 0 0 1 1 2: sums 3, 1, 2 of values 1 2 0 1 2; mean 6/5; deviations of the sums from
    # 1.2 times the units: .6, -1.4, .8, over 1 minus the share of units: 1, -7/3, 1; variance
    # 2/3 * (1 + 49/9 + 1) / 25
    values = np.array([[1.0, 2, 0, 1, 2]])
    found = unit_means.estimate(single(values), np.array([0, 0, 1, 1, 2]), [[0]], np.array([True]))
    assert found.value.tolist() == [[1.2, 1.2, 1.2]]
    assert found.covariance[:, 0, 0] == pytest.approx([2 / 3 * (2 + 49 / 9) / 25] * 3)
    # 25 / (4 + 4 + 1) equal patients
    assert found.patients == pytest.approx(25 / 9)


def test_a_difference_is_the_paired_t_test_over_units():
    values = np.random.default_rng(0).normal(size=(2, 30))
    found = unit_means.estimate(single(values), np.arange(30), [[0], [1]], np.array([True]))
    plain = replace(found, third=None)  # without the correction for skewness
    test = influence_tests.differences(plain, np.array([0]), np.array([1]))
    assert test.p_value[0] == pytest.approx([stats.ttest_rel(*values).pvalue] * 3)


def test_the_mean_over_findings_includes_their_correlation():
    rng = np.random.default_rng(1)
    values = rng.normal(size=(2, 40))
    both = np.stack([values, values])
    found = unit_means.estimate(
        lambda f: (both[f], np.ones(40, bool)), np.arange(40), [[0], [1]], np.array([True, True])
    )
    # two equal findings: their mean has the variance of one, not half of it
    assert found.covariance[2] == pytest.approx(found.covariance[0])


def test_units_outside_do_not_count():
    values = np.array([[1.0, 0, 1, 99], [0, 0, 1, 99]])
    inside = np.array([True, True, True, False])
    found = unit_means.estimate(single(values, inside), np.arange(4), [[0], [1]], np.array([True]))
    assert found.value[:, 0] == pytest.approx([2 / 3, 1 / 3])


def test_one_patient_has_no_variance():
    found = unit_means.estimate(single(np.ones((1, 3))), np.zeros(3, int), [[0]], np.array([True]))
    assert found.value[0, 0] == 1
    assert np.isnan(found.covariance[0]).all()


def test_exchanged_decisions_of_single_units_are_mcnemars_test():
    rng = np.random.default_rng(2)
    decisions = rng.random((2, 200)) < np.array([[0.6], [0.45]])
    inside = np.arange(200) % 4 > 0
    values = decisions.astype(float), inside
    (flips,) = unit_means.exchanged(values, [(0, 1)], np.arange(200))
    first, second = decisions[:, inside]
    b, c = int((first & ~second).sum()), int((~first & second).sum())
    assert flips.observed == pytest.approx((b - c) / 150)
    assert flips.p_value(flips.observed) == pytest.approx(stats.binomtest(b, b + c).pvalue)
    assert flips.narrowest == 150
