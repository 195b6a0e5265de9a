"""AUPRC with few patients: effects of added patients, intervals, tests; and simulations."""

import dataclasses

import numpy as np
import pytest
from scipy import special

from cxrcompare.evaluation import metrics
from cxrcompare.evaluation.influence import auprc_influence, auprc_tests, influence_tests


def estimate(labels, scores, eligible=(True,)):
    models = [[m] for m in range(len(scores))]
    patients = np.arange(len(labels))
    return auprc_influence.estimate(labels, scores, patients, models, np.array(eligible))


def binormal(rng, studies, prevalence, aurocs, spread=1.0, correlation=0.7):
    labels = (rng.random(studies) < prevalence).astype(float)
    own = rng.normal(size=(len(aurocs), studies))
    noise = np.sqrt(correlation) * rng.normal(size=studies) + np.sqrt(1 - correlation) * own
    shift = np.sqrt(1 + spread**2) * special.ndtri(np.array(aurocs))[:, None]
    return labels[:, None], np.where(labels == 1, shift + spread * noise, noise)[:, :, None]


@pytest.mark.parametrize("levels", [None, 1, 0])
def test_effects_are_derivatives_by_the_weight_of_added_units(levels):
    """Without ties, with scores rounded to whole numbers, and with a constant score."""
    rng = np.random.default_rng(0)
    labels, scores = binormal(rng, 50, 0.3, [0.8])
    scores = scores if levels is None else levels * np.clip(scores.round(), -1, 1)
    label, score = labels[:, 0], scores[0, :, 0]
    positives, negatives = int(label.sum()), int((1 - label).sum())
    found = estimate(labels, scores).effects[0, :3, 0]
    above = score.max() + (levels is None)
    added = [  # scores of added units, their label, and the number of patients of the class
        (score[label == 0], 1.0, positives),
        (score[label == 1], 0.0, negatives),
        (np.array([above]), 1.0, positives),
    ]
    for effect, (at, kind, number) in zip(found, added, strict=True):
        step = 1e-6
        weights = np.r_[np.ones(50), np.full(len(at), step * number / len(at))]
        changed = metrics.auprc(np.r_[label, np.full(len(at), kind)], np.r_[score, at], weights)
        slope = (changed - metrics.auprc(label, score)) / step
        assert effect == pytest.approx(slope, abs=1e-4)


def test_intervals_are_wider_with_few_patients_and_equal_with_many():
    rng = np.random.default_rng(1)
    for studies, wider in ((60, True), (20_000, False)):
        found = estimate(*binormal(rng, studies, 0.25, [0.7, 0.9]))
        low, high = auprc_tests.intervals(found)
        plain = np.array(influence_tests.intervals(found))
        assert (low < found.value).all()
        assert (found.value < high).all()
        assert (low <= plain[0]).all()
        assert (high >= plain[1]).all()
        assert (high - low > 1.005 * np.ptp(plain, axis=0)).all() == wider


def test_a_constant_score_has_the_interval_of_the_prevalence():
    labels = (np.arange(600) < 13).astype(float)[:, None]
    found = estimate(labels, np.zeros((1, 600, 1)))
    low, high = auprc_tests.intervals(found)
    plain = influence_tests.intervals(found)
    assert low == pytest.approx(plain[0], rel=0.1)
    assert high == pytest.approx(plain[1], rel=0.01)


def test_a_perfect_auprc_has_an_interval():
    labels = (np.arange(40) < 12).astype(float)[:, None]
    found = estimate(labels, labels[None])
    low, high = auprc_tests.intervals(found)
    assert (high == 1).all()
    assert ((low > 0.5) & (low < 0.99)).all()


def test_differences_of_models_that_rank_equally_are_exactly_zero():
    rng = np.random.default_rng(2)
    labels, scores = binormal(rng, 200, 0.1, [0.8])
    scores = np.concatenate([scores, np.exp(scores), scores + rng.normal(size=scores.shape)])
    test = auprc_tests.differences(estimate(labels, scores), np.array([0, 0]), np.array([1, 2]))
    assert test.alike[0].all()
    assert (test.p_value[0] == 1).all()
    assert not test.alike[1].any()


