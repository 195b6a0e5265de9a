"""The noise of chosen thresholds in intervals and tests, held against simulated truth."""

import numpy as np
import pytest
from scipy.stats import norm

from cxrcompare.evaluation import intervals, metrics
from cxrcompare.evaluation.bootstrap import decision_replicates, resampling

pytestmark = pytest.mark.slow
MODELS, SETS, REPLICATES = 2, 400, 300
PREVALENCE = 0.1
SHIFT = np.sqrt(2) * norm.ppf(0.85)  # AUROC .85
YOUDEN = SHIFT / 2  # where the two normal densities are equal


def study(rng, units):
    """Returns labels (N, sets) and scores (models, N, sets) of models with one ROC curve."""
    labels = (rng.random((units, SETS)) < PREVALENCE).astype(float)
    common = np.sqrt(0.7) * rng.normal(size=(units, SETS))
    own = np.sqrt(0.3) * rng.normal(size=(MODELS, units, SETS))
    return labels, SHIFT * labels + common + own


@pytest.fixture(scope="module")
def rates():
    """Returns rates with chosen thresholds: replicates with their noise, and without it."""
    rng = np.random.default_rng(0)
    chosen_on, tested_on = study(rng, 200), study(rng, 500)
    valid = resampling.draw(np.arange(200), REPLICATES, rng)
    test = resampling.draw(np.arange(500), REPLICATES, rng)
    whole = resampling.whole(np.arange(200))
    frozen = decision_replicates.choose_thresholds(*chosen_on, whole)[0]
    noisy = decision_replicates.choose_thresholds(*chosen_on, valid)
    noisy = np.where(np.isnan(noisy), frozen, noisy)
    return [
        metrics.rates(decision_replicates.decision_counts(*tested_on, limits, test))
        for limits in (noisy, frozen)
    ]


def size(replicates):
    """Returns the share of sets in which the paired test at 5 % finds a difference."""
    return np.mean(intervals.p_value(replicates[:, 0] - replicates[:, 1]) <= 0.05)


@pytest.mark.parametrize("metric", ["sensitivity", "specificity", "precision", "accuracy", "f1"])
def test_equal_models_differ_in_at_most_5_percent(metric, rates):
    noisy, frozen = rates
    assert size(noisy[metric]) <= 0.05
    assert size(frozen[metric]) > 0.15  # without the noise the test is wrong


@pytest.mark.parametrize("metric", ["sensitivity", "specificity", "precision"])
def test_intervals_hold_the_value_at_the_best_threshold(metric, rates):
    cells = [
        PREVALENCE * norm.sf(YOUDEN - SHIFT),
        (1 - PREVALENCE) * norm.sf(YOUDEN),
        PREVALENCE * norm.cdf(YOUDEN - SHIFT),
        (1 - PREVALENCE) * norm.cdf(YOUDEN),
    ]
    truth = metrics.rates(np.array(cells))[metric]
    covered = []
    for replicates in rates:
        low, high = intervals.percentile(replicates[metric])
        covered.append(np.mean((low <= truth) & (truth <= high)))
    assert 0.92 <= covered[0] <= 0.99
    assert covered[1] < 0.85
