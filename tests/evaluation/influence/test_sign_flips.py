"""The distribution of a sum of fixed terms with random signs."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from cxrcompare.evaluation.influence.sign_flips import SignFlips


def by_force(terms, difference):
    sums = [abs(np.dot(signs, terms)) for signs in itertools.product((1, -1), repeat=len(terms))]
    return float(np.mean(np.array(sums) >= abs(difference) - 1e-12))


def test_by_hand():
    # +-1 +-2: sums -3, -1, 1, 3; at least 3 in 2 of 4, at least 1 always
    flips = SignFlips(np.array([1.0, -2.0, 0.0]))
    assert flips.p_value(3) == 0.5
    assert flips.p_value(-1) == flips.p_value(0) == 1
    # no difference up to 3 can be significant at 5 %
    assert flips.half_width(0.05) == 3
    assert flips.half_width(0.6) == 1


def test_few_terms_are_enumerated():
    terms = np.random.default_rng(0).normal(size=11)
    flips = SignFlips(terms)
    for difference in (0.1, 1.0, 4.0, abs(terms).sum()):
        assert flips.p_value(difference) == pytest.approx(by_force(terms, difference))


def test_the_saddlepoint_is_close_to_the_enumeration():
    terms = np.random.default_rng(1).normal(size=16)
    flips = SignFlips(terms)
    for share in (0.2, 0.5, 0.7, 0.8):
        difference = share * abs(terms).sum()
        expected = by_force(terms, difference)
        assert flips.p_value(difference) == pytest.approx(expected, rel=0.1)
    assert flips.p_value(0) == 1
    assert flips.p_value(abs(terms).sum()) == pytest.approx(2.0**-15, rel=0.3)


def test_equal_terms_are_the_exact_test_of_mcnemar():
    # 30 patients favour the first model, 12 the second: a binomial test
    terms = np.r_[np.full(30, 0.01), np.full(12, -0.01), np.zeros(58)]
    flips = SignFlips(terms, unit=0.01)
    assert flips.p_value(0.18) == pytest.approx(stats.binomtest(30, 42).pvalue)


def test_multiples_of_a_unit_are_exact():
    rng = np.random.default_rng(2)
    terms = rng.integers(-3, 4, size=17) / 40
    flips = SignFlips(terms, unit=1 / 40)
    for difference in (0.1, 0.3, 0.5):
        assert flips.p_value(difference) == pytest.approx(by_force(terms, difference))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(-4, 4), min_size=1, max_size=11), st.sampled_from([0.0, 1 / 30]))
def test_all_exchanges_are_counted(terms, unit):
    values = np.array(terms) * (unit or 0.7)
    flips = SignFlips(values, unit=unit)
    total = sum(map(abs, terms))
    for difference in {0, min(1, total), min(2, total), sum(terms), total}:
        exact = by_force(values, difference * (unit or 0.7))
        assert flips.p_value(difference * (unit or 0.7)) == pytest.approx(exact)
    # the half width is the least possible difference whose p-value is below alpha, or one before it
    sums = np.abs([np.dot(signs, terms) for signs in itertools.product((1, -1), repeat=len(terms))])
    for alpha in (0.05, 0.3):
        high = [one for one in np.unique(sums) if np.mean(sums >= one) >= alpha]
        assert flips.half_width(alpha) == pytest.approx(max(high) * (unit or 0.7))


def test_many_patients_of_different_sizes():
    # the slow reference adds one patient at a time
    rng = np.random.default_rng(4)
    whole = rng.integers(1, 6, size=150)
    law = np.ones(1)
    for size in whole:
        law = (np.append(law, np.zeros(2 * size)) + np.append(np.zeros(2 * size), law)) / 2
    reach = int(whole.sum())
    flips = SignFlips(whole / 900, 1 / 900)
    for difference in (0, 10, 51, 200, reach):
        expected = law[np.abs(np.arange(-reach, reach + 1)) >= difference].sum()
        assert flips.p_value(difference / 900) == pytest.approx(expected, rel=1e-11)


@pytest.mark.parametrize("unit", [0.0, 0.01])
@pytest.mark.parametrize("number", [5, 14, 40, 300])
def test_the_half_width_and_the_p_value_agree(number, unit):
    rng = np.random.default_rng(number)
    terms = rng.integers(1, 5, size=number) / 100 if unit else rng.normal(size=number)
    flips = SignFlips(terms, unit=unit)
    for alpha in (0.2, 0.05, 0.001, 1e-6):
        half = flips.half_width(alpha)
        if half < abs(terms).sum() * (1 - 1e-9):
            assert flips.p_value(half * (1 + 1e-6) + 1e-9) < alpha
        assert flips.p_value(half * (1 - 1e-6)) >= alpha * (1 - 1e-4)


def test_nobody_differs():
    flips = SignFlips(np.zeros(10))
    assert flips.p_value(0) == 1
    assert flips.half_width(0.05) == 0
    # the rule of three: 0 of 50 patients differ, so fewer than about 3 in 50 do
    assert SignFlips(np.zeros(50), 0.02, 50).half_width(0.05) == pytest.approx(0.0599, abs=1e-4)


def test_a_least_width_never_hides_a_significant_difference():
    for patients in (20, 100, 5000):
        for one_way in range(1, 40):
            if one_way > patients:
                continue
            flips = SignFlips(np.full(one_way, 1 / patients), 1 / patients, patients)
            difference = one_way / patients
            for alpha in (0.05, 0.001, 1e-6):
                significant = flips.p_value(difference) < alpha
                assert significant == (difference > flips.half_width(alpha) * (1 + 1e-9))
