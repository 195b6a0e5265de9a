"""Corrections for a labeller's error rates: hand-worked values, bootstrap, coverage."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from cxrcompare.evaluation.thresholds import label_noise
from cxrcompare.evaluation.thresholds.label_noise import LabellerRates, mixture

TWO = [[0], [1]]
FIRST, SECOND = np.array([0]), np.array([1])


def test_the_mixture_of_a_small_table():
    # 1,000 units, 200 truly positive; sensitivity 0.9: 180 found; specificity 0.95: 40 false ones
    found = mixture(220 / 1000, 0.9, 0.95)
    assert found.prevalence == pytest.approx(0.2)
    assert found.false_positives == pytest.approx(40 / 220)
    assert found.false_negatives == pytest.approx(20 / 780)
    assert found.kept == pytest.approx(1 - 40 / 220 - 20 / 780)


def test_a_perfect_labeller_changes_nothing():
    found = mixture(0.3, 1, 1)
    assert found == pytest.approx((0.3, 0, 0))
    assert label_noise.corrected_auroc(np.array([0.7]), found) == pytest.approx([0.7])
    rates = label_noise.corrected_rates(np.array([0.8]), np.array([0.1]), found)
    assert np.array(rates)[:, 0] == pytest.approx([0.8, 0.9])


@pytest.mark.parametrize("given", [(0.02, 0.9, 0.9), (0.95, 0.9, 0.9), (0.5, 0.5, 0.5)])
def test_impossible_rates_give_no_estimate(given):
    assert np.isnan(mixture(*given)).all()


def test_the_mixed_classes_are_unmixed_exactly():
    # true classes with 3 and 4 scores, mixed with the weights of the labels
    positive, negative = np.array([0.9, 0.6, 0.4]), np.array([0.7, 0.3, 0.2, 0.1])
    truth = np.mean(positive[:, None] > negative)
    found = mixture(0.35, 0.8, 0.9)
    a, b = found.false_positives, found.false_negatives
    scores = np.concatenate([positive, negative])
    weights = [
        np.repeat([(1 - a) / 3, a / 4], (3, 4)),
        np.repeat([b / 3, (1 - b) / 4], (3, 4)),
    ]
    above = (scores[:, None] > scores) + 0.5 * (scores[:, None] == scores)
    observed = weights[0] @ above @ weights[1]
    assert label_noise.corrected_auroc(np.array(observed), found) == pytest.approx(truth)
    called = [weight @ (scores > 0.5) for weight in weights]
    sensitivity, specificity = label_noise.corrected_rates(*map(np.array, called), found)
    assert sensitivity == pytest.approx(2 / 3)
    assert specificity == pytest.approx(3 / 4)


def draw(rng, count, rates=(0.8, 0.95)):
    """Returns the truth, scores of two models and labels with errors that do not depend on them."""
    truth = (rng.uniform(size=count) < 0.25).astype(float)
    scores = 1.2 * truth + 0.6 * rng.normal(size=count) + 0.8 * rng.normal(size=(2, count))
    found = rng.uniform(size=count)
    labels = np.where(truth == 1, found < rates[0], found > rates[1]).astype(float)
    return truth, scores, labels


def test_the_standard_error_is_that_of_a_bootstrap_over_patients():
    rng = np.random.default_rng(0)
    _, scores, labels = draw(rng, 600)
    patients = np.repeat(np.arange(300), 2)
    rates = LabellerRates(0.8, 0.95)
    found = label_noise.correct(labels, scores, scores > 0.8, patients, TWO, rates)
    drawn = {name: [] for name in found}
    pair = []
    for _ in range(400):
        units = (2 * rng.integers(0, 300, 300)[:, None] + np.arange(2)).ravel()
        label, score = labels[units], scores[:, units]
        mixed = mixture(label.mean(), 0.8, 0.95)
        aurocs = np.array([roc_auc_score(label, one) for one in score])
        called = [(score[:, label == side] > 0.8).mean(axis=1) for side in (1, 0)]
        drawn["auroc"].append(label_noise.corrected_auroc(aurocs, mixed))
        for name, one in zip(
            ("sensitivity", "specificity"), label_noise.corrected_rates(*called, mixed), strict=True
        ):
            drawn[name].append(one)
        pair.append(drawn["auroc"][-1][0] - drawn["auroc"][-1][1])
    for name, many in drawn.items():
        error = np.sqrt((found[name].influence ** 2).sum(axis=1))
        assert error == pytest.approx(np.std(many, axis=0), rel=0.15)
    apart = found["auroc"].influence[0] - found["auroc"].influence[1]
    assert np.sqrt((apart**2).sum()) == pytest.approx(np.std(pair), rel=0.15)


def test_the_mean_over_findings_adds_influences_and_keeps_the_measurements_apart():
    rng = np.random.default_rng(1)
    rates = LabellerRates(0.8, 0.95, 100, 200)
    parts = []
    for _ in range(2):
        _, scores, labels = draw(rng, 300)
        parts.append(label_noise.correct(labels, scores, None, np.arange(300), TWO, rates)["auroc"])
    found = label_noise.mean(parts)
    assert found.value == pytest.approx((parts[0].value + parts[1].value) / 2)
    patients = (parts[0].influence[:, :-2] + parts[1].influence[:, :-2]) / 2
    measured = sum((one.influence[:, -2:] ** 2).sum(axis=1) for one in parts) / 4
    variance = (patients**2).sum(axis=1) + measured
    assert (found.influence**2).sum(axis=1) == pytest.approx(variance)


def test_intervals_cover_the_truth_and_equal_models_do_not_differ():
    rng = np.random.default_rng(2)
    truth, scores, _ = draw(rng, 400_000)
    expected = [
        roc_auc_score(truth, scores[0]),
        (scores[0, truth == 1] > 0.8).mean(),
        (scores[0, truth == 0] <= 0.8).mean(),
    ]
    covered, rejected = np.zeros(3), 0
    for _ in range(600):
        _, scores, labels = draw(rng, 300)
        measured = rng.binomial(150, 0.8) / 150, rng.binomial(300, 0.95) / 300
        rates = LabellerRates(*measured, 150, 300)
        found = label_noise.correct(labels, scores, scores > 0.8, np.arange(300), TWO, rates)
        for place, one in enumerate(found.values()):
            tested = label_noise.intervals(one)
            covered[place] += tested.low[0] <= expected[place] <= tested.high[0]
        tested = label_noise.differences(found["auroc"], FIRST, SECOND, 0.02)
        rejected += int(tested.p_value[0] < 0.05)
    assert (covered / 600 >= 0.93).all()  # measured 0.943 to 0.955
    assert rejected / 600 <= 0.05 + 2.5 * np.sqrt(0.05 * 0.95 / 600)  # measured 0.027
