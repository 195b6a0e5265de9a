"""Influence of patients on AUROCs, against DeLong and against a slow reference."""

import numpy as np
import pytest

from cxrcompare.evaluation import delong
from cxrcompare.evaluation.influence import auroc_influence, standard_error


def test_by_hand():
    # positives 3, 1; negatives 2, 0: pairs 3>2, 3>0, 1<2, 1>0 -> 3/4.
    # placements: of 3: 1; of 1: 1/2; of 2: 1/2; of 0: 1 -> deviations 1/4, -1/4, -1/4, 1/4, over 2
    auroc, influence = auroc_influence(
        np.array([1, 1, 0, 0.0]), np.array([3, 1, 2, 0.0]), np.arange(4)
    )
    assert auroc == 0.75
    assert influence.tolist() == [0.125, -0.125, -0.125, 0.125]
    # 4/3 * 4 * (1/8)^2 = 1/12
    assert standard_error(influence) == pytest.approx((1 / 12) ** 0.5)


@pytest.mark.parametrize("several", [False, True])
def test_nearly_the_standard_error_of_delong_and_obuchowski(several):
    rng = np.random.default_rng(0)
    patients = rng.integers(0, 300, 600) if several else np.arange(600)
    patients = np.unique(patients, return_inverse=True)[1]
    labels = (rng.random(600) < 0.3).astype(float)
    labels[::50] = np.nan
    scores = rng.normal(size=(2, 600)) + np.nan_to_num(labels)
    areas = delong.clustered(labels, scores, patients)
    expected = delong.paired(areas, 0, 1)
    (one, first), (other, second) = (auroc_influence(labels, s, patients) for s in scores)
    assert one - other == pytest.approx(expected.difference)
    assert standard_error(first - second) == pytest.approx(expected.standard_error, rel=0.01)


def test_one_class_is_undefined():
    auroc, influence = auroc_influence(np.ones(3), np.arange(3.0), np.arange(3))
    assert np.isnan(auroc)
    assert len(influence) == 3


def test_the_mean_over_correlated_findings_has_the_variance_of_simulations():
    """Two findings with the same labels: the mean is as uncertain as one of them."""
    rng = np.random.default_rng(1)
    labels = (rng.random(400) < 0.3).astype(float)
    scores = rng.normal(size=400) + labels
    _, influence = auroc_influence(labels, scores, np.arange(400))
    assert standard_error((influence + influence) / 2) == standard_error(influence)
    values, errors = [], []
    for _ in range(300):
        labels = (rng.random((200, 2)) < 0.3).astype(float)
        shared = rng.normal(size=200)
        found = [
            auroc_influence(
                labels[:, f], shared + rng.normal(size=200) + labels[:, f], np.arange(200)
            )
            for f in range(2)
        ]
        values.append(np.mean([auroc for auroc, _ in found]))
        errors.append(standard_error(np.mean([influence for _, influence in found], axis=0)))
    assert np.mean(errors) == pytest.approx(np.std(values), rel=0.12)
