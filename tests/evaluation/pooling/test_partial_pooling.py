"""Partial pooling over findings: a published example, brute force, limits, calibration."""

import numpy as np
import pytest
from scipy import stats
from scipy.special import ndtr

from cxrcompare.evaluation.pooling import partial_pooling

# Rubin 1981, doi 10.3102/10769986006004377: effects of coaching in eight schools
SCHOOLS = np.array([28.0, 8, -3, 7, -1, 1, 18, 12])
ERRORS = np.array([15.0, 10, 16, 11, 9, 11, 10, 18])


def test_the_eight_schools():
    found = partial_pooling.posterior(SCHOOLS, np.diag(ERRORS**2), None)
    # Gelman et al. 2013, Bayesian Data Analysis, table 5.3: medians 10 8 7 8 5 6 10 8, and 95 %
    # intervals of A from -2 to 31, of C from -11 to 19, of E from -9 to 14, of 200 draws
    assert found.quantile(0.5)[:8] == pytest.approx([10, 8, 7, 8, 5, 6, 10, 8], abs=0.8)
    low, high = found.quantile(0.025), found.quantile(0.975)
    assert low[[0, 2, 4]] == pytest.approx([-2, -11, -9], abs=2)
    assert high[[0, 2, 4]] == pytest.approx([31, 19, 14], abs=3)
    assert found.mean[8] == pytest.approx(8.0, abs=0.3)


def test_correlated_estimates_equal_a_brute_force_posterior():
    rng = np.random.default_rng(0)
    mix = rng.normal(size=(3, 3))
    covariance = 0.0004 * (mix @ mix.T + np.eye(3))
    y, scale = np.array([0.05, -0.01, 0.03]), 0.04
    found = partial_pooling.posterior(y, covariance, scale)
    # every (m, t) on a grid: p(m, t | y), then the normal p(theta | m, t, y) by its precision
    inverse = np.linalg.inv(covariance)
    total = 0.0
    mean, above = np.zeros(4), np.zeros(4)
    for t in 0.002 * (np.arange(120) + 0.5):
        spread = covariance + t**2 * np.eye(3)
        inner = np.linalg.inv(inverse + np.eye(3) / t**2)
        prior = np.exp(-0.5 * (t / scale) ** 2)
        for m in np.linspace(-0.35, 0.4, 151):
            weight = prior * stats.multivariate_normal.pdf(y, np.full(3, m), spread)
            centre = inner @ (inverse @ y + m / t**2)
            total += weight
            mean += weight * np.append(centre, m)
            tail = ndtr((centre - 0.02) / np.sqrt(np.diag(inner)))
            above += weight * np.append(tail, 0.5 * (float(m > 0.0199) + float(m > 0.0201)))
    assert found.mean == pytest.approx(mean / total, abs=1e-4)
    assert found.above(0.02)[:3] == pytest.approx(above[:3] / total, abs=2e-3)
    assert found.above(0.02)[3] == pytest.approx(above[3] / total, abs=3e-3)


def test_a_narrow_prior_pools_completely_and_a_wide_spread_hardly():
    variances = np.array([0.001, 0.002, 0.004])
    y = np.array([0.10, 0.0, -0.05])
    pooled = partial_pooling.posterior(y, np.diag(variances), 1e-6)
    weighted = (y / variances).sum() / (1 / variances).sum()
    assert pooled.mean == pytest.approx([weighted] * 4, abs=1e-6)
    apart = partial_pooling.posterior(100 * y, np.diag(variances), 1000.0)
    assert apart.mean[:3] == pytest.approx(100 * y, abs=1e-2)
    assert apart.quantile(0.975)[0] == pytest.approx(10 + 1.96 * np.sqrt(0.001), abs=1e-3)


def test_the_quantiles_are_those_of_the_probabilities():
    found = partial_pooling.posterior(SCHOOLS, np.diag(ERRORS**2), 10.0)
    for share in (0.025, 0.5, 0.9):
        at = found.quantile(share)
        own = [1 - found.above(bound)[k] for k, bound in enumerate(at)]
        assert own == pytest.approx([share] * 9)
    assert 0 < found.tau_quantile(0.025) < found.tau_quantile(0.5) < found.tau_quantile(0.975)


def test_two_findings_are_refused():
    with pytest.raises(ValueError, match=r"at least 3 findings\. Received: 2"):
        partial_pooling.posterior(np.zeros(2), np.eye(2), None)


@pytest.mark.parametrize("findings", [3, 8])
def test_the_posterior_is_calibrated_where_truths_come_from_the_prior(findings):
    rng = np.random.default_rng(1)
    mix = 0.01 * rng.normal(size=(findings, findings))
    covariance = mix @ mix.T + np.diag(rng.uniform(0.0002, 0.002, findings))
    root = np.linalg.cholesky(covariance)
    scale, runs = 0.03, 1000
    ranks = np.empty((runs, findings + 1))
    for run in range(runs):
        mean, tau = 0.01, abs(scale * rng.normal())
        truth = mean + tau * rng.normal(size=findings)
        found = partial_pooling.posterior(
            truth + root @ rng.normal(size=findings), covariance, scale
        )
        z = (np.append(truth, mean) - found.centres) / found.deviations
        ranks[run] = found.weights @ ndtr(z)
    # the probabilities of the truths are uniform (Talts et al. 2018, arXiv 1804.06788)
    for column in ranks.T:
        assert stats.kstest(column, "uniform").pvalue > 0.001
    inside = ((ranks > 0.025) & (ranks < 0.975)).mean(axis=0)
    assert ((inside > 0.93) & (inside < 0.97)).all()
