"""Thresholds and decisions in replicates, against rows that are really repeated."""

import numpy as np
import pytest

from cxrcompare.evaluation import metrics
from cxrcompare.evaluation.bootstrap import decision_replicates, metric_replicates, resampling
from cxrcompare.evaluation.bootstrap.resampling import Resamples
from cxrcompare.evaluation.thresholds import operating


def repeated(resamples, replicate):
    """Returns the indices of the units of a replicate, each as often as its patient was drawn."""
    return np.repeat(np.arange(len(resamples.patient)), resamples.weights(replicate).astype(int))


RULES = [(rule, target) for rule in operating.RULES for target in (0.5, 0.9, 1.0)]


@pytest.mark.parametrize(("rule", "target"), RULES)
@pytest.mark.parametrize(("decimals", "prevalence"), [(1, 0.3), (15, 0.05), (2, 0.9)])
def test_thresholds_are_those_of_repeated_rows(rule, target, decimals, prevalence, problem):
    one = problem(seed=decimals, units=50, decimals=decimals, prevalence=prevalence, unknown=0.1)
    resamples = resampling.draw(one.patients, 140, one.rng)
    found = decision_replicates.choose_thresholds(one.labels, one.scores, resamples, rule, target)
    for r, m, f in np.ndindex(found.shape):
        rows = repeated(resamples, r)
        expected = operating.choose(one.labels[rows, f], one.scores[m, rows, f], rule, target)
        np.testing.assert_equal(found[r, m, f], expected.threshold)


@pytest.mark.parametrize("rule", operating.RULES)
def test_reversed_scores_choose_no_positive_or_all_of_the_drawn_units(rule):
    # The best negative is drawn in the first replicate only.
    labels, scores = np.array([[0.0], [0.0], [1.0]]), np.array([[[0.9], [0.6], [0.1]]])
    resamples = Resamples(
        np.arange(3, dtype=np.int32), np.array([[1, 1, 1], [0, 1, 1], [0, 0, 2]], dtype=np.uint8)
    )
    found = decision_replicates.choose_thresholds(labels, scores, resamples, rule, 1.0)[:, 0, 0]
    none = [np.nextafter(0.9, 1), np.nextafter(0.6, 1), np.nan]
    every = [0.1, 0.1, np.nan]
    np.testing.assert_equal(
        found, none if rule in ("youden", "specificity", "net_benefit") else every
    )


def test_youden_by_hand():
    # Scores 4, 3, 2, 1 of labels 1, 0, 1, 0. Once each: 4 gives 1/2 - 0, 2 gives 1 - 1/2: a tie,
    # of which the higher is kept. The second positive twice: 4 gives 1/3, 2 gives 1/2.
    labels, scores = (
        np.array([[1.0], [0.0], [1.0], [0.0]]),
        np.array([[[4.0], [3.0], [2.0], [1.0]]]),
    )
    resamples = Resamples(
        np.arange(4, dtype=np.int32), np.array([[1, 1, 1, 1], [1, 1, 2, 1]], dtype=np.uint8)
    )
    found = decision_replicates.choose_thresholds(labels, scores, resamples)
    assert found.ravel().tolist() == [4.0, 2.0]


def test_an_unknown_rule_is_refused():
    resamples = resampling.draw(np.arange(2), 1, np.random.default_rng(0))
    with pytest.raises(ValueError, match="`rule` must be one of"):
        decision_replicates.choose_thresholds(
            np.ones((2, 1)), np.ones((1, 2, 1)), resamples, "best"
        )


@pytest.mark.parametrize(("decimals", "unknown"), [(1, 0.2), (15, 0.0)])
def test_counts_with_a_threshold_per_replicate(decimals, unknown, problem):
    one = problem(seed=3, units=60, decimals=decimals, unknown=unknown)
    resamples = resampling.draw(one.patients, 150, one.rng)
    shape = (150, len(one.scores), one.labels.shape[1])
    limits = np.round(one.rng.random(shape), decimals)
    limits[::7, 0, 0], limits[3, 1, :], limits[4, 1, :] = np.nan, -1, 2
    found = decision_replicates.decision_counts(one.labels, one.scores, limits, resamples)
    share = decision_replicates.subset_accuracy(one.labels, one.scores, limits, resamples)
    known = ~np.isnan(one.labels).any(axis=1)
    for r, m, f in np.ndindex(shape):
        weight = resamples.weights(r)
        called, label = one.scores[m, :, f] >= limits[r, m, f], one.labels[:, f]
        expected = [
            weight[(label == truth) & (called == predicted)].sum()
            for predicted, truth in ((True, 1), (True, 0), (False, 1), (False, 0))
        ]
        if np.isnan(limits[r, m, f]):
            expected = [np.nan] * 4
        np.testing.assert_array_equal(found[r, m, f], expected)
    for r, m in np.ndindex(shape[:2]):
        weight = resamples.weights(r)[known]
        right = ((one.scores[m] >= limits[r, m]) == (one.labels == 1)).all(axis=1)[known]
        missing = np.isnan(limits[r, m]).any()
        expected = np.nan if missing else (weight * right).sum() / weight.sum()
        assert share[r, m] == pytest.approx(expected, abs=1e-12, nan_ok=True)


def test_one_threshold_for_all_replicates(problem):
    one = problem(seed=4, units=40, unknown=0.1)
    resamples = resampling.draw(one.patients, 30, one.rng)
    limits = np.full((len(one.scores), one.labels.shape[1]), 0.4)
    found = decision_replicates.decision_counts(one.labels, one.scores, limits, resamples)
    frozen = metric_replicates.decision_counts(one.labels, one.scores >= 0.4, resamples)
    np.testing.assert_array_equal(found, frozen)
    whole = resampling.whole(one.patients)
    share = decision_replicates.subset_accuracy(one.labels, one.scores, limits, whole)
    np.testing.assert_allclose(share[0], metrics.subset_accuracy(one.labels, one.scores >= 0.4))


def test_subset_accuracy_without_complete_labels_is_undefined():
    resamples = resampling.draw(np.arange(2), 5, np.random.default_rng(0))
    labels = np.array([[1.0, np.nan], [np.nan, 0.0]])
    found = decision_replicates.subset_accuracy(
        labels, np.ones((1, 2, 2)), np.full((1, 2), 0.5), resamples
    )
    assert np.isnan(found).all()
