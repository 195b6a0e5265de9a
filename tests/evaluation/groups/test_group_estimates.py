"""Metrics of one group: means with added units, AUROCs, influences."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from cxrcompare.evaluation.groups import group_estimates


def test_a_rate_with_two_added_units():
    values = np.array([[1.0, 1, 0, 1], [0, 1, 0, 1]])
    found = group_estimates.rate(values, np.arange(4), 5, [[0], [1]], added=True)
    assert found.value == pytest.approx([3 / 4, 2 / 4])
    assert found.centre == pytest.approx([4 / 6, 3 / 6])  # a right and a wrong unit more
    # single model: (n + 2) p (1 - p) / (n + 2)^2 with p = 4 / 6, up to the factor 4 / 3 of the
    # four observed patients: sum of (x - p)^2 = 3 / 9 + 4 / 9; added units 1 / 9 + 4 / 9
    observed = (3 / 9 + 4 / 9) / 36 * 4 / 3
    own = found.influence[0] - found.offset
    assert (own**2).sum() == pytest.approx(observed)
    assert found.added[0] == pytest.approx((1 / 9 + 4 / 9) / 36)
    assert found.influence.shape == (2, 5)
    assert found.size == 6


def test_seeds_are_averaged():
    values = np.array([[1.0, 1, 0, 1], [0, 1, 0, 1], [0, 0, 0, 1]])
    found = group_estimates.rate(values, np.arange(4), 4, [[0, 1], [2]], added=False)
    assert found.value == pytest.approx([(3 + 2) / 8, 1 / 4])
    assert found.runs == pytest.approx([3 / 4, 2 / 4, 1 / 4])
    assert np.isinf(found.size)
    assert not found.offset.any()
    assert not found.added.any()


def test_the_variance_of_a_mean_is_that_of_the_jackknife_over_patients():
    rng = np.random.default_rng(0)
    patients = rng.integers(0, 60, 150)
    values = rng.normal(size=(1, 150)) + patients / 30
    found = group_estimates.rate(values, patients, 60, [[0]], added=False)
    present = np.unique(patients)
    left_out = np.array([values[0, patients != p].mean() for p in present])
    n = len(present)
    jackknife = (n - 1) / n * np.sum((left_out - left_out.mean()) ** 2)
    assert (found.influence**2).sum() == pytest.approx(jackknife, rel=0.05)


def test_an_auroc_has_the_influences_of_its_patients_only():
    rng = np.random.default_rng(1)
    labels = (rng.uniform(size=80) < 0.4).astype(float)
    scores = labels + rng.normal(size=(2, 80))
    patients = 2 * np.repeat(np.arange(40), 2)
    found = group_estimates.auroc(labels, scores, patients, 100, [[0], [1]])
    expected = [roc_auc_score(labels, score) for score in scores]
    assert found.value == pytest.approx(expected)
    assert not found.influence[:, 1::2].any()
    left_out = np.array(
        [roc_auc_score(labels[patients != p], scores[0, patients != p]) for p in range(0, 80, 2)]
    )
    jackknife = 39 / 40 * np.sum((left_out - left_out.mean()) ** 2)
    assert (found.influence[0] ** 2).sum() == pytest.approx(jackknife, rel=0.1)
