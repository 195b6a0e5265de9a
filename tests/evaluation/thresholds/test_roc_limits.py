"""Limits of points of the ROC curve, by hand and against SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from cxrcompare.evaluation.influence.clusters import side_of
from cxrcompare.evaluation.thresholds import roc_limits
from cxrcompare.evaluation.thresholds.roc_curve import Point, curve_of


@pytest.mark.parametrize(("share", "number"), [(0.1, 35), (0.1, 36), (0.1, 500), (0.5, 9)])
def test_a_quantile_lies_between_two_ranks_at_least_as_often_as_stated(share, number):
    first, last = roc_limits.quantile_ranks(share, number, 0.95)
    below = stats.binom(number, share)  # the units below the quantile
    assert below.cdf(first - 1) <= 0.025  # the unit of rank `first` is above it
    assert below.cdf(first) > 0.025
    assert below.sf(last - 1) <= 0.025  # the unit of rank `last` is below it
    assert below.sf(last - 2) > 0.025
    assert (first == 0) == (number == 35)


def test_a_step_of_the_curve_moves_the_rate_by_the_uncertainty_of_the_threshold():
    # 10 positives above all of 40 negatives: whatever the threshold, the sensitivity is 1, so the
    # lower limit is Wilson's; a threshold at the top negative would still be above no positive.
    labels = np.r_[np.ones(10), np.zeros(40)].astype(bool)
    score, patients = np.r_[np.full(10, 2.0), np.linspace(0, 1, 40)], np.arange(50)
    sides = [side_of(labels == side, patients, 50) for side in (True, False)]
    low, high = roc_limits.of_rate(Point.on(curve_of(score, labels), 0.1), *sides, 0.95)
    expected = stats.binomtest(10, 10).proportion_ci(0.95, "wilson")
    assert (low, high) == pytest.approx(tuple(expected))


def test_half_a_patient_more_at_both_ends_of_an_area():
    # Mean sensitivity 1 of 12 positives, no influence: (12 + 0.5) / 13 with its own variance.
    low, high = roc_limits.of_area(1.0, np.zeros((2, 20)), np.array([12.0, 100.0]), 0.1, 0.95)
    share = 12.5 / 13
    variance = (12 * (1 - share) ** 2 + 0.5 * share**2 + 0.5 * (1 - share) ** 2) / 13 / 12
    half = stats.t.ppf(0.975, 12) * np.sqrt(variance) / (share * (1 - share))
    odds = np.exp(np.log(share / (1 - share)) - half)
    mean = odds / (1 + odds)
    assert low == pytest.approx((1 + (0.1 * mean - 0.005) / 0.095) / 2)
    assert high == 1.0
