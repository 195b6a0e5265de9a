"""Points and parts of the ROC curve in replicates, against the slow reference with weights."""

import numpy as np
import pytest

from cxrcompare.evaluation.bootstrap import resampling, roc_replicates
from cxrcompare.evaluation.thresholds.roc_points import METRICS, RocPoints, roc_metric

POINTS = [
    RocPoints(),
    RocPoints(0.5, 0.5, 1.0),
    RocPoints(0.2, 1.0, 0.25),
    RocPoints(0.95, 0.3, 0.7),
]


@pytest.mark.parametrize("points", POINTS)
@pytest.mark.parametrize(
    ("units", "decimals", "prevalence"), [(60, 1, 0.3), (60, 15, 0.05), (50, 2, 0.9), (900, 3, 0.2)]
)
def test_equals_the_slow_reference(points, units, decimals, prevalence, problem):
    one = problem(seed=decimals, units=units, decimals=decimals, prevalence=prevalence, unknown=0.1)
    resamples = resampling.draw(one.patients, 140 if units < 100 else 20, one.rng)
    fast = roc_replicates.roc_metrics(one.labels, one.scores, resamples, points)
    assert set(fast) == set(METRICS)
    for metric, values in fast.items():
        expected = [
            roc_metric(metric, one.labels[:, f], one.scores[m, :, f], resamples.weights(r), points)
            for r, m, f in np.ndindex(values.shape)
        ]
        np.testing.assert_allclose(values.ravel(), expected, rtol=0, atol=1e-8, err_msg=metric)


def test_the_pooled_metric_is_that_of_all_pairs(problem):
    one = problem(units=40, unknown=0.1)
    whole = resampling.whole(one.patients)
    found = roc_replicates.micro_roc_metrics(one.labels, one.scores, whole)
    for metric, values in found.items():
        expected = [roc_metric(metric, one.labels.ravel(), score.ravel()) for score in one.scores]
        np.testing.assert_allclose(values[0], expected, rtol=0, atol=1e-8)


def test_scores_that_are_all_equal(problem):
    one = problem(units=40, unknown=0, models=1)
    resamples = resampling.draw(one.patients, 30, one.rng)
    found = roc_replicates.roc_metrics(one.labels, np.zeros(one.scores.shape), resamples)
    for metric, expected in zip(METRICS, (0.5, 0.1, 0.1), strict=True):
        np.testing.assert_allclose(found[metric], expected, atol=1e-8)
