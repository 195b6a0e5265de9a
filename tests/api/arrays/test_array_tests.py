"""DeLong's test and the bootstrap of arrays."""

import numpy as np
import pytest
from scipy import stats

import cxrcompare as cxr


def pair(study, finding="Edema"):
    test = study.test
    return (
        test.reference[finding].to_numpy(),
        test.models["good__seed0"][finding].to_numpy(),
        test.models["bad"][finding].to_numpy(),
        test.reference["patient_id"].to_numpy(),
    )


def test_delong_by_pairs(study):
    """Compares with the definition: variances of the placements of positives and negatives."""
    labels, a, b, _ = pair(study)
    pairs = [(one[labels == 1][:, None], one[labels == 0]) for one in (a, b)]
    wins = [(positive > negative) + (positive == negative) / 2 for positive, negative in pairs]
    difference = wins[0] - wins[1]
    m, n = difference.shape
    variance = difference.mean(axis=1).var(ddof=1) / m + difference.mean(axis=0).var(ddof=1) / n
    found = cxr.delong_test(labels, a, b)
    assert found.method == "DeLong"
    assert found.difference == pytest.approx(difference.mean(), abs=1e-12)
    assert found.standard_error == pytest.approx(np.sqrt(variance), abs=1e-12)
    z = difference.mean() / np.sqrt(variance)
    assert found.p_value == pytest.approx(2 * stats.norm.sf(abs(z)), rel=1e-9)
    assert (found.auroc_a, found.auroc_b) == pytest.approx([one.mean() for one in wins])


def test_groups_make_the_test_more_cautious_where_units_are_copies(study):
    labels, a, b, _ = pair(study)
    groups = np.tile(np.arange(len(labels)), 4)
    copied = [np.tile(one, 4) for one in (labels, a, b)]
    plain, clustered = cxr.delong_test(labels, a, b), cxr.delong_test(*copied, groups)
    assert clustered.method == "Obuchowski"
    assert clustered.difference == pytest.approx(plain.difference)
    assert clustered.standard_error == pytest.approx(plain.standard_error, rel=0.02)
    assert cxr.delong_test(*copied).standard_error < 0.6 * plain.standard_error


def test_order_of_rows_and_of_models(study):
    labels, a, b, groups = pair(study)
    order = np.random.default_rng(0).permutation(len(labels))
    found = cxr.delong_test(labels, a, b, groups)
    turned = cxr.delong_test(labels[order], a[order], b[order], groups[order])
    np.testing.assert_allclose(turned[:7], found[:7], rtol=1e-9)
    swapped = cxr.delong_test(labels, b, a, groups)
    assert swapped.difference == pytest.approx(-found.difference)
    assert swapped.p_value == pytest.approx(found.p_value)
    assert cxr.delong_test(labels, a, a).p_value == 1


def test_bootstrap_of_a_name_and_of_a_function_agree(study):
    labels, a, b, groups = pair(study)

    def brier(y_true, y_score):
        return np.nanmean((y_true - y_score) ** 2)

    for second in (None, b):
        named = cxr.bootstrap("brier", labels, a, second, groups, replicates=200)
        own = cxr.bootstrap(brier, labels, a, second, groups, replicates=200)
        np.testing.assert_allclose(named.replicates, own.replicates, atol=1e-12)
        np.testing.assert_allclose(named[:5], own[:5], atol=1e-12)
    assert np.isnan(cxr.bootstrap("brier", labels, a, replicates=100).p_value)


def test_bootstrap_of_a_difference(study):
    labels, a, b, groups = pair(study)
    found = cxr.bootstrap("auroc", labels, a, b, groups, replicates=2000)
    test = cxr.delong_test(labels, a, b, groups)
    assert found.value == pytest.approx(test.difference)
    assert found.standard_error == pytest.approx(test.standard_error, rel=0.15)
    assert found.low == pytest.approx(np.percentile(found.replicates, 2.5))
    assert found.p_value < 0.05


def test_an_undefined_metric_is_nan():
    found = cxr.bootstrap("auroc", [1, 1, 1], [0.1, 0.2, 0.3], replicates=100)
    assert np.isnan([found.value, found.low, found.high, found.standard_error]).all()


def test_wrong_metrics_are_refused(study):
    labels, a, _, _ = pair(study)
    with pytest.raises(cxr.InputError, match="`metric` must be a function or one of auroc"):
        cxr.bootstrap("auc", labels, a)
    with pytest.raises(cxr.InputError, match="`metric` must return a number"):
        cxr.bootstrap(lambda y, s: "high", labels, a, replicates=100)
    with pytest.raises(cxr.InputError, match="probabilities"):
        cxr.bootstrap("brier", labels, a + 2)


@pytest.mark.slow
def test_delong_rejects_five_per_cent_where_nothing_differs():
    rng = np.random.default_rng(0)
    rejected = 0
    for _ in range(1000):
        labels = (rng.random(150) < 0.3).astype(float)
        signal = rng.normal(size=150) + labels
        a, b = (signal + rng.normal(size=150) for _ in range(2))
        rejected += cxr.delong_test(labels, a, b).p_value < 0.05
    assert 35 <= rejected <= 70
