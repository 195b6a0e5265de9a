from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cxrcompare.evaluation import intervals, metrics
from cxrcompare.evaluation.auroc import delong
from cxrcompare.evaluation.bootstrap import metric_replicates, resampling


def slow_delong(labels: np.ndarray, scores: np.ndarray) -> Any:
    """DeLong, DeLong & Clarke-Pearson 1988 with every pair looked at."""
    wins = [
        (s[labels == 1][:, None] > s[labels == 0])
        + 0.5 * (s[labels == 1][:, None] == s[labels == 0])
        for s in scores
    ]
    rows = np.stack([w.mean(axis=1) for w in wins])
    columns = np.stack([w.mean(axis=0) for w in wins])
    covariance = np.cov(rows) / rows.shape[1] + np.cov(columns) / columns.shape[1]
    return np.array([w.mean() for w in wins]), np.atleast_2d(covariance)


def slow_obuchowski(labels: np.ndarray, scores: np.ndarray, patients: np.ndarray) -> Any:
    """Obuchowski 1997, equations of section 2, cluster by cluster."""
    m, n = (labels == 1).sum(), (labels == 0).sum()
    auroc, _ = slow_delong(labels, scores)
    names = np.unique(patients)
    x, y = np.zeros((len(names), len(scores))), np.zeros((len(names), len(scores)))
    with_x = with_y = 0
    for i, name in enumerate(names):
        own = patients == name
        with_x += (own & (labels == 1)).any()
        with_y += (own & (labels == 0)).any()
        for k, s in enumerate(scores):
            for j in np.flatnonzero(own & (labels == 1)):
                others = s[labels == 0]
                x[i, k] += np.mean((s[j] > others) + 0.5 * (s[j] == others)) - auroc[k]
            for j in np.flatnonzero(own & (labels == 0)):
                others = s[labels == 1]
                y[i, k] += np.mean((others > s[j]) + 0.5 * (s[j] == others)) - auroc[k]
    clusters = len(names)
    s10 = with_x / ((with_x - 1) * m) * x.T @ x
    s01 = with_y / ((with_y - 1) * n) * y.T @ y
    s11 = clusters / (clusters - 1) * x.T @ y
    return s10 / m + s01 / n + (s11 + s11.T) / (m * n)


@pytest.mark.parametrize("decimals", [1, 2, 9])
def test_equals_the_slow_reference(decimals, problem):
    one = problem(seed=decimals, models=4, findings=1, decimals=decimals, unknown=0)
    labels, scores = one.labels[:, 0], one.scores[:, :, 0]
    areas = delong.delong(labels, scores)
    auroc, covariance = slow_delong(labels, scores)
    np.testing.assert_allclose(areas.auroc, auroc, atol=1e-12)
    np.testing.assert_allclose(areas.covariance, covariance, atol=1e-14)


@pytest.mark.parametrize("decimals", [1, 9])
def test_clustered_equals_the_slow_reference(decimals, problem):
    one = problem(models=3, findings=1, decimals=decimals, unknown=0)
    labels, scores = one.labels[:, 0], one.scores[:, :, 0]
    areas = delong.clustered(labels, scores, one.patients)
    expected = slow_obuchowski(labels, scores, one.patients)
    np.testing.assert_allclose(areas.covariance, expected, atol=1e-14)


def test_by_hand():
    # Positives .8 .4, negatives .6 .2 .1. Placements of positives: 3/3, 2/3, mean 5/6 = AUROC;
    # variance ((1/6)^2 + (1/6)^2) / 1 = 1/18. Negatives: 1/2, 1, 1; mean 5/6, variance
    # ((1/3)^2 + 2 (1/6)^2) / 2 = 1/12. Variance of the AUROC 1/18 / 2 + 1/12 / 3 = 1/18.
    areas = delong.delong(np.array([1.0, 0, 1, 0, 0]), np.array([[0.8, 0.6, 0.4, 0.2, 0.1]]))
    assert areas.auroc[0] == pytest.approx(5 / 6, abs=1e-15)
    assert areas.covariance[0, 0] == pytest.approx(1 / 18, abs=1e-15)
    assert delong.standard_errors(areas)[0] == pytest.approx(np.sqrt(1 / 18))


