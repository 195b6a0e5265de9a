from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as oracle

from cxrcompare.evaluation import metrics

LABELS = np.array([1.0, 0.0, 1.0, 0.0, 0.0])
SCORES = np.array([0.9, 0.8, 0.8, 0.3, 0.1])


def test_auroc_by_hand():
    # Pairs (positive, negative): .9 beats .8 .3 .1 = 3; .8 ties .8 = 1/2, beats .3 .1 = 2.
    # (3 + 2.5) / (2 * 3) = 11/12.
    assert metrics.auroc(LABELS, SCORES) == pytest.approx(11 / 12, abs=1e-15)


def test_auprc_by_hand():
    # At .9: precision 1, recall gained 1/2. At .8 (both classes tied): precision 2/3, gained 1/2.
    # 1/2 + 1/3 = 5/6.
    assert metrics.auprc(LABELS, SCORES) == pytest.approx(5 / 6, abs=1e-15)


def test_brier_by_hand():
    # (.1^2 + .8^2 + .2^2 + .3^2 + .1^2) / 5 = (.01 + .64 + .04 + .09 + .01) / 5 = .158
    assert metrics.brier(LABELS, SCORES) == pytest.approx(0.158, abs=1e-15)


def test_log_loss_by_hand():
    # -(ln .9 + ln .2 + ln .8 + ln .7 + ln .9) / 5
    expected = -np.log(0.9 * 0.2 * 0.8 * 0.7 * 0.9) / 5
    assert metrics.log_loss(LABELS, SCORES) == pytest.approx(expected, abs=1e-15)


def test_log_loss_of_a_certain_mistake_is_finite_and_clipped():
    assert metrics.log_loss(np.array([1.0]), np.array([0.0])) == pytest.approx(
        -np.log(metrics.LOG_LOSS_CLIP)
    )


@pytest.mark.parametrize(("direction", "expected"), [(1, 1.0), (-1, 0.0), (0, 0.5)])
def test_auroc_of_perfect_reversed_and_constant_scores(direction, expected):
    assert metrics.auroc(LABELS, direction * LABELS) == expected


def test_auprc_of_constant_scores_is_the_prevalence():
    assert metrics.auprc(LABELS, np.zeros(5)) == pytest.approx(0.4, abs=1e-15)


def slow_auroc(labels: np.ndarray, scores: np.ndarray, weights: np.ndarray) -> float:
    """Every pair looked at."""
    total = won = 0.0
    for y, s, w in zip(labels, scores, weights, strict=True):
        for v, t, u in zip(labels, scores, weights, strict=True):
            if y == 1 and v == 0:
                total += w * u
                won += w * u * (1.0 if s > t else 0.5 if s == t else 0.0)
    return won / total if total else float("nan")


def slow_auprc(labels: np.ndarray, scores: np.ndarray, weights: np.ndarray) -> float:
    """Every threshold looked at."""
    positives = sum(w for y, w in zip(labels, weights, strict=True) if y == 1)
    negatives = sum(w for y, w in zip(labels, weights, strict=True) if y == 0)
    if not positives or not negatives:
        return float("nan")
    area = recall = 0.0
    for threshold in sorted(set(scores), reverse=True):
        called = [(y, w) for y, s, w in zip(labels, scores, weights, strict=True) if s >= threshold]
        tp = sum(w for y, w in called if y == 1)
        every = sum(w for _, w in called)
        if every:
            area += (tp / positives - recall) * tp / every
            recall = tp / positives
    return area


tables = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 8), st.integers(0, 3)), min_size=1, max_size=25
)


@settings(max_examples=150, deadline=None)
@given(tables)
def test_ranking_metrics_equal_the_slow_references(rows):
    labels, scores, weights = (
        np.array(column, dtype=np.float64) for column in zip(*rows, strict=True)
    )
    for fast, slow in ((metrics.auroc, slow_auroc), (metrics.auprc, slow_auprc)):
        expected = slow(labels, scores, weights)
        assert fast(labels, scores, weights) == pytest.approx(expected, abs=1e-12, nan_ok=True)


@pytest.mark.parametrize("decimals", [1, 3, 12])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(
    ("metric", "function"),
    [
        ("auroc", oracle.roc_auc_score),
        ("auprc", oracle.average_precision_score),
        ("brier", oracle.brier_score_loss),
        ("log_loss", oracle.log_loss),
    ],
)
def test_equals_scikit_learn(metric, function, weighted, decimals, problem):
    one = problem(seed=decimals, units=300, findings=1, models=1, decimals=decimals, unknown=0)
    labels, scores = one.labels[:, 0], one.scores[0, :, 0]
    weights = one.rng.integers(0, 4, 300).astype(np.float64) if weighted else None
    expected = function(labels, scores, sample_weight=weights)
    assert metrics.score_metric(metric, labels, scores, weights) == pytest.approx(
        expected, abs=1e-12
    )


