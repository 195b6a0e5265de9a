"""Points and parts of the ROC curve: values, influences and limits."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special

from cxrcompare.evaluation.influence import influence_tests
from cxrcompare.evaluation.thresholds import roc_influence
from cxrcompare.evaluation.thresholds.roc_points import METRICS, RocPoints, roc_metric

POINTS = [RocPoints(), RocPoints(0.5, 0.5, 1.0), RocPoints(0.83, 0.71, 0.23)]


def variance(found, run: int = 0) -> float:
    return float(np.sum(found.sides[:, run].sum(axis=0) ** 2))


@pytest.mark.parametrize("decimals", [15, 2, 1])
@pytest.mark.parametrize("points", POINTS)
def test_values_are_those_of_the_plain_curve(problem, points, decimals):
    one = problem(units=90, decimals=decimals, unknown=0.1)
    patients = np.unique(one.patients, return_inverse=True)[1]
    for f in range(one.labels.shape[1]):
        data = one.labels[:, f], one.scores[:, :, f]
        plain, found = (
            roc_influence.values(*data, points),
            roc_influence.influences(*data, patients, points=points),
        )
        for metric in METRICS:
            expected = [roc_metric(metric, one.labels[:, f], s, None, points) for s in data[1]]
            np.testing.assert_allclose(plain[metric], expected, atol=1e-9)
            np.testing.assert_allclose(found[metric].value, expected, atol=1e-9)
            low, high = found[metric].limits.T
            assert (low <= expected).all()
            assert (expected <= high).all()
            assert ((low >= 0) & (high <= 1)).all()


def test_influences_on_an_area_are_its_derivatives_by_the_weight_of_a_unit(problem):
    one = problem(units=61, decimals=1, unknown=0)
    labels, score = one.labels[:, 0], one.scores[0, :, 0]
    points = RocPoints(false_positive_rate=0.237)
    found = roc_influence.influences(labels, score[None], np.arange(61), points=points)
    own = found["partial_auroc"].sides[:, 0]
    for unit in range(61):
        weights = np.ones((2, 61))
        weights[:, unit] += [1e-6, -1e-6]
        up, down = (roc_metric("partial_auroc", labels, score, w, points) for w in weights)
        side = 0 if labels[unit] == 1 else 1
        size = int((labels == labels[unit]).sum())
        scale = np.sqrt(size / (size - 1))
        assert own[side, unit] / scale == pytest.approx((up - down) / 2e-6, abs=1e-7)


def test_classes_exchange_the_two_points(problem):
    one = problem(units=80, decimals=2, unknown=0)
    labels, scores = one.labels[:, 0], one.scores[:, :, 0]
    points, turned = RocPoints(0.8, 0.7), RocPoints(0.7, 0.8)
    found = roc_influence.influences(labels, scores, np.arange(80), points=points)
    mirror = roc_influence.influences(1 - labels, -scores, np.arange(80), points=turned)
    a, b = found["specificity_at_sensitivity"], mirror["sensitivity_at_specificity"]
    np.testing.assert_allclose(a.value, b.value, atol=1e-12)
    np.testing.assert_allclose(a.sides, b.sides[::-1], atol=1e-12)
    np.testing.assert_allclose(a.limits, b.limits, atol=1e-12)


def test_copies_of_units_within_a_patient_change_nothing(problem):
    one = problem(units=70, decimals=3, unknown=0)
    labels, scores = one.labels[:, 0], one.scores[:, :, 0]
    single = roc_influence.influences(labels, scores, np.arange(70))
    double = roc_influence.influences(
        np.repeat(labels, 2), np.repeat(scores, 2, axis=1), np.repeat(np.arange(70), 2)
    )
    for metric in METRICS:
        np.testing.assert_allclose(double[metric].value, single[metric].value, atol=1e-12)
        np.testing.assert_allclose(double[metric].limits, single[metric].limits, atol=1e-9)
        own = double[metric].sides[0 if metric != "specificity_at_sensitivity" else 1]
        alone = single[metric].sides[0 if metric != "specificity_at_sensitivity" else 1]
        np.testing.assert_allclose(own, alone, atol=1e-12)


def test_one_class_or_one_patient_of_a_class():
    labels = np.array([1.0, 0.0, 0.0, np.nan])
    found = roc_influence.influences(labels, np.array([[0.9, 0.1, 0.2, 0.5]]), np.arange(4))
    for metric in METRICS:
        assert found[metric].value.tolist() == [1.0]
        assert np.isnan(found[metric].limits).all()
    alone = roc_influence.influences(np.ones(4), np.array([[0.9, 0.1, 0.2, 0.5]]), np.arange(4))
    assert all(np.isnan(alone[metric].value).all() for metric in METRICS)
    assert all(
        np.isnan(value).all()
        for value in roc_influence.values(np.ones(4), np.ones((1, 4))).values()
    )


SIZES = [(40, 300), (100, 900)]


@pytest.mark.parametrize(("positives", "negatives"), SIZES)
def test_the_variance_is_that_of_many_test_sets(positives, negatives):
    state = np.random.default_rng(4)
    labels = np.r_[np.ones(positives), np.zeros(negatives)]
    patients = np.arange(len(labels))
    values, variances = {name: [] for name in METRICS}, {name: [] for name in METRICS}
    for _ in range(250):
        score = state.normal(size=(1, len(labels))) + 1.5 * labels
        for name, one in roc_influence.influences(labels, score, patients).items():
            values[name].append(one.value[0])
            variances[name].append(variance(one))
    for name in METRICS:
        ratio = np.mean(variances[name]) / np.var(values[name])
        assert 0.75 < ratio < 1.5, name


@pytest.mark.parametrize("spread", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("auroc", [0.75, 0.97])
@pytest.mark.parametrize(("positives", "negatives"), [(12, 200), (40, 300)])
def test_limits_cover_the_truth(positives, negatives, auroc, spread):
    """12 positives are too few for a fixed sensitivity, see `RocPoints.fewest_patients`."""
    state = np.random.default_rng(8)
    labels = np.r_[np.ones(positives), np.zeros(negatives)]
    patients, rates = np.arange(len(labels)), (np.arange(20_000) + 0.5) / 200_000
    apart = special.ndtri(auroc) * np.sqrt(1 + spread**2)
    area = 0.1 * special.ndtr((apart + special.ndtri(rates)) / spread).mean()
    truth = {
        "partial_auroc": (1 + (area - 0.005) / 0.095) / 2,
        "sensitivity_at_specificity": special.ndtr((apart - special.ndtri(0.9)) / spread),
        "specificity_at_sensitivity": special.ndtr(apart - spread * special.ndtri(0.9)),
    }
    inside = {name: [] for name in METRICS}
    for _ in range(250):
        normal = state.normal(size=len(labels))
        score = np.where(labels == 1, apart + spread * normal, normal)
        for name, one in roc_influence.influences(labels, score[None], patients).items():
            low, high = one.limits[0]
            inside[name].append(low <= truth[name] <= high)
    for name in METRICS:
        if name != "specificity_at_sensitivity" or positives >= 36:
            assert np.mean(inside[name]) > 0.9, name


def test_patients_that_a_point_needs():
    points = RocPoints(0.9, 0.95, 0.1)
    assert points.fewest_patients("sensitivity_at_specificity") == (0, 36)
    assert points.fewest_patients("specificity_at_sensitivity") == (72, 0)
    assert points.fewest_patients("partial_auroc") == (0, 0)
    assert RocPoints(0.1, 0.5).fewest_patients("sensitivity_at_specificity") == (0, 36)
    assert RocPoints(sensitivity=1).fewest_patients("specificity_at_sensitivity")[0] == np.inf
    # The chance that 36 patients are all on one side of their 90 % quantile is 2.3 %.
    assert 0.9**36 < 0.025 < 0.9**35


def test_architectures_average_their_seeds_and_findings(problem):
    one = problem(units=120, decimals=4, models=5)
    averaged = dict.fromkeys(METRICS, np.array([True, False, True]))
    patients = np.unique(one.patients, return_inverse=True)[1]
    found = roc_influence.estimate(
        one.labels, one.scores, patients, [[0, 1, 2], [3], [4]], averaged, RocPoints(), 0.95
    )
    for metric in METRICS:
        each = np.array(
            [
                [roc_metric(metric, one.labels[:, f], score[:, f]) for f in range(3)]
                for score in one.scores
            ]
        )
        means = np.stack([each[:3].mean(axis=0), each[3], each[4]])
        np.testing.assert_allclose(found[metric].value[:, :3], means, atol=1e-9)
        np.testing.assert_allclose(found[metric].value[:, 3], means[:, [0, 2]].mean(axis=1))
        assert np.isnan(found[metric].limits[:, 3]).all()
        low, high = influence_tests.intervals(found[metric])
        patient_low = found[metric].limits[0, :3, 0]
        assert (low[0, :3] <= patient_low + 1e-12).all()  # seeds widen it
        np.testing.assert_allclose(low[1:, :3], found[metric].limits[1:, :3, 0])
        assert (low[:, 3] < high[:, 3]).all()


def test_the_mean_over_one_finding_is_that_finding(problem):
    one = problem(units=120, decimals=4)
    averaged = dict.fromkeys(METRICS, np.array([False, True, False]))
    patients = np.unique(one.patients, return_inverse=True)[1]
    found = roc_influence.estimate(
        one.labels, one.scores, patients, [[0], [1]], averaged, RocPoints(), 0.95
    )
    for metric in METRICS:
        for ends in influence_tests.intervals(found[metric]):
            np.testing.assert_array_equal(ends[:, 3], ends[:, 1])


def test_the_patients_beyond_a_fixed_rate_give_the_degrees_of_freedom(problem):
    one = problem(units=400, unknown=0.0, prevalence=0.25)
    labels, patients = one.labels[:, 0], np.arange(400)
    positives, negatives = int(labels.sum()), int(400 - labels.sum())
    found = roc_influence.influences(labels, one.scores[:, :, 0], patients)
    expected = {
        "partial_auroc": (positives, negatives),
        "sensitivity_at_specificity": (positives, 0.2 * negatives + 1),
        "specificity_at_sensitivity": (0.2 * positives + 1, negatives),
    }
    for metric, numbers in expected.items():
        np.testing.assert_allclose(found[metric].patients, numbers)


def test_equal_models_seldom_differ_at_a_fixed_sensitivity():
    """50 positives, five beyond the threshold: with 49 degrees of freedom 2.0 % differ at 1 %."""
    rng, wrong = np.random.default_rng(12), 0
    labels, patients = np.r_[np.ones(50), np.zeros(450)], np.arange(500)
    averaged = {"specificity_at_sensitivity": np.array([True])}
    for _ in range(300):
        common = np.sqrt(0.7) * rng.normal(size=500)
        scores = common + np.sqrt(0.3) * rng.normal(size=(2, 500)) + 1.5 * labels
        found = roc_influence.estimate(
            labels[:, None],
            scores[:, :, None],
            patients,
            [[0], [1]],
            averaged,
            RocPoints(),
            0.95,
        )["specificity_at_sensitivity"]
        pair = influence_tests.differences(found, np.array([0]), np.array([1]))
        wrong += float(pair.p_value[0, 0]) < 0.01
    assert wrong <= 9
