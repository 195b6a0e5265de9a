"""Patients that are added to estimates, by hand."""

import numpy as np
import pytest

from cxrcompare.evaluation.auroc import auroc_tests
from cxrcompare.evaluation.influence.added_patients import with_patients


def test_half_a_positive_at_chance_by_hand():
    """Two findings of one model; half a patient is added to the positives of the first one."""
    rng = np.random.default_rng(0)
    labels = (np.arange(60) < np.array([[12], [20]])).T.astype(float)
    scores = (labels + rng.normal(size=(60, 2)))[None]
    found = auroc_tests.estimate(labels, scores, np.arange(60), [[0]], np.ones(2, bool))
    effects, number = np.zeros((2, 2, 1)), np.zeros((2, 2))
    effects[0, 0, 0], number[0, 0] = 0.5 - found.value[0, 0], 0.5
    more = with_patients(found, effects, number)
    negatives = scores[0, labels[:, 0] == 0, 0]
    placed = np.array([(negatives < one).mean() for one in scores[0, labels[:, 0] == 1, 0]])
    values, weights = np.r_[placed, 0.5], np.r_[np.ones(12), 0.5]
    mean = np.average(values, weights=weights)
    # the variance of a mean of 12.5 patients, of whom half a one has the value 0.5
    variance = weights @ (values - mean) ** 2 / 11.5 / 12.5
    assert more.value[0, 0] == pytest.approx(mean)
    assert more.parts[0, 0, 0, 0] == pytest.approx(variance)
    assert more.patients.tolist() == [[12.5, 48], [20, 40]]
    gained = variance - found.parts[0, 0, 0, 0]
    assert more.covariance[0, 0, 0] == pytest.approx(found.covariance[0, 0, 0] + gained)
    assert more.covariance[1] == found.covariance[1]
    assert more.covariance[2, 0, 0] == pytest.approx(found.covariance[2, 0, 0] + gained / 4)
    assert more.value[0, 2] == pytest.approx((mean + found.value[0, 1]) / 2)


def test_no_patients_change_nothing():
    labels = (np.arange(30) < 12).astype(float)[:, None]
    scores = np.random.default_rng(1).normal(size=(2, 30, 1))
    found = auroc_tests.estimate(labels, scores, np.arange(30), [[0], [1]], np.ones(1, bool))
    same = with_patients(found, np.ones((1, 2, 2)), np.zeros((1, 2)))
    assert (same.value == found.value).all()
    assert (same.covariance == found.covariance).all()
