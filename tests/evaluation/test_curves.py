from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as oracle

from cxrcompare.evaluation import curves, intervals, metrics
from cxrcompare.evaluation.bootstrap import resampling

LABELS = np.array([1.0, 0, 1, 0, 0])
SCORES = np.array([0.9, 0.8, 0.8, 0.3, 0.1])


def test_roc_by_hand():
    curve = curves.roc(LABELS, SCORES)
    assert curve.fpr == pytest.approx([0, 0, 1 / 3, 2 / 3, 1])
    assert curve.tpr == pytest.approx([0, 0.5, 1, 1, 1])
    assert curve.threshold.tolist() == [np.inf, 0.9, 0.8, 0.3, 0.1]


def test_precision_recall_by_hand():
    curve = curves.precision_recall(LABELS, SCORES)
    assert curve.recall == pytest.approx([0.5, 1, 1, 1])
    assert curve.precision == pytest.approx([1, 2 / 3, 2 / 4, 2 / 5])


@pytest.mark.parametrize("decimals", [1, 9])
@pytest.mark.parametrize("weighted", [False, True])
def test_equals_scikit_learn(decimals, weighted, problem):
    one = problem(findings=1, models=1, decimals=decimals, unknown=0)
    labels, scores = one.labels[:, 0], one.scores[0, :, 0]
    weights = one.rng.random(len(labels)) if weighted else None
    fpr, tpr, _ = oracle.roc_curve(labels, scores, sample_weight=weights, drop_intermediate=False)
    curve = curves.roc(labels, scores, weights)
    np.testing.assert_allclose(curve.fpr, fpr, atol=1e-12)
    np.testing.assert_allclose(curve.tpr, tpr, atol=1e-12)
    precision, recall, _ = oracle.precision_recall_curve(labels, scores, sample_weight=weights)
    other = curves.precision_recall(labels, scores, weights)
    np.testing.assert_allclose(other.precision, precision[:-1][::-1], atol=1e-12)
    np.testing.assert_allclose(other.recall, recall[:-1][::-1], atol=1e-12)


def test_areas_are_the_metrics(problem):
    one = problem(findings=1, models=1)
    labels, scores = one.labels[:, 0], one.scores[0, :, 0]
    curve = curves.roc(labels, scores)
    assert np.trapezoid(curve.tpr, curve.fpr) == pytest.approx(metrics.auroc(labels, scores))
    other = curves.precision_recall(labels, scores)
    steps = np.diff(other.recall, prepend=0) @ other.precision
    assert steps == pytest.approx(metrics.auprc(labels, scores))


@pytest.mark.parametrize("label", [0.0, 1.0, np.nan])
def test_one_class_is_nan(label):
    labels, scores = np.full(3, label), np.arange(3.0)
    assert np.isnan(curves.sensitivity_at(curves.roc(labels, scores), curves.GRID)).all()
    assert np.isnan(curves.precision_at(curves.precision_recall(labels, scores), curves.GRID)).all()


def test_sensitivity_is_linear_between_points_and_the_top_of_a_step():
    at = curves.sensitivity_at(curves.roc(LABELS, SCORES), np.array([0, 1 / 6, 1 / 3, 0.9, 1]))
    assert at == pytest.approx([0.5, 0.75, 1, 1, 1])


def test_specificity_is_linear_between_points_and_the_highest_of_a_step():
    # Points (0, 0) (0, 1/2) (1/3, 1) (2/3, 1) (1, 1), as (fpr, tpr).
    at = curves.specificity_at(curves.roc(LABELS, SCORES), np.array([0, 0.5, 0.75, 1]))
    assert at == pytest.approx([1, 1, 5 / 6, 2 / 3])


def test_at_the_corners_of_steps_rounding_does_not_matter():
    rng = np.random.default_rng(0)
    for units in (7, 10, 49, 93):
        labels = rng.permutation(np.arange(units) % 2).astype(float)
        curve = curves.roc(labels, rng.normal(size=units))
        top = [curve.tpr[curve.fpr == x].max() for x in curve.fpr]
        first = [1 - curve.fpr[curve.tpr == y].min() for y in curve.tpr]
        np.testing.assert_allclose(curves.sensitivity_at(curve, 1 - (1 - curve.fpr)), top)
        np.testing.assert_allclose(curves.specificity_at(curve, curve.tpr), first)


