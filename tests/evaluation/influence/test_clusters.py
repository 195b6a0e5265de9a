"""Patients with several units: effective numbers and the jackknife."""

import numpy as np
import pytest

from cxrcompare.evaluation.influence import clusters


def test_effective_number_by_hand():
    assert clusters.effective_number(np.array([3, 3, 0, 3])) == pytest.approx(3)
    # 30 patients of one unit and one of 30: 60^2 / (30 + 900)
    assert clusters.effective_number(np.append(np.ones(30), 30)) == pytest.approx(3600 / 930)
    assert clusters.effective_number(np.zeros(4)) == 0


def test_scales_give_the_jackknife_variance_of_a_mean():
    rng = np.random.default_rng(0)
    units = np.array([1, 4, 2, 1, 7])
    patients = np.repeat(np.arange(5), units)
    values = rng.normal(size=15)
    mean = values.mean()
    deviations = np.bincount(patients, values - mean) / 15 * clusters.scales(units)
    left_out = np.array([values[patients != patient].mean() for patient in range(5)])
    assert np.sum(deviations**2) == pytest.approx(4 / 5 * np.sum((left_out - mean) ** 2))


def test_scales_of_equal_patients_are_those_of_a_sample():
    assert clusters.scales(np.full(10, 3)) == pytest.approx(np.sqrt(10 / 9))
    assert np.isnan(clusters.scales(np.array([5, 0]))).all()