def test_clustered_by_hand():
    # The units of `test_by_hand`; the .8 and the .6 are of one patient, the others of three more.
    # Deviations of positives per patient: 1/6, -1/6; of negatives: -1/3, 1/6, 1/6.
    # S10 = 2 / (1 * 2) * 2/36 = 1/18; S01 = 3 / (2 * 3) * (1/9 + 2/36) = 1/12;
    # S11 = 4/3 * (1/6)(-1/3) = -2/27. Variance 1/18 / 2 + 1/12 / 3 - 2 * 2/27 / 6 = 5/162.
    areas = delong.clustered(
        np.array([1.0, 0, 1, 0, 0]),
        np.array([[0.8, 0.6, 0.4, 0.2, 0.1]]),
        np.array(["a", "a", "b", "c", "d"]),
    )
    assert areas.covariance[0, 0] == pytest.approx(5 / 162, abs=1e-15)


def test_clustered_is_delong_with_one_unit_per_patient(problem):
    one = problem(models=3, findings=1)
    labels, scores = one.labels[:, 0], one.scores[:, :, 0]
    single = delong.clustered(labels, scores, np.arange(len(labels)))
    np.testing.assert_allclose(
        single.covariance, delong.delong(labels, scores).covariance, atol=1e-15
    )


def test_clustered_is_not_fooled_by_copied_units(problem):
    # Every unit twice under its own patient: nothing new is known, and the variance says so.
    one = problem(models=2, findings=1, unknown=0)
    labels, scores = one.labels[:, 0], one.scores[:, :, 0]
    patients = np.arange(len(labels))
    twice = delong.clustered(np.tile(labels, 2), np.tile(scores, (1, 2)), np.tile(patients, 2))
    np.testing.assert_allclose(
        twice.covariance, delong.delong(labels, scores).covariance, atol=1e-15
    )
    naive = delong.delong(np.tile(labels, 2), np.tile(scores, (1, 2)))
    assert (np.diag(naive.covariance) < 0.51 * np.diag(twice.covariance)).all()


def test_area_is_the_auroc(problem):
    one = problem(models=3, findings=1)
    areas = delong.delong(one.labels[:, 0], one.scores[:, :, 0])
    expected = metrics.score_metrics(one.labels, one.scores, ("auroc",))["auroc"][:, 0]
    np.testing.assert_allclose(areas.auroc, expected, atol=1e-14)


def test_invariances(problem):
    one = problem(models=3, findings=1)
    labels, scores = one.labels[:, 0], one.scores[:, :, 0]
    order = one.rng.permutation(len(labels))
    whole = delong.clustered(labels, scores, one.patients)
    for other in (
        delong.clustered(labels[order], scores[:, order], one.patients[order]),
        delong.clustered(labels, np.exp(3 * scores), one.patients),
        delong.clustered(1 - labels, -scores, one.patients),
    ):
        np.testing.assert_allclose(other.covariance, whole.covariance, atol=1e-14)


def test_agrees_with_the_bootstrap(problem):
    one = problem(seed=3, units=400, models=2, findings=1, decimals=9)
    resamples = resampling.draw(one.patients, 4000, one.rng)
    replicates = metric_replicates.score_metrics(one.labels, one.scores, resamples, ("auroc",))[
        "auroc"
    ]
    areas = delong.clustered(one.labels[:, 0], one.scores[:, :, 0], one.patients)
    ratio = intervals.standard_error(replicates)[:, 0] / delong.standard_errors(areas)
    assert ratio == pytest.approx(1, abs=0.06)
    difference = intervals.standard_error(replicates[:, 0] - replicates[:, 1])
    assert difference[0] == pytest.approx(delong.paired(areas, 0, 1).standard_error, rel=0.06)


