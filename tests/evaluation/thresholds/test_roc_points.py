"""Points and parts of the ROC curve: by hand, against scikit-learn, and invariances."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score, roc_curve

from cxrcompare.evaluation import metrics
from cxrcompare.evaluation.thresholds.roc_points import METRICS, RocPoints, roc_metric

POINTS = [
    RocPoints(),
    RocPoints(0.5, 0.5, 1.0),
    RocPoints(0.8, 1.0, 0.25),
    RocPoints(0.95, 0.3, 0.7),
]


def test_by_hand():
    # Positives at 9, 5, 3, 1; negatives at 8, 4, 2, 0. The curve rises at 9 to 1/4, is at the false
    # positive rate 1/4 from 8 on, rises at 5 to 1/2, and so on.
    labels, scores = np.tile([1.0, 0.0], 4), np.array([9.0, 8, 5, 4, 3, 2, 1, 0])
    at = RocPoints(specificity=0.75, sensitivity=0.5, false_positive_rate=0.25)
    assert roc_metric("sensitivity_at_specificity", labels, scores, None, at) == 0.5
    assert roc_metric("specificity_at_sensitivity", labels, scores, None, at) == 0.75
    # Area up to 1/4: 1/4 x 1/4 = 1/16; chance has 1/32, perfection 1/4: (1 + (1/32) / (7/32)) / 2.
    assert roc_metric("partial_auroc", labels, scores, None, at) == pytest.approx(4 / 7)


def test_tied_scores_are_a_straight_line():
    labels, scores = np.array([1.0, 1, 0, 0]), np.zeros(4)
    at = RocPoints(0.7, 0.6, 0.2)
    assert roc_metric("sensitivity_at_specificity", labels, scores, None, at) == pytest.approx(0.3)
    assert roc_metric("specificity_at_sensitivity", labels, scores, None, at) == pytest.approx(0.4)
    assert roc_metric("partial_auroc", labels, scores, None, at) == pytest.approx(0.5)


@pytest.mark.parametrize("points", POINTS)
@pytest.mark.parametrize("decimals", [1, 15])
def test_equals_scikit_learn(points, decimals, problem):
    one = problem(seed=decimals, units=90, decimals=decimals, unknown=0.1, models=1, findings=1)
    weights = one.rng.integers(0, 4, 90).astype(float)
    known = ~np.isnan(one.labels[:, 0])
    label, score, weight = one.labels[known, 0], one.scores[0, known, 0], weights[known]
    found = {
        metric: roc_metric(metric, one.labels[:, 0], one.scores[0, :, 0], weights, points)
        for metric in METRICS
    }
    rate = points.false_positive_rate
    expected = roc_auc_score(label, score, sample_weight=weight, max_fpr=rate)
    assert found["partial_auroc"] == pytest.approx(expected, abs=1e-12)
    fpr, tpr, _ = roc_curve(label, score, sample_weight=weight, drop_intermediate=False)
    sensitivity = np.interp(1 - points.specificity + 1e-9, fpr, tpr)
    assert found["sensitivity_at_specificity"] == pytest.approx(sensitivity, abs=1e-6)
    specificity = 1 - np.interp(points.sensitivity - 1e-9, tpr, fpr)
    assert found["specificity_at_sensitivity"] == pytest.approx(specificity, abs=1e-6)


@pytest.mark.parametrize("metric", METRICS)
def test_invariances(metric, problem):
    one = problem(units=70, decimals=1, unknown=0.1, models=1, findings=1)
    label, score = one.labels[:, 0], one.scores[0, :, 0]
    value = roc_metric(metric, label, score)
    order = one.rng.permutation(70)
    assert roc_metric(metric, label[order], score[order]) == value
    assert roc_metric(metric, label, np.exp(3 * score) - 7) == value
    assert roc_metric(metric, np.tile(label, 3), np.tile(score, 3)) == pytest.approx(value)
    assert roc_metric(metric, label, score, np.full(70, 2.0)) == value
    assert roc_metric(metric, label, label) == 1


def test_the_two_points_are_one_curve(problem):
    one = problem(units=200, unknown=0, models=1, findings=1)
    label, score = one.labels[:, 0], one.scores[0, :, 0]
    turned = RocPoints(specificity=0.8, sensitivity=0.8)
    swapped = roc_metric("specificity_at_sensitivity", 1 - label, -score, None, turned)
    assert roc_metric("sensitivity_at_specificity", label, score, None, turned) == pytest.approx(
        swapped, abs=1e-9
    )


def test_the_whole_area_is_the_auroc(problem):
    one = problem(units=60, decimals=1, models=1, findings=1)
    label, score = one.labels[:, 0], one.scores[0, :, 0]
    found = roc_metric("partial_auroc", label, score, None, RocPoints(false_positive_rate=1.0))
    assert found == pytest.approx(metrics.auroc(label, score))


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("labels", [[1, 1], [0, 0], [np.nan, 1]])
def test_one_class_is_undefined(metric, labels):
    assert np.isnan(roc_metric(metric, np.array(labels, dtype=float), np.array([0.1, 0.2])))


def test_unknown_metrics_are_refused():
    with pytest.raises(ValueError, match="`metric` must be one of"):
        roc_metric("auroc", np.ones(2), np.ones(2))
