"""Kappa of pairs: values of scikit-learn, clustered intervals."""

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from cxrcompare.evaluation.readers import kappa

FIRST, SECOND = np.array([0, 0, 1]), np.array([1, 2, 2])


def test_kappa_equals_scikit_learn_and_the_jackknife():
    rng = np.random.default_rng(0)
    patients = rng.integers(0, 150, 300)
    patients = np.unique(patients, return_inverse=True)[1]
    latent = rng.normal(size=300) + rng.normal(size=150)[patients % 150]
    calls = np.array([latent + rng.normal(size=300) > limit for limit in (0.0, 0.5, 1.0)])
    found = kappa.pairs(calls, patients, FIRST, SECOND)
    for q, (i, j) in enumerate(zip(FIRST, SECOND, strict=True)):
        assert found.kappa[q] == pytest.approx(cohen_kappa_score(calls[i], calls[j]))
        assert found.agreement[q] == pytest.approx((calls[i] == calls[j]).mean())
        left_out = [
            cohen_kappa_score(calls[i][patients != p], calls[j][patients != p])
            for p in range(patients.max() + 1)
        ]
        groups = len(left_out)
        jackknife = np.sqrt((groups - 1) / groups * np.sum((left_out - np.mean(left_out)) ** 2))
        assert np.sqrt(np.sum(found.influence[q] ** 2)) == pytest.approx(jackknife, rel=0.03)
    assert found.patients == len(np.unique(patients))


def test_constant_calls_have_no_kappa():
    calls = np.array([[True] * 4, [True] * 4, [True, False, True, False]])
    found = kappa.pairs(calls, np.arange(4), FIRST, SECOND)
    assert np.isnan(found.kappa[0])
    assert found.kappa[1:] == pytest.approx([0, 0])
    assert found.agreement == pytest.approx([1, 0.5, 0.5])


def test_intervals_cover_with_several_units_per_patient():
    rng = np.random.default_rng(1)
    patients, shape = np.repeat(np.arange(150), 2), (2, 300)

    def draw(count):
        person = rng.normal(size=count)
        latent = np.repeat(person, 2) + 0.7 * rng.normal(size=2 * count)
        return latent + 0.8 * rng.normal(size=(2, 2 * count)) > 0.9

    many = draw(200_000)
    truth = cohen_kappa_score(*many)
    inside = 0
    for _ in range(1000):
        calls = draw(150)
        assert calls.shape == shape
        found = kappa.pairs(calls, patients, np.array([0]), np.array([1]))
        low, high = kappa.interval(found.kappa, found.influence, found.patients)
        inside += int(low[0] <= truth <= high[0])
    assert 0.93 <= inside / 1000 <= 0.97  # measured 0.947