@pytest.mark.parametrize("metric", metrics.SCORE_METRICS)
class TestEveryScoreMetric:
    def value(
        self, metric: Any, labels: np.ndarray, scores: np.ndarray, weights: np.ndarray | None = None
    ) -> Any:
        return metrics.score_metric(metric, labels, scores, weights)

    def test_does_not_depend_on_the_order_of_rows(self, metric, problem):
        one = problem(findings=1, models=1)
        labels, scores = one.labels[:, 0], one.scores[0, :, 0]
        order = one.rng.permutation(len(labels))
        assert self.value(metric, labels, scores) == pytest.approx(
            self.value(metric, labels[order], scores[order]), abs=1e-14
        )

    def test_whole_weights_are_repeated_rows(self, metric, problem):
        one = problem(findings=1, models=1)
        labels, scores = one.labels[:, 0], one.scores[0, :, 0]
        weights = one.rng.integers(0, 4, len(labels))
        assert self.value(metric, labels, scores, weights) == pytest.approx(
            self.value(metric, np.repeat(labels, weights), np.repeat(scores, weights)), abs=1e-13
        )

    def test_scale_of_weights_does_not_matter(self, metric, problem):
        one = problem(findings=1, models=1)
        labels, scores = one.labels[:, 0], one.scores[0, :, 0]
        weights = one.rng.random(len(labels))
        assert self.value(metric, labels, scores, weights) == pytest.approx(
            self.value(metric, labels, scores, 7 * weights), abs=1e-13
        )

    def test_unknown_labels_are_rows_that_are_not_there(self, metric, problem):
        one = problem(findings=1, models=1, unknown=0.4)
        labels, scores = one.labels[:, 0], one.scores[0, :, 0]
        known = ~np.isnan(labels)
        assert self.value(metric, labels, scores) == self.value(
            metric, labels[known], scores[known]
        )

    def test_lies_between_0_and_1_or_is_a_loss(self, metric, problem):
        one = problem(findings=1, models=1)
        value = self.value(metric, one.labels[:, 0], one.scores[0, :, 0])
        assert value >= 0 and (value <= 1 or metric == "log_loss")

    def test_is_nan_without_units(self, metric):
        assert np.isnan(self.value(metric, np.full(3, np.nan), np.zeros(3)))
        assert np.isnan(self.value(metric, np.ones(2), np.zeros(2), np.zeros(2)))
        assert np.isnan(self.value(metric, np.zeros(0), np.zeros(0)))


@pytest.mark.parametrize("metric", [m for m in metrics.SCORE_METRICS if m != "auprc"])
def test_inverted_labels_and_probabilities_give_the_same(metric, problem):
    one = problem(findings=1, models=1, decimals=9)
    labels, scores = one.labels[:, 0], one.scores[0, :, 0]
    assert metrics.score_metric(metric, 1 - labels, 1 - scores) == pytest.approx(
        metrics.score_metric(metric, labels, scores), abs=1e-12
    )


@pytest.mark.parametrize("metric", ["auroc", "auprc"])
@pytest.mark.parametrize("change", [np.exp, lambda s: s**3, lambda s: 5 * s - 2, np.arctan])
def test_ranking_metrics_do_not_change_under_monotone_maps(metric, change, problem):
    one = problem(findings=1, models=1)
    labels, scores = one.labels[:, 0], one.scores[0, :, 0]
    assert metrics.score_metric(metric, labels, change(scores)) == metrics.score_metric(
        metric, labels, scores
    )


@pytest.mark.parametrize("metric", ["auroc", "auprc"])
@pytest.mark.parametrize("label", [0.0, 1.0])
def test_ranking_metrics_are_nan_with_one_class(metric, label):
    assert np.isnan(metrics.score_metric(metric, np.full(4, label), np.arange(4.0)))


def test_score_metrics_has_models_by_findings(problem):
    one = problem(models=4, findings=3)
    values = metrics.score_metrics(one.labels, one.scores)
    assert {value.shape for value in values.values()} == {(4, 3)}
    assert values["auroc"][2, 1] == metrics.auroc(one.labels[:, 1], one.scores[2, :, 1])


def test_micro_pools_units_and_findings(problem):
    one = problem(models=2, findings=3, unknown=0.2)
    values = metrics.micro_score_metrics(one.labels, one.scores)
    known = ~np.isnan(one.labels)
    expected = oracle.roc_auc_score(one.labels[known], one.scores[1][known])
    assert values["auroc"][1] == pytest.approx(expected, abs=1e-12)


def test_an_unknown_metric_is_named():
    with pytest.raises(ValueError, match="'accuracy'"):
        metrics.score_metric("accuracy", LABELS, SCORES)


