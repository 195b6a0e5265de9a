"""Obuchowski and Rockette's method: published values, an independent reference, error rates."""

import numpy as np
import pytest
from scipy import stats

from cxrcompare.evaluation.readers import random_readers

# AUROCs of five readers and two treatments, and covariances, of Van Dyke et al. 1993 as printed by
# OR-DBM MRMC 2.51 (Schartz, Hillis, Pesce & Berbaum, University of Iowa)
FIRST = np.array([0.91964573, 0.85877617, 0.90386473, 0.97310789, 0.82979066])
SECOND = np.array([0.94782609, 0.90531401, 0.92173913, 0.99935588, 0.92995169])


def test_the_difference_of_two_treatments_of_van_dyke():
    # F(1, 15.26) = 4.46, p = 0.0517; Cov2 = 0.00034407, Cov3 = 0.00023903 of each treatment
    found = random_readers.random_readers(FIRST - SECOND, 2 * (0.00034407 - 0.00023903))
    assert found.mean == pytest.approx(-0.0438003, abs=1e-6)
    assert (found.mean / found.standard_error) ** 2 == pytest.approx(4.456, abs=2e-3)
    assert found.degrees == pytest.approx(15.26, abs=0.01)
    assert found.p_value == pytest.approx(0.0517, abs=1e-4)
    assert [found.low, found.high] == pytest.approx([-0.08796, 0.00036], abs=1e-4)


@pytest.mark.parametrize(
    ("values", "covariance", "error", "degrees"),
    [(FIRST, 0.00048396, 0.03317360, 12.74), (SECOND, 0.00020419, 0.02156637, 12.71)],
)
def test_one_treatment_of_van_dyke(values, covariance, error, degrees):
    found = random_readers.random_readers(values, covariance)
    assert found.standard_error == pytest.approx(error, abs=2e-7)
    assert found.degrees == pytest.approx(degrees, abs=0.005)


def test_the_formulas_by_hand():
    # MS = ((-2)^2 + 0 + 2^2) / 2 = 4 for 1, 3, 5; variance (4 + 3 * 2) / 3 = 10 / 3
    found = random_readers.random_readers(np.array([1.0, 3, 5]), 2.0, margin=4.0)
    assert [found.mean, found.mean_square, found.covariance] == [3, 4, 2]
    assert found.standard_error == pytest.approx(np.sqrt(10 / 3))
    assert found.degrees == pytest.approx(10**2 / (4**2 / 2))  # 12.5
    assert found.p_equivalence == pytest.approx(stats.t.sf(1 / np.sqrt(10 / 3), 12.5))
    # a negative covariance counts as 0; then Student's test of the readers
    alone = random_readers.random_readers(np.array([1.0, 3, 5]), -2.0)
    assert alone.p_value == pytest.approx(stats.ttest_1samp([1, 3, 5], 0).pvalue)
    # another variance of 10 / 3 with 4 degrees of freedom (Satterthwaite)
    more = random_readers.random_readers(np.array([1.0, 3, 5]), 2.0, other=(10 / 3, 4))
    assert more.standard_error == pytest.approx(np.sqrt(20 / 3))
    bottom = (4 / 3) ** 2 / 2 + (10 / 3) ** 2 / 4
    assert more.degrees == pytest.approx((20 / 3) ** 2 / bottom)


def test_the_covariance_is_the_mean_over_pairs_of_readers():
    influence = np.random.default_rng(0).normal(size=(4, 50))
    pairs = [influence[i] @ influence[j] for i in range(4) for j in range(4) if i != j]
    assert random_readers.reader_covariance(influence) == pytest.approx(np.mean(pairs))


def test_two_readers_are_refused_and_identical_ones_do_not_differ():
    with pytest.raises(ValueError, match=r"at least 3 readers\. Received: 2"):
        random_readers.random_readers(np.zeros(2), 0.0)
    found = random_readers.random_readers(np.zeros(3), 0.0)
    assert [found.p_value, found.p_equivalence, found.low, found.high] == [1, 0, 0, 0]


@pytest.mark.parametrize(("readers", "cases"), [(3, 60), (6, 120)])
def test_intervals_cover_for_new_readers_and_new_cases(readers, cases):
    rng = np.random.default_rng(1)
    inside = 0
    for _ in range(1000):
        skill = 0.06 * rng.normal(size=(readers, 1))
        case = rng.normal(size=cases)
        values = 0.5 + skill + 0.4 * case + 0.5 * rng.normal(size=(readers, cases))
        merit = values.mean(axis=1)
        influence = (values - merit[:, None]) / np.sqrt(cases * (cases - 1))
        covariance = random_readers.reader_covariance(influence)
        found = random_readers.random_readers(merit, covariance)
        inside += int(found.low <= 0.5 <= found.high)
    assert 0.93 <= inside / 1000 <= 0.985  # measured 93.2 and 95.0 %
