from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from cxrcompare.evaluation import intervals
from cxrcompare.evaluation.bootstrap import nested_seeds


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize("rule", nested_seeds.RULES)
@pytest.mark.parametrize("number", [1, 2, 3, 5])
def test_weights_add_up_to_1(rule, number):
    weights = nested_seeds.seed_weights(number, 200, rng(), rule)
    assert weights.shape == (200, number)
    np.testing.assert_allclose(weights.sum(axis=1), 1, atol=1e-12)


@pytest.mark.parametrize("number", [2, 3, 4])
def test_resampled_seeds_vary_as_the_mean_does(number):
    # S - 1 draws from S values: variance of their mean = (S-1)/S s^2 / (S-1) = s^2 / S.
    values = np.array([0.81, 0.84, 0.9, 0.86])[:number]
    means = nested_seeds.seed_weights(number, 60_000, rng(), "resample") @ values
    assert means.mean() == pytest.approx(values.mean(), abs=5e-4)
    assert means.var() == pytest.approx(values.var(ddof=1) / number, rel=0.03)


@pytest.mark.parametrize("number", [2, 3, 5])
def test_student_weights_give_the_t_interval(number):
    # Without patient noise the interval is the mean -+ t(S - 1) s / sqrt(S).
    values = np.array([0.81, 0.84, 0.9, 0.86, 0.8])[:number]
    means = nested_seeds.seed_weights(number, 200_000, rng(), "student") @ values
    low, high = intervals.percentile(means, 0.9)
    half = stats.t.ppf(0.95, number - 1) * values.std(ddof=1) / np.sqrt(number)
    assert low == pytest.approx(values.mean() - half, abs=0.03 * half)
    assert high == pytest.approx(values.mean() + half, abs=0.03 * half)


def test_one_seed_has_no_seed_noise_to_tell():
    replicates = rng().normal(size=(50, 1, 3))
    found = nested_seeds.nested(
        np.zeros((1, 3)), replicates, nested_seeds.seed_weights(1, 50, rng())
    )
    np.testing.assert_array_equal(found.replicates, replicates[:, 0])
    assert np.isnan(found.seed_sd).all()
    np.testing.assert_allclose(found.patient_sd, replicates[:, 0].std(axis=0, ddof=1))


def test_seeds_that_differ_only_by_patient_noise_add_none():
    # Each seed's estimate is its own noise and nothing else: spread 1, wobble 1.
    state = rng(1)
    point = state.normal(size=(3, 4000))
    replicates = point + state.normal(size=(200, 3, 4000))
    found = nested_seeds.nested(point, replicates, nested_seeds.seed_weights(3, 200, state))
    assert np.median(found.seed_sd) < 0.15
    assert found.patient_sd.mean() == pytest.approx(np.sqrt(1 / 3), rel=0.01)


def test_both_noises_are_told_apart():
    # Seeds with standard deviation .3, patients .2 (shared by the seeds): the mean of 4 seeds
    # varies by .3 / 2 = .15 and by .2.
    state = rng(2)
    point = state.normal(0, 0.3, size=(4, 5000))
    replicates = point + state.normal(0, 0.2, size=(300, 1, 5000))
    found = nested_seeds.nested(point, replicates, nested_seeds.seed_weights(4, 300, state))
    assert np.sqrt((found.seed_sd**2).mean()) == pytest.approx(0.15, rel=0.03)
    assert found.patient_sd.mean() == pytest.approx(0.2, rel=0.01)
    np.testing.assert_allclose(found.replicates.std(axis=0).mean() > found.patient_sd.mean(), True)


def test_undefined_replicates_stay_undefined():
    replicates = rng().normal(size=(20, 3, 2))
    replicates[4, 1, 0] = np.nan
    found = nested_seeds.nested(replicates[0], replicates, nested_seeds.seed_weights(3, 20, rng()))
    assert np.argwhere(np.isnan(found.replicates)).tolist() == [[4, 0]]
    assert np.isfinite(found.seed_sd).all()


def test_an_undefined_seed_makes_the_architecture_undefined():
    point = np.array([[0.5, np.nan], [0.6, 0.7]])
    replicates = np.broadcast_to(point, (10, 2, 2))
    found = nested_seeds.nested(point, replicates, nested_seeds.seed_weights(2, 10, rng()))
    assert np.isnan(found.replicates[:, 1]).all()
    assert np.isfinite(found.replicates[:, 0]).all()
    assert np.isnan(found.patient_sd[1])


def test_rules_are_named():
    with pytest.raises(ValueError, match="student"):
        nested_seeds.seed_weights(3, 10, rng(), "bootstrap")