@pytest.mark.parametrize("at", [np.nan, -0.1, 1.1])
def test_no_height_outside_the_curve(at):
    curve = curves.roc(LABELS, SCORES)
    assert np.isnan(curves.sensitivity_at(curve, np.array(at)))
    assert np.isnan(curves.specificity_at(curve, np.array(at)))


def test_precision_is_that_of_the_first_threshold_that_reaches_the_recall():
    at = curves.precision_at(
        curves.precision_recall(LABELS, SCORES), np.array([0, 0.2, 0.5, 0.51, 1])
    )
    assert at == pytest.approx([1, 1, 1, 2 / 3, 2 / 3])


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("units", [12, 90])
def test_bands_equal_the_slow_reference(seed, units, problem):
    one = problem(seed, units=units, findings=1, models=3, decimals=seed, unknown=0.1)
    labels, scores = one.labels[:, 0], one.scores[:, :, 0]
    resamples = resampling.draw(one.patients, 150, one.rng)
    found = curves.bands(labels, scores, resamples, level=0.9)
    slow = (
        lambda s, w: curves.sensitivity_at(curves.roc(labels, s, w), curves.GRID),
        lambda s, w: curves.precision_at(curves.precision_recall(labels, s, w), curves.GRID),
    )
    for band, curve in zip(found, slow, strict=True):
        replicates = np.array(
            [
                np.mean([curve(s, resamples.weights(r)) for s in scores], axis=0)
                for r in range(resamples.replicates)
            ]
        )
        low, high = intervals.percentile(replicates, 0.9)
        np.testing.assert_allclose(band.low, low, rtol=0, atol=1e-12)
        np.testing.assert_allclose(band.high, high, rtol=0, atol=1e-12)
        np.testing.assert_allclose(
            band.value, np.mean([curve(s, None) for s in scores], axis=0), atol=1e-12
        )
        assert band.degenerate == np.isnan(replicates).any(axis=1).sum()


def test_bands_count_degenerate_replicates(problem):
    one = problem(units=30, findings=1, models=1, unknown=0)
    one.labels[:] = 0
    one.labels[4] = 1
    resamples = resampling.draw(np.arange(30), 300, one.rng)
    band, _ = curves.bands(one.labels[:, 0], one.scores[:, :, 0], resamples)
    assert band.degenerate == (resamples.counts[:, 4] == 0).sum() > 0
    assert not np.isnan(band.low).any()


def test_bands_of_one_class_are_nan(problem):
    one = problem(findings=1, models=1)
    resamples = resampling.draw(one.patients, 20, one.rng)
    for band in curves.bands(np.zeros(90), one.scores[:, :, 0], resamples):
        assert np.isnan(band.value).all()
        assert np.isnan(band.low).all()
        assert band.degenerate == 20


def test_histogram_by_hand():
    edges = np.array([0.0, 0.5, 0.8, 1.0])
    counts = curves.histogram(
        np.append(LABELS, [np.nan, 1, 0]), np.append(SCORES, [0.2, 1.0, -0.5]), edges
    )
    assert counts.positive.tolist() == [0, 0, 3]
    assert counts.negative.tolist() == [3, 0, 1]


class TestOperatingCounts:
    def test_by_hand(self):
        counts = curves.operating_counts(LABELS, SCORES)
        assert counts.threshold.tolist() == [0.1, 0.3, 0.8, 0.9]
        assert counts.tp.tolist() == [2, 2, 2, 1]
        assert counts.fp.tolist() == [3, 2, 1, 0]

    @pytest.mark.parametrize("limit", [2, 10, 201, 5000])
    def test_are_what_is_called(self, limit, problem):
        one = problem(units=1500, findings=1, models=1, decimals=9)
        labels, scores = one.labels[:, 0], one.scores[0, :, 0]
        counts = curves.operating_counts(labels, scores, limit)
        known = scores[~np.isnan(labels)]
        assert len(counts.threshold) == min(limit, len(np.unique(known)))
        assert (counts.threshold[0], counts.threshold[-1]) == (known.min(), known.max())
        assert (np.diff(counts.threshold) > 0).all()
        for t, tp, fp in zip(counts.threshold, counts.tp, counts.fp, strict=True):
            assert tp == ((scores >= t) & (labels == 1)).sum()
            assert fp == ((scores >= t) & (labels == 0)).sum()

    def test_of_no_known_unit_are_empty(self):
        assert len(curves.operating_counts(np.full(2, np.nan), np.zeros(2)).threshold) == 0
