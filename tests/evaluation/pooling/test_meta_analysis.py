"""Random-effects meta-analysis: published values, invariances, error rates."""

import numpy as np
import pytest
from scipy import stats

from cxrcompare.evaluation.pooling import meta_analysis

# 13 trials of the BCG vaccine: cases and persons, vaccinated and not (Colditz et al. 1994, doi
# 10.1001/jama.1994.03510330076038); the examples of Viechtbauer 2010, doi 10.18637/jss.v036.i03
TRIALS = np.array(
    [
        (4, 123, 11, 139),
        (6, 306, 29, 303),
        (3, 231, 11, 220),
        (62, 13598, 248, 12867),
        (33, 5069, 47, 5808),
        (180, 1541, 372, 1451),
        (8, 2545, 10, 629),
        (505, 88391, 499, 88391),
        (29, 7499, 45, 7277),
        (17, 1716, 65, 1665),
        (186, 50634, 141, 27338),
        (5, 2498, 3, 2341),
        (27, 16913, 29, 17854),
    ],
    dtype=float,
)


def test_values_of_the_literature():
    a, n, c, m = TRIALS.T
    effects = np.log((a / n) / (c / m))  # log relative risk
    variances = 1 / a - 1 / n + 1 / c - 1 / m
    found = meta_analysis.pool(effects, variances)
    # metafor, rma(yi, vi, test = "knha"): estimate -0.7145, se 0.1807, tau^2 0.3132, Q 152.2330
    assert found.mean == pytest.approx(-0.7145, abs=1e-4)
    assert np.sqrt(found.variance) == pytest.approx(0.1807, abs=1e-4)
    assert found.tau**2 == pytest.approx(0.3132, abs=1e-4)
    assert found.q_statistic == pytest.approx(152.2330, abs=1e-3)
    assert found.i_squared == pytest.approx((152.2330 - 12) / 152.2330, abs=1e-5)
    # confint(): tau^2 from 0.1197 to 1.1115
    assert found.tau_low**2 == pytest.approx(0.1197, abs=1e-3)
    assert found.tau_high**2 == pytest.approx(1.1115, abs=2e-3)


def test_equal_variances_are_an_analysis_of_variance():
    effects = np.array([0.1, 0.4, 0.2, 0.5])
    found = meta_analysis.pool(effects, np.full(4, 0.001))
    assert found.mean == pytest.approx(0.3)
    # between sites and within: var = (0.04 + 0.01 + 0.01 + 0.04) / 3 = 1 / 30
    assert found.tau**2 == pytest.approx(1 / 30 - 0.001)
    assert found.variance == pytest.approx(1 / 30 / 4)
    assert found.weights == pytest.approx([0.25] * 4)


def test_effects_that_are_closer_than_chance_have_the_plain_variance():
    found = meta_analysis.pool(np.array([0.1, 0.1, 0.1]), np.array([0.01, 0.02, 0.02]))
    assert found.tau == found.tau_low == found.i_squared == 0
    assert found.variance == pytest.approx(1 / (100 + 50 + 50))
    assert found.q_p_value == 1


def test_without_heterogeneity_a_prediction_interval_is_about_that_of_the_mean():
    # equal effects and variances: tau is drawn as 0 unless the quantile is below Q = 0
    low, high = meta_analysis.prediction_interval(
        np.full(5, 0.1), np.full(5, 0.01), 0.002, np.random.default_rng(0)
    )
    half = stats.t.ppf(0.975, 4) * np.sqrt(0.01 / 5 + 0.002)
    assert [low, high] == pytest.approx([0.1 - half, 0.1 + half], rel=0.1)


def test_with_many_sites_a_prediction_interval_is_the_normal_one():
    rng = np.random.default_rng(1)
    effects = stats.zscore(rng.normal(size=400), ddof=1) * np.sqrt(0.01 + 0.001) + 0.2
    low, high = meta_analysis.prediction_interval(effects, np.full(400, 0.001), 0.0, rng)
    half = 1.96 * 0.1  # the standard deviation between sites is 0.1
    assert [low, high] == pytest.approx([0.2 - half, 0.2 + half], abs=0.012)


def test_two_sites_are_not_pooled():
    with pytest.raises(ValueError, match=r"must be at least 3\. Received: 2"):
        meta_analysis.pool(np.zeros(2), np.ones(2))


@pytest.mark.parametrize(("sites", "tau"), [(3, 0.0), (4, 0.03), (8, 0.03)])
def test_intervals_cover_and_tests_hold_their_level(sites, tau):
    rng = np.random.default_rng(0)
    rejected = predicted = 0
    runs = 800
    for _ in range(runs):
        variances = rng.uniform(0.0003, 0.002, sites)
        effects = tau * rng.normal(size=sites) + np.sqrt(variances) * rng.normal(size=sites)
        found = meta_analysis.pool(effects, variances)
        t = abs(found.mean) / np.sqrt(found.variance)
        rejected += int(2 * stats.t.sf(t, sites - 1) < 0.05)
        low, high = meta_analysis.prediction_interval(effects, variances, 0.0, rng)
        predicted += int(low <= tau * rng.normal() <= high)
    # measured 0 to 2.9 %, and 95.4 to 100 %
    assert rejected / runs <= 0.05 + 2.5 * np.sqrt(0.05 * 0.95 / runs)
    assert predicted / runs >= 0.92
