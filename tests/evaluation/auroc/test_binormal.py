"""The variance of binormal placement values, and what it adds where patients are few."""

import numpy as np
import pytest
from scipy import special

from cxrcompare.evaluation.auroc import auroc_tests, binormal
from cxrcompare.evaluation.influence import influence_tests


def estimate(labels, scores):
    models = [[m] for m in range(len(scores))]
    every = np.ones(labels.shape[1], dtype=bool)
    return auroc_tests.estimate(labels, scores, np.arange(len(labels)), models, every, pooled=True)


@pytest.mark.parametrize("auroc", [0.3, 0.5, 0.85, 0.99])
def test_placement_variance_is_that_of_normal_scores(auroc):
    z = special.ndtri((np.arange(200_000) + 0.5) / 200_000)
    values = special.ndtr(z + np.sqrt(2) * special.ndtri(auroc))
    assert binormal.placement_variance(np.array(auroc)) == pytest.approx(values.var(), rel=1e-3)


def test_placement_variance_at_its_ends():
    # at chance, placements are uniform on [0, 1]; at perfect separation they are all 1
    assert binormal.placement_variance(np.array([0.5, 1.0, 0.0])) == pytest.approx([1 / 12, 0, 0])


def test_added_variance_by_hand():
    """Two models with 3 positives of 43: only the positives' placements spread too little."""
    labels = (np.arange(43) < 3).astype(float)[:, None]
    negatives = np.arange(40.0)
    first = np.r_[31.5, 30.5, 32.5, negatives][:, None]
    second = np.r_[20.5, 30.5, 31.5, negatives][:, None]
    found = estimate(labels, np.stack([first, second]))
    # placements of positives: 32, 31, 33 of 40 and 21, 31, 32 of 40
    a, b = np.array([32, 31, 33]) / 40, np.array([21, 31, 32]) / 40
    assert found.value[:, 0] == pytest.approx([a.mean(), b.mean()])
    null = float(binormal.placement_variance((a.mean() + b.mean()) / 2))
    own = np.var(a, ddof=1), np.var(b, ddof=1)
    # relative to binormal scores, the lower model's placements spread more: no ratio of shapes
    relative = [
        v / float(binormal.placement_variance(x.mean())) for v, x in zip(own, (a, b), strict=True)
    ]
    assert relative[0] < relative[1]
    wide = [(3 * v + 20 * max(v, null)) / 23 for v in own]
    r = np.corrcoef(a, b)[0, 1]
    expected = wide[0] + wide[1] - 2 * r * np.sqrt(wide[0] * wide[1]) - np.var(a - b, ddof=1)
    added = binormal.added_variance(found, np.array([0]), np.array([1]))
    assert added.shape == (2, 2, 1)  # the finding and all pooled; sides; pairs
    assert added[0, 0, 0] == pytest.approx(expected / 3)
    assert added[1] == pytest.approx(added[0])  # one finding: all pooled is that finding
    test = auroc_tests.differences(found, np.array([0]), np.array([1]))
    plain = influence_tests.differences(found, np.array([0]), np.array([1]))
    gained = test.patient_variance - plain.patient_variance
    assert gained[0] == pytest.approx([added[0].sum()] * 3)


def test_the_higher_model_of_another_shape_has_more_variance_by_hand():
    """The lower model's positives spread little: the higher one may hide a tail."""
    labels = (np.arange(43) < 3).astype(float)[:, None]
    negatives = np.arange(40.0)
    first = np.r_[38.5, 30.5, 35.5, negatives][:, None]
    second = np.r_[28.5, 30.5, 29.5, negatives][:, None]
    found = estimate(labels, np.stack([first, second]))
    a, b = np.array([39, 31, 36]) / 40, np.array([29, 31, 30]) / 40
    own = np.var(a, ddof=1), np.var(b, ddof=1)
    null = float(binormal.placement_variance((a.mean() + b.mean()) / 2))
    relative = [
        v / float(binormal.placement_variance(x.mean())) for v, x in zip(own, (a, b), strict=True)
    ]
    ratio = min(relative[0] / relative[1], 8)
    assert ratio > 1
    wide = [(3 * v + 20 * max(v, n)) / 23 for v, n in zip(own, (ratio * null, null), strict=True)]
    r = np.corrcoef(a, b)[0, 1]
    expected = wide[0] + wide[1] - 2 * r * np.sqrt(wide[0] * wide[1]) - np.var(a - b, ddof=1)
    there, back = np.array([0]), np.array([1])
    assert binormal.added_variance(found, there, back)[0, 0, 0] == pytest.approx(expected / 3)
    assert binormal.added_variance(found, back, there)[0, 0, 0] == pytest.approx(expected / 3)


def test_nothing_is_added_to_equal_constant_or_perfect_models():
    labels = (np.arange(60) < 12).astype(float)[:, None]
    noise = labels + np.random.default_rng(0).normal(size=(60, 1))
    scores = np.stack([noise, 2 * noise, np.zeros((60, 1)), labels, labels])
    found = estimate(labels, scores)
    first, second = np.array([0, 0, 3]), np.array([1, 2, 4])
    assert binormal.added_variance(found, first, second) == pytest.approx(0, abs=1e-15)
    assert auroc_tests.differences(found, first, second).alike[0].all()


def test_hundreds_of_patients_add_little_and_pooled_findings_nothing():
    rng = np.random.default_rng(1)
    labels = (rng.random((4000, 2)) < 0.25).astype(float)
    scores = 1.5 * labels * np.array([0.5, 1])[:, None, None] + rng.normal(size=(2, 4000, 2))
    found = estimate(labels, scores)
    pair = np.array([0]), np.array([1])
    added = binormal.added_variance(found, *pair)
    assert (added[2] == 0).all()
    plain = influence_tests.differences(found, *pair).standard_error
    assert auroc_tests.differences(found, *pair).standard_error == pytest.approx(plain, rel=0.01)


@pytest.mark.parametrize(
    ("wide", "spread", "auroc"), [(1, 0.5, 0.93), (1, 0.25, 0.85), (2, 0.5, 0.85)]
)
def test_simulated_size_with_twelve_positives_of_different_spread(wide, spread, auroc):
    """A t-test without the added variance rejects in 12 to 13 % of sets."""
    rng, sets, rejected = np.random.default_rng(3), 400, 0
    labels = (np.arange(212) < 12).astype(float)[:, None]
    shift = [np.sqrt(1 + one**2) * special.ndtri(auroc) for one in (wide, spread)]
    for _ in range(sets):
        shared, own = rng.normal(size=(1, 212, 1)), rng.normal(size=(2, 212, 1))
        noise = np.sqrt(0.7) * shared + np.sqrt(0.3) * own
        first = np.where(labels == 1, shift[0] + wide * noise[0], noise[0])
        second = np.where(labels == 1, shift[1] + spread * noise[1], noise[1])
        found = estimate(labels, np.stack([first, second]))
        test = auroc_tests.differences(found, np.array([0]), np.array([1]))
        rejected += test.p_value[0, 0] < 0.05
    assert rejected / sets <= 0.05 + 1.5 * np.sqrt(0.05 * 0.95 / sets)
