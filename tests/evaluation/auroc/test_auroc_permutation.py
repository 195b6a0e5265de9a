"""The paired permutation test of two AUROCs, against exchanges that are really made."""

import numpy as np
import pytest
from scipy import stats

from cxrcompare.evaluation import metrics
from cxrcompare.evaluation.auroc import auroc_permutation


def exchanged(labels, first, second, who):
    (found,) = auroc_permutation.exchanged(labels, np.stack([first, second]), [(0, 1)], who)
    return found


def scores(rng, units, patients):
    labels = (np.arange(units) % 4 == 0).astype(float)
    labels[1] = np.nan
    first = np.nan_to_num(labels) + rng.normal(size=units)
    second = (0.5 * np.nan_to_num(labels) + rng.normal(size=units)).round(1)  # with ties
    return labels, first, second, np.arange(units) * patients // units


@pytest.mark.parametrize("patients", [12, 6])
def test_against_every_exchange(patients):
    """All 2^P exchanges of the ranks, with AUROCs that are computed anew."""
    labels, first, second, who = scores(np.random.default_rng(patients), 12, patients)
    found = exchanged(labels, first, second, who)
    known = ~np.isnan(labels)
    ranks = [stats.rankdata(one[known]) for one in (first, second)]
    differences = []
    for number in range(2**patients):
        swap = ((number >> who[known]) & 1).astype(bool)
        one, other = np.where(swap, *ranks[::-1]), np.where(swap, *ranks)
        differences.append(metrics.auroc(labels[known], one) - metrics.auroc(labels[known], other))
    observed = metrics.auroc(labels, first) - metrics.auroc(labels, second)
    assert found.terms.sum() == pytest.approx(observed)
    for difference in (observed, 0.2, 0.4):
        share = np.mean(np.abs(differences) >= abs(difference) - 1e-12)
        assert found.p_value(difference) == pytest.approx(share)


def test_monotone_maps_and_the_order_of_models_do_not_matter():
    labels, first, second, who = scores(np.random.default_rng(5), 80, 80)
    found = exchanged(labels, first, second, who)
    mapped = exchanged(labels, np.exp(first), second**3, who)
    turned = exchanged(labels, second, first, who)
    np.testing.assert_allclose(found.terms, mapped.terms, atol=1e-15)
    np.testing.assert_allclose(found.terms, -turned.terms, atol=1e-15)


def test_pairs_do_not_depend_on_each_other():
    labels, first, second, who = scores(np.random.default_rng(8), 60, 25)
    runs = np.stack([first, second, first.round(0)])
    pairs = [(0, 1), (2, 0), (1, 2), (0, 0)]
    found = auroc_permutation.exchanged(labels, runs, pairs, who)
    for (a, b), one in zip(pairs, found, strict=True):
        np.testing.assert_array_equal(one.terms, exchanged(labels, runs[a], runs[b], who).terms)
    assert auroc_permutation.exchanged(labels, runs, [], who) == []


def test_models_that_rank_alike_do_not_differ():
    labels, first, _, who = scores(np.random.default_rng(6), 80, 80)
    found = exchanged(labels, first, 2 * first, who)
    assert not found.terms.any()
    assert found.p_value(0.0) == 1


def test_simulated_size():
    """Ten positives of 100; models that can be exchanged. Standard error 1.1 points."""
    rng = np.random.default_rng(7)
    labels = (np.arange(100) < 10).astype(float)
    rejected = 0
    for _ in range(400):
        common = rng.normal(size=100)
        pair = 1.5 * labels + np.sqrt(0.7) * common + np.sqrt(0.3) * rng.normal(size=(2, 100))
        flips = exchanged(labels, *pair, np.arange(100))
        rejected += flips.p_value(flips.terms.sum()) < 0.05
    assert 0.02 < rejected / 400 < 0.085
