"""The smoothed calibration error: a slow reference, no bias, size and coverage by simulation."""

import numpy as np
import pytest
from scipy import special

from cxrcompare.evaluation.probabilities import smooth_calibration
from cxrcompare.evaluation.probabilities.smooth_calibration import BANDWIDTH


def slow(labels, probabilities, patients):
    angle = np.arcsin(np.sqrt(probabilities))
    top = bottom = 0.0
    for i in range(len(labels)):
        for j in range(len(labels)):
            if patients[i] == patients[j]:
                continue
            kernel = np.exp(-0.5 * ((angle[i] - angle[j]) / BANDWIDTH) ** 2)
            top += (labels[i] - probabilities[i]) * (labels[j] - probabilities[j]) * kernel
            bottom += kernel
    return top / bottom


def drawn(rng, patients, per, shift=0.0):
    """Returns labels and the calibrated logits of units, `per` of each patient."""
    group = np.repeat(np.arange(patients), per)
    logit = -1.5 + 0.7 * (rng.normal(size=patients)[group] + rng.normal(size=patients * per))
    label = (rng.random(patients * per) < special.expit(logit)).astype(float)
    return label, logit + shift, group


def test_it_equals_a_sum_over_all_pairs():
    label, logit, group = drawn(np.random.default_rng(0), 40, 3, 0.5)
    score = special.expit(logit)
    found = smooth_calibration.estimate(label, score[None], group, [[0]])
    assert found.value[0] == pytest.approx(slow(label, score, group), rel=1e-2)
    label[:5] = np.nan
    kept = ~np.isnan(label)
    some = smooth_calibration.estimate(label, score[None], group, [[0]])
    assert some.value[0] == pytest.approx(slow(label[kept], score[kept], group[kept]), rel=1e-2)


def test_the_order_of_the_units_does_not_matter():
    label, logit, group = drawn(np.random.default_rng(1), 30, 4, 0.3)
    label[7] = np.nan
    order = np.random.default_rng(2).permutation(len(label))
    score = special.expit(logit)
    found = smooth_calibration.estimate(label, score[None], group, [[0]])
    moved = smooth_calibration.estimate(label[order], score[None, order], group[order], [[0]])
    assert moved.value == pytest.approx(found.value, rel=1e-12)
    np.testing.assert_allclose(moved.influence, found.influence, atol=1e-15)
    np.testing.assert_allclose(moved.features[0], found.features[0], atol=1e-15)


def test_a_shift_of_all_probabilities_is_the_error():
    rng = np.random.default_rng(1)
    true = rng.uniform(0.2, 0.6, 20_000)
    label = (rng.random(20_000) < true).astype(float)
    found = smooth_calibration.estimate(label, true[None] + 0.1, np.arange(20_000), [[0]])
    assert smooth_calibration.root(found.value)[0] == pytest.approx(0.1, abs=0.01)


def test_seeds_are_averaged_and_equal_models_do_not_differ():
    label, logit, group = drawn(np.random.default_rng(2), 60, 2)
    scores = special.expit(np.stack([logit, logit + 0.3, logit - 0.4]))
    one = smooth_calibration.estimate(label, scores, group, [[0], [1], [2]])
    seeds = smooth_calibration.estimate(label, scores, group, [[0, 1, 2], [0, 1]])
    assert seeds.value[0] == pytest.approx(one.value.mean())
    assert np.isnan(smooth_calibration.differences(seeds, [0], [1]).p_value[0])  # two seeds
    same = smooth_calibration.estimate(label, scores[[0, 0]], group, [[0], [1]])
    assert smooth_calibration.differences(same, [0], [1]).p_value[0] == 1.0


def test_calibrated_models_simulation():
    """No bias, the interval contains 0, and both tests keep their level."""
    rng = np.random.default_rng(3)
    values, contains, rejected, different = [], [], [], []
    rounds = 400
    for _ in range(rounds):
        label, logit, group = drawn(rng, 200, 2)
        # the second model knows only the prevalence given a coarse class of the logit
        coarse = np.array([calibrated_class(one) for one in np.digitize(logit, CUTS)])
        scores = np.stack([special.expit(logit), coarse])
        found = smooth_calibration.estimate(label, scores, group, [[0], [1]])
        own = smooth_calibration.intervals(found)
        values.append(found.value)
        contains.append((own.low <= 0) & (own.high >= 0))
        rejected.append(own.p_value < 0.05)
        different.append(smooth_calibration.differences(found, [0], [1]).p_value[0] < 0.05)
    mean, error = np.mean(values, axis=0), np.std(values, axis=0) / np.sqrt(rounds)
    assert (np.abs(mean) < 3.5 * error).all()
    assert (np.mean(contains, axis=0) >= 0.9).all()
    assert (np.mean(rejected, axis=0) <= 0.08).all()
    assert np.mean(different) <= 0.07


CUTS = (-2.0, -1.0)
_LOGITS = -1.5 + 0.7 * np.sqrt(2) * special.ndtri((np.arange(100_000) + 0.5) / 100_000)
_SHARES = [special.expit(_LOGITS[np.digitize(_LOGITS, CUTS) == k]).mean() for k in range(3)]


def calibrated_class(index):
    return _SHARES[index]


def test_an_interval_covers_the_error_of_a_shifted_model():
    rng = np.random.default_rng(4)
    ends, values = [], []
    for _ in range(300):
        label, logit, group = drawn(rng, 200, 2, 0.6)
        found = smooth_calibration.estimate(label, special.expit(logit)[None], group, [[0]])
        own = smooth_calibration.intervals(found)
        values.append(found.value[0])
        ends.append((own.low[0], own.high[0]))
    low, high = np.array(ends).T
    truth = np.mean(values)
    assert 0.9 <= np.mean((low <= truth) & (truth <= high)) <= 0.98


def test_one_patient_is_refused():
    with pytest.raises(ValueError, match="two patients"):
        smooth_calibration.estimate(np.ones(3), np.full((1, 3), 0.5), np.zeros(3), [[0]])
