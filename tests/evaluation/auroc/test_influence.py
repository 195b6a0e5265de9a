"""Influence of patients on AUROCs, against DeLong and Obuchowski and by hand."""

import numpy as np
import pytest

from cxrcompare.evaluation.auroc import delong
from cxrcompare.evaluation.auroc.influence import auroc_influences, standard_error


def total(labels, scores, patients):
    auroc, positive, negative = auroc_influences(labels, scores, patients)
    return auroc, positive + negative


def test_by_hand():
    # positives 3, 1; negatives 2, 0: pairs 3>2, 3>0, 1<2, 1>0 -> 3/4.
    # placements: of 3: 1; of 1: 1/2; of 2: 1/2; of 0: 1 -> deviations 1/4, -1/4, -1/4, 1/4,
    # over 2 units, times the root of 2 / 1
    auroc, influence = total(np.array([1, 1, 0, 0.0]), np.array([[3, 1, 2, 0.0]]), np.arange(4))
    assert auroc.tolist() == [0.75]
    assert influence[0] == pytest.approx(np.sqrt(2) * np.array([0.125, -0.125, -0.125, 0.125]))
    assert standard_error(influence[0]) == pytest.approx((4 * 2 / 64) ** 0.5)


@pytest.mark.parametrize("several", [False, True])
def test_the_standard_errors_of_delong_and_obuchowski(several):
    rng = np.random.default_rng(0)
    patients = rng.integers(0, 300, 600) if several else np.arange(600)
    patients = np.unique(patients, return_inverse=True)[1]
    labels = (rng.random(600) < 0.3).astype(float)
    labels[::50] = np.nan
    scores = rng.normal(size=(2, 600)) + np.nan_to_num(labels)
    areas = delong.clustered(labels, scores, patients)
    expected = delong.paired(areas, 0, 1)
    auroc, influence = total(labels, scores, patients)
    assert auroc[0] - auroc[1] == pytest.approx(expected.difference)
    tolerance = 0.01 if several else 1e-12  # of patients with both classes: other factors n/(n-1)
    found = standard_error(influence[0] - influence[1])
    assert found == pytest.approx(expected.standard_error, rel=tolerance)


def test_one_class_is_undefined():
    auroc, influence = total(np.ones(3), np.arange(3.0)[None], np.arange(3))
    assert np.isnan(auroc).all()
    assert influence.shape == (1, 3)


def test_the_mean_over_correlated_findings_has_the_variance_of_simulations():
    rng = np.random.default_rng(1)
    values, errors = [], []
    for _ in range(300):
        labels = (rng.random((200, 2)) < 0.3).astype(float)
        shared = rng.normal(size=200)
        found = [
            total(label, (shared + rng.normal(size=200) + label)[None], np.arange(200))
            for label in labels.T
        ]
        values.append(np.mean([auroc for auroc, _ in found]))
        errors.append(standard_error(np.mean([influence[0] for _, influence in found], axis=0)))
    assert np.mean(errors) == pytest.approx(np.std(values), rel=0.12)
