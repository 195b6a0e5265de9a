"""AUPRC: the influence of a unit against the derivative by its weight, and simulations."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from cxrcompare.evaluation import metrics
from cxrcompare.evaluation.influence import auprc_influence, clusters, influence_tests


def test_the_value_and_the_derivative_by_weights():
    rng = np.random.default_rng(0)
    labels = (rng.random(40) < 0.3).astype(float)
    labels[:3] = np.nan
    scores = (np.nan_to_num(labels) + rng.normal(size=(2, 40))).round(1)  # with ties
    found = auprc_influence.influences(labels, scores, np.arange(40))
    known = ~np.isnan(labels)
    positives = int((labels == 1).sum())
    scale = {1: positives, 0: int((labels == 0).sum())}
    for m in range(2):
        expected = average_precision_score(labels[known], scores[m, known])
        assert found.value[m] == pytest.approx(expected)
        for unit in range(3, 40):
            up, down = np.ones(40), np.ones(40)
            up[unit], down[unit] = 1 + 1e-5, 1 - 1e-5
            slope = metrics.auprc(labels, scores[m], up) - metrics.auprc(labels, scores[m], down)
            n = scale[int(labels[unit])]
            own = found.sides[:, m, unit].sum() / np.sqrt(n / (n - 1))
            assert own == pytest.approx(slope / 2e-5, abs=1e-7)
    assert (found.sides[:, :, :3] == 0).all()


def test_the_bias_is_that_of_leaving_out_each_unit():
    rng = np.random.default_rng(3)
    labels = (rng.random(40) < 0.3).astype(float)
    for scores in (labels + rng.normal(size=40), (labels + rng.normal(size=40)).round()):
        found = auprc_influence.influences(labels, scores[None], np.arange(40))
        left = [
            average_precision_score(np.delete(labels, unit), np.delete(scores, unit))
            for unit in range(40)
        ]
        expected = 39 * (np.mean(left) - average_precision_score(labels, scores))
        assert found.effects[3, 0] == pytest.approx(expected)
        # patients of two units each: half as many patients, twice the bias
        pairs = auprc_influence.influences(labels, scores[None], np.arange(40) // 2)
        times = labels.sum() / pairs.patients[0]
        assert pairs.effects[3, 0] == pytest.approx(times * expected)


def test_units_of_a_patient_are_added():
    rng = np.random.default_rng(1)
    labels = (rng.random(60) < 0.4).astype(float)
    scores = labels + rng.normal(size=(1, 60))
    single = auprc_influence.influences(labels, scores, np.arange(60))
    double = auprc_influence.influences(labels, scores, np.arange(60) // 2)
    for side, cls in ((0, 1), (1, 0)):
        units = int((labels == cls).sum())
        number = np.bincount((np.arange(60) // 2)[labels == cls], minlength=30)
        factor = clusters.scales(number) / np.sqrt(units / (units - 1))
        added = single.sides[side, 0].reshape(30, 2).sum(axis=1)
        np.testing.assert_allclose(double.sides[side, 0], factor * added, atol=1e-12)


def test_one_class_and_one_positive_are_undefined():
    scores = np.arange(5.0)[None]
    assert np.isnan(auprc_influence.influences(np.zeros(5), scores, np.arange(5)).value).all()
    one = auprc_influence.influences(np.array([0.0, 0, 0, 1, 0]), scores, np.arange(5))
    assert one.value[0] == 0.5
    assert np.isnan(one.sides).all()


def test_the_variance_is_that_of_the_bootstrap():
    rng = np.random.default_rng(2)
    labels = (rng.random(400) < 0.2).astype(float)
    scores = 1.5 * labels + rng.normal(size=(2, 400))
    found = auprc_influence.estimate(
        labels[:, None], scores[:, :, None], np.arange(400), [[0], [1]], np.array([True])
    )
    drawn = []
    for _ in range(600):
        weights = np.bincount(rng.integers(0, 400, 400), minlength=400)
        drawn.append([metrics.auprc(labels, one, weights) for one in scores])
    errors = np.std(drawn, axis=0)
    assert found.patient_sd[:, 0] == pytest.approx(errors, rel=0.1)
    test = influence_tests.differences(found, np.array([0]), np.array([1]))
    apart = np.std(np.diff(drawn, axis=1))
    assert test.standard_error[0] == pytest.approx([apart] * 3, rel=0.1)