class TestPaired:
    def test_by_hand(self):
        areas = delong.Areas(np.array([0.9, 0.85]), np.array([[4e-4, 1e-4], [1e-4, 3e-4]]))
        # Variance 4e-4 + 3e-4 - 2e-4 = 5e-4; z = .05 / .0223607 = 2.236068; p = .025347.
        test = delong.paired(areas, 0, 1)
        assert test.difference == pytest.approx(0.05)
        assert test.standard_error == pytest.approx(np.sqrt(5e-4))
        assert test.p_value == pytest.approx(0.025347, abs=1e-6)
        assert test.low == pytest.approx(0.05 - 1.959964 * np.sqrt(5e-4), abs=1e-8)
        assert test.high == pytest.approx(0.05 + 1.959964 * np.sqrt(5e-4), abs=1e-8)

    def test_swapped_models_change_the_sign_only(self, problem):
        one = problem(findings=1)
        areas = delong.delong(one.labels[:, 0], one.scores[:, :, 0])
        there, back = delong.paired(areas, 0, 1), delong.paired(areas, 1, 0)
        assert there.difference == -back.difference
        assert there.p_value == pytest.approx(back.p_value)

    def test_models_that_rank_alike_do_not_differ(self, problem):
        one = problem(findings=1)
        same = np.stack([one.scores[0, :, 0], np.exp(one.scores[0, :, 0])])
        for areas in (
            delong.delong(one.labels[:, 0], same),
            delong.clustered(one.labels[:, 0], same, one.patients),
        ):
            test = delong.paired(areas, 0, 1)
            assert test.difference == 0
            assert test.p_value == 1

    def test_contrast_of_means_over_seeds(self, problem):
        one = problem(models=4, findings=1)
        areas = delong.delong(one.labels[:, 0], one.scores[:, :, 0])
        weights = np.array([0.5, 0.5, -0.5, -0.5])
        test = delong.contrast(areas, weights)
        assert test.difference == pytest.approx(areas.auroc[:2].mean() - areas.auroc[2:].mean())
        assert test.standard_error == pytest.approx(np.sqrt(weights @ areas.covariance @ weights))

    def test_equals_mlstatkit(self, problem):
        module = pytest.importorskip("MLstatkit", reason="a package of the bench extra")
        one = problem(seed=8, units=200, findings=1, unknown=0, decimals=3)
        found = delong.paired(delong.delong(one.labels[:, 0], one.scores[:, :, 0]), 0, 1)
        expected = module.Delong_test(
            one.labels[:, 0].astype(int), one.scores[0, :, 0], one.scores[1, :, 0]
        )
        z = abs(found.difference) / found.standard_error
        assert z == pytest.approx(abs(expected[0]), abs=1e-8)
        assert found.p_value == pytest.approx(expected[1], abs=1e-8)


@pytest.mark.parametrize("label", [0.0, 1.0, np.nan])
def test_one_class_is_nan(label):
    labels, scores = np.full(5, label), np.arange(10.0).reshape(2, 5)
    for areas in (
        delong.delong(labels, scores),
        delong.clustered(labels, scores, np.array([0, 0, 1, 2, 3])),
    ):
        assert np.isnan(areas.auroc).all()
        assert np.isnan(areas.covariance).all()
        assert np.isnan(delong.paired(areas, 0, 1).p_value)


def test_one_positive_has_an_area_but_no_variance():
    labels, scores = np.array([1.0, 0, 0, 0]), np.arange(8.0).reshape(2, 4)
    for areas in (delong.delong(labels, scores), delong.clustered(labels, scores, np.arange(4))):
        assert areas.auroc.tolist() == [0, 0]
        assert np.isnan(areas.covariance).all()