class TestRates:
    COUNTS = np.array([30, 10, 20, 40])  # tp fp fn tn

    def test_by_hand(self):
        rates = metrics.rates(self.COUNTS)
        assert rates["accuracy"] == pytest.approx(70 / 100)
        assert rates["sensitivity"] == pytest.approx(30 / 50)
        assert rates["specificity"] == pytest.approx(40 / 50)
        assert rates["precision"] == pytest.approx(30 / 40)
        assert rates["npv"] == pytest.approx(40 / 60)
        assert rates["f1"] == pytest.approx(2 * 0.75 * 0.6 / (0.75 + 0.6))
        assert rates["hamming_loss"] == pytest.approx(30 / 100)
        assert set(rates) == set(metrics.RATE_METRICS)

    def test_calling_nothing_on_the_original_test_set_is_82_percent_accurate(self):
        # Mean prevalence 0.17932: accuracy 1 - 0.17932, sensitivity 0, precision undefined.
        rates = metrics.rates(np.array([0.0, 0.0, 0.17932, 0.82068]))
        assert rates["accuracy"] == pytest.approx(0.82068)
        assert rates["hamming_loss"] == pytest.approx(0.17932)
        assert rates["sensitivity"] == 0
        assert rates["f1"] == 0
        assert np.isnan(rates["precision"])

    @pytest.mark.parametrize(
        ("counts", "undefined"),
        [
            ([0, 0, 5, 5], {"precision"}),
            ([5, 5, 0, 0], {"npv"}),
            ([0, 3, 0, 3], {"sensitivity"}),
            ([3, 0, 3, 0], {"specificity"}),
            ([0, 0, 0, 7], {"sensitivity", "precision", "f1"}),
            ([0, 0, 0, 0], set(metrics.RATE_METRICS)),
        ],
    )
    def test_a_denominator_of_zero_is_nan_and_nothing_else_is(self, counts, undefined):
        rates = metrics.rates(np.array(counts))
        assert undefined <= {name for name, value in rates.items() if np.isnan(value)}
        for name, (above, below) in metrics.rate_terms(np.array(counts)).items():
            assert np.isnan(rates[name]) == (below == 0)
            if below:
                assert rates[name] == above / below

    @settings(max_examples=60, deadline=None)
    @given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=2, max_size=40))
    def test_equals_scikit_learn(self, rows):
        labels, calls = (np.array(column, dtype=int) for column in zip(*rows, strict=True))
        tp, fp = np.sum(labels & calls), np.sum((1 - labels) & calls)
        fn, tn = np.sum(labels & (1 - calls)), np.sum((1 - labels) & (1 - calls))
        rates = metrics.rates(np.array([tp, fp, fn, tn]))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            expected = {
                "accuracy": oracle.accuracy_score(labels, calls),
                "sensitivity": oracle.recall_score(labels, calls, zero_division=np.nan),
                "precision": oracle.precision_score(labels, calls, zero_division=np.nan),
                "f1": oracle.f1_score(labels, calls, zero_division=np.nan),
                "hamming_loss": oracle.hamming_loss(labels, calls),
            }
        for name, value in expected.items():
            assert rates[name] == pytest.approx(value, abs=1e-12, nan_ok=True), name

    def test_accuracy_and_hamming_loss_add_up_to_1(self, problem):
        counts = problem().rng.integers(0, 9, (4, 5, 4))
        rates = metrics.rates(counts)
        np.testing.assert_allclose(rates["accuracy"] + rates["hamming_loss"], 1)


class TestSubsetAccuracy:
    def test_by_hand(self):
        labels = np.array([[1, 0], [0, 0], [1, 1], [np.nan, 1]])
        decisions = np.array([[[1, 0], [0, 1], [1, 1], [1, 1]]], dtype=bool)
        # Row 4 has an unknown label and drops out; rows 1 and 3 are right: 2/3.
        assert metrics.subset_accuracy(labels, decisions)[0] == pytest.approx(2 / 3)

    def test_equals_scikit_learn(self, problem):
        one = problem(unknown=0)
        decisions = one.scores > 0.5
        expected = [oracle.accuracy_score(one.labels.astype(bool), d) for d in decisions]
        np.testing.assert_allclose(metrics.subset_accuracy(one.labels, decisions), expected)

    def test_is_nan_where_every_unit_has_an_unknown_label(self):
        assert np.isnan(metrics.subset_accuracy(np.full((2, 1), np.nan), np.ones((1, 2, 1)))[0])


class TestMacro:
    def test_averages_what_is_defined_and_says_how_many(self):
        mean, number = metrics.macro(np.array([[0.5, np.nan, 0.9], [np.nan] * 3]))
        assert mean[0] == pytest.approx(0.7)
        assert np.isnan(mean[1])
        assert number.tolist() == [2, 0]

    def test_a_replicate_that_lacks_a_finding_of_the_whole_data_is_nan(self):
        replicates = np.array([[0.5, 0.7, np.nan], [0.5, np.nan, np.nan]])
        mean, number = metrics.macro(replicates, np.array([True, True, False]))
        assert mean[0] == pytest.approx(0.6)
        assert np.isnan(mean[1])
        assert number.tolist() == [2, 2]


def test_class_counts():
    labels = np.array([[1, 0], [np.nan, 0], [1, np.nan], [0, np.nan]])
    positives, negatives, unknown = metrics.class_counts(labels)
    assert (positives.tolist(), negatives.tolist(), unknown.tolist()) == ([2, 0], [1, 2], [1, 2])