def test_added_variance_of_a_difference_by_hand():
    rng = np.random.default_rng(3)
    labels, scores = binormal(rng, 150, 0.1, [0.7, 0.9])
    found = estimate(labels, scores)
    positives, negatives = labels.sum(), (1 - labels).sum()
    order = np.argsort(found.value[:, 0])
    lower, higher = (found.effects[0, :, m] for m in order)
    part = found.parts[0, 1]
    r = part[0, 1] / np.sqrt(part[0, 0] * part[1, 1])
    own, other = part[order[1], order[1]], part[order[0], order[0]]
    wide = own + 3 * higher[1] ** 2 / negatives**2
    expected = wide + other - 2 * r * np.sqrt(wide * other)  # of the negatives
    expected -= own + other - 2 * part[0, 1]
    assert expected > 0
    expected += 0.2 * lower[2] ** 2 / positives**2
    for pair in ((0, 1), (1, 0)):
        pair = np.array([pair[0]]), np.array([pair[1]])
        more = auprc_tests.differences(found, *pair).patient_variance
        plain = influence_tests.differences(found, *pair).patient_variance
        assert more[0] - plain[0] == pytest.approx([expected] * 3)


def true_auprc(auroc, prevalence, spread):
    cut = np.linspace(-9, 14, 4001)
    apart = np.sqrt(1 + spread**2) * special.ndtri(auroc)
    hits, alarms = special.ndtr((apart - cut) / spread), special.ndtr(-cut)
    shares = prevalence * hits, (1 - prevalence) * alarms
    precision = shares[0] / (shares[0] + shares[1])
    return float(-np.sum(np.diff(hits) * (precision[1:] + precision[:-1]) / 2))


@pytest.mark.parametrize(
    ("prevalence", "auroc", "spread"), [(0.3, 0.95, 0.5), (0.02, 0.75, 1), (0.02, 0.6, 2)]
)
def test_simulated_coverage_with_fifteen_positives(prevalence, auroc, spread):
    """The interval without added patients covers 88 to 93 %."""
    rng, sets, inside = np.random.default_rng(4), 300, []
    truth = true_auprc(auroc, prevalence, spread)
    for _ in range(sets):
        labels, scores = binormal(rng, int(15 / prevalence), prevalence, [auroc], spread)
        if labels.sum() >= 10:
            low, high = auprc_tests.intervals(estimate(labels, scores))
            inside.append(low[0, 0] <= truth <= high[0, 0])
    assert np.mean(inside) >= 0.95 - 2 * np.sqrt(0.05 * 0.95 / len(inside))


def rare_findings(rng, aurocs, spread=1.0):
    """Ten findings with 15 positives of 500 each."""
    drawn = [binormal(rng, 500, 0.03, aurocs, spread) for _ in range(10)]
    labels, scores = (np.concatenate(part, axis=-1) for part in zip(*drawn, strict=True))
    return labels, scores, labels.sum(axis=0) >= 10


def test_the_mean_of_rare_findings_is_corrected_for_bias():
    labels, scores, eligible = rare_findings(np.random.default_rng(6), [0.8, 0.7])
    found = estimate(labels, scores, eligible)
    low = auprc_tests.intervals(found)[0][:, 10]
    bias = 1.5 * found.effects[:10, 3][eligible].mean(axis=0)
    shift = bias / (found.value[:, 10] * (1 - found.value[:, 10]))
    without = dataclasses.replace(found, effects=found.effects * np.array([[1], [1], [1], [0]]))
    high = auprc_tests.intervals(without)[0][:, 10]
    assert (bias > 0).all()
    assert special.logit(high) - special.logit(low) == pytest.approx(shift)
    pair = np.array([0]), np.array([1])
    more = auprc_tests.differences(found, *pair).patient_variance
    less = auprc_tests.differences(without, *pair).patient_variance
    assert more[0, 10] - less[0, 10] == pytest.approx((bias[0] - bias[1]) ** 2)
    assert np.delete(more, 10) == pytest.approx(np.delete(less, 10))


def test_simulated_coverage_of_the_mean_of_rare_findings():
    """Without the correction of the bias it covers 79 %, without added patients too 62 %."""
    rng, sets, inside = np.random.default_rng(7), 60, []
    truth = true_auprc(0.8, 0.03, 1)
    for _ in range(sets):
        low, high = auprc_tests.intervals(estimate(*rare_findings(rng, [0.8, 0.8])))
        inside += ((low[:, 10] <= truth) & (truth <= high[:, 10])).tolist()
    assert np.mean(inside) >= 0.95 - 2.5 * np.sqrt(0.05 * 0.95 / sets)


def test_simulated_size_with_fifteen_positives_of_equal_models():
    rng, rejected = np.random.default_rng(5), []
    for _ in range(400):
        labels, scores = binormal(rng, 300, 0.05, [0.85, 0.85])
        if labels.sum() >= 10:
            found = estimate(labels, scores)
            p = auprc_tests.differences(found, np.array([0]), np.array([1])).p_value
            rejected.append(p[0, 0] < 0.05)
    assert np.mean(rejected) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / len(rejected))
