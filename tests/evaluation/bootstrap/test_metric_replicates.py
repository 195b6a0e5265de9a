"""The fast paths against references that really repeat rows, and against each other."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as oracle

from cxrcompare.evaluation import metrics
from cxrcompare.evaluation.bootstrap import (
    metric_replicates,
    resampling,
    unit_codes,
)
from cxrcompare.evaluation.bootstrap.one_class import one_class


def slow(labels: np.ndarray, scores: np.ndarray, resamples: np.ndarray, metric: Any) -> np.ndarray:
    """One replicate, model and finding after the other, with the replicate's weights."""
    shape = (resamples.replicates, len(scores), labels.shape[1])
    return np.array(
        [
            metrics.score_metric(metric, labels[:, f], scores[m, :, f], resamples.weights(r))
            for r, m, f in np.ndindex(shape)
        ]
    ).reshape(shape)


@pytest.mark.parametrize("metric", metrics.SCORE_METRICS)
@pytest.mark.parametrize("decimals", [1, 2, 15])
@pytest.mark.parametrize("prevalence", [0.02, 0.3, 0.9])
def test_equals_the_slow_reference(metric, decimals, prevalence, problem):
    one = problem(seed=decimals, units=60, decimals=decimals, prevalence=prevalence, unknown=0.1)
    resamples = resampling.draw(one.patients, 150, one.rng)
    fast = metric_replicates.score_metrics(one.labels, one.scores, resamples, (metric,))[metric]
    np.testing.assert_allclose(
        fast, slow(one.labels, one.scores, resamples, metric), rtol=0, atol=1e-12
    )


@pytest.mark.parametrize(
    ("metric", "function"),
    [("auroc", oracle.roc_auc_score), ("auprc", oracle.average_precision_score)],
)
def test_equals_scikit_learn_on_rows_that_are_really_repeated(metric, function, problem):
    one = problem(units=80, unknown=0, models=1, findings=1)
    resamples = resampling.draw(one.patients, 40, one.rng)
    fast = metric_replicates.score_metrics(one.labels, one.scores, resamples, (metric,))[metric]
    _, index = np.unique(one.patients, return_inverse=True)
    for replicate, counts in enumerate(resamples.counts):
        rows = [
            r
            for p, times in enumerate(counts)
            for _ in range(times)
            for r in np.flatnonzero(index == p)
        ]
        expected = function(one.labels[rows, 0], one.scores[0, rows, 0])
        assert fast[replicate, 0, 0] == pytest.approx(expected, abs=1e-12)


rows = st.lists(
    st.tuples(
        st.sampled_from([0.0, 1.0, np.nan]), st.integers(0, 6), st.integers(0, 6), st.integers(0, 5)
    ),
    min_size=1,
    max_size=30,
)


@settings(max_examples=80, deadline=None)
@given(rows, st.integers(1, 5))
def test_equals_the_slow_reference_whatever_the_table(table, replicates):
    columns = [np.array(column, dtype=float) for column in zip(*table, strict=True)]
    labels, scores = columns[0][:, None], np.stack(columns[1:3])[:, :, None] / 6
    resamples = resampling.draw(columns[3], replicates, np.random.default_rng(len(table)))
    fast = metric_replicates.score_metrics(labels, scores, resamples)
    for metric, values in fast.items():
        expected = slow(labels, scores, resamples, metric)
        np.testing.assert_allclose(values, expected, rtol=0, atol=1e-12, err_msg=metric)


@pytest.mark.parametrize("replicates", [1, 127, 128, 129, 300])
def test_blocks_of_replicates_leave_no_trace(replicates, problem):
    one = problem()
    resamples = resampling.draw(one.patients, 300, one.rng)
    part = resampling.Resamples(resamples.patient, resamples.counts[:replicates])
    whole = metric_replicates.score_metrics(one.labels, one.scores, resamples)
    for metric, values in metric_replicates.score_metrics(one.labels, one.scores, part).items():
        np.testing.assert_array_equal(values, whole[metric][:replicates])


def test_blocks_of_models_leave_no_trace(problem, monkeypatch):
    one = problem(models=5)
    resamples = resampling.draw(one.patients, 20, one.rng)
    whole = metric_replicates.score_metrics(one.labels, one.scores, resamples)
    monkeypatch.setattr(resampling, "_VALUES", 2 * one.labels.size)
    for metric, values in metric_replicates.score_metrics(
        one.labels, one.scores, resamples
    ).items():
        np.testing.assert_array_equal(values, whole[metric])


def test_every_model_sees_the_same_patients(problem):
    one = problem()
    resamples = resampling.draw(one.patients, 50, one.rng)
    twice = np.stack([one.scores[0], one.scores[1], one.scores[0]])
    for values in metric_replicates.score_metrics(one.labels, twice, resamples).values():
        np.testing.assert_array_equal(values[:, 0], values[:, 2])


def test_the_whole_data_give_the_point_estimates(problem):
    one = problem()
    fast = metric_replicates.score_metrics(one.labels, one.scores, resampling.whole(one.patients))
    for metric, values in metrics.score_metrics(one.labels, one.scores).items():
        np.testing.assert_allclose(fast[metric][0], values, rtol=0, atol=1e-12)


def test_does_not_depend_on_the_order_of_rows(problem):
    one = problem()
    resamples = resampling.draw(one.patients, 30, one.rng)
    order = one.rng.permutation(len(one.labels))
    whole = metric_replicates.score_metrics(one.labels, one.scores, resamples)
    moved = metric_replicates.score_metrics(
        one.labels[order], one.scores[:, order], resamples.take(order)
    )
    for metric in whole:
        np.testing.assert_allclose(moved[metric], whole[metric], rtol=0, atol=1e-13)


def test_single_precision_scores_rank_as_they_are(problem):
    one = problem(decimals=9)
    resamples = resampling.draw(one.patients, 10, one.rng)
    single = one.scores.astype(np.float32)
    np.testing.assert_array_equal(
        metric_replicates.score_metrics(one.labels, single, resamples, ("auroc",))["auroc"],
        metric_replicates.score_metrics(
            one.labels, single.astype(np.float64), resamples, ("auroc",)
        )["auroc"],
    )


def test_scores_may_be_any_finite_numbers_where_only_ranks_count(problem):
    one = problem()
    resamples = resampling.draw(one.patients, 10, one.rng)
    whole = metric_replicates.score_metrics(one.labels, one.scores, resamples, ("auroc", "auprc"))
    moved = metric_replicates.score_metrics(
        one.labels, 1e6 * one.scores - 3e5, resamples, ("auroc", "auprc")
    )
    for metric in whole:
        np.testing.assert_array_equal(moved[metric], whole[metric])


def test_replicates_of_one_class_are_nan_and_counted(problem):
    one = problem(units=40, prevalence=0.03, unknown=0, seed=5)
    one.labels[:, 0] = 0
    one.labels[3, 0] = 1
    resamples = resampling.draw(one.patients, 400, one.rng)
    values = metric_replicates.score_metrics(one.labels, one.scores, resamples)
    lost = one_class(one.labels, resamples).sum(axis=0)
    assert 0 < lost[0] < 400
    for metric in ("auroc", "auprc"):
        np.testing.assert_array_equal(np.isnan(values[metric]).sum(axis=0), [lost, lost])
    for metric in ("brier", "log_loss", "ece"):
        assert not np.isnan(values[metric]).any()


def test_a_finding_without_known_labels_is_nan_throughout(problem):
    one = problem()
    one.labels[:, 1] = np.nan
    resamples = resampling.draw(one.patients, 20, one.rng)
    for values in metric_replicates.score_metrics(one.labels, one.scores, resamples).values():
        assert np.isnan(values[:, :, 1]).all()
        assert not np.isnan(values[:, :, 0]).any()


def test_micro_pools_units_and_findings(problem):
    one = problem(units=50, unknown=0.1)
    resamples = resampling.draw(one.patients, 25, one.rng)
    values = metric_replicates.with_pooled(one.labels, one.scores, resamples)
    plain = metric_replicates.score_metrics(one.labels, one.scores, resamples)
    for metric, (by_finding, value) in values.items():
        np.testing.assert_array_equal(by_finding, plain[metric])
        for r, m in np.ndindex(25, 2):
            weights = np.repeat(resamples.weights(r), 3)
            expected = metrics.score_metric(
                metric, one.labels.ravel(), one.scores[m].ravel(), weights
            )
            assert value[r, m] == pytest.approx(expected, abs=1e-12)


def test_weights_up_to_255_do_not_overflow():
    # 255 * (units) counts: lost pairs reach 255^2 * 150 * 150 > 2^31 / 2.
    labels = np.tile([0.0, 1.0], 150)[:, None]
    scores = np.tile([1.0, 0.0], 150)[None, :, None] + np.linspace(0, 0.5, 300)[None, :, None]
    resamples = resampling.Resamples(
        np.arange(300, dtype=np.int32), np.full((1, 300), 255, dtype=np.uint8)
    )
    fast = metric_replicates.score_metrics(labels, scores, resamples, ("auroc", "auprc"))
    for metric, value in fast.items():
        expected = metrics.score_metric(metric, labels[:, 0], scores[0, :, 0])
        assert value[0, 0, 0] == pytest.approx(expected, abs=1e-12)


@pytest.mark.slow
def test_equals_the_slow_reference_at_full_size():
    rng = np.random.default_rng(0)
    labels = (rng.random((25_596, 2)) < [0.02, 0.4]).astype(np.float64)
    scores = np.round(1 / (1 + np.exp(1 - labels - rng.normal(size=(1, 25_596, 2)))), 4)
    resamples = resampling.draw(rng.integers(0, 2797, 25_596), 3, rng)
    for metric, values in metric_replicates.score_metrics(labels, scores, resamples).items():
        expected = slow(labels, scores, resamples, metric)
        np.testing.assert_allclose(values, expected, rtol=0, atol=1e-12, err_msg=metric)


SHARED = Path(__file__).parents[2] / "../shared/data/nih-test-predictions"
PREDICTIONS = Path(os.environ.get("CXRCOMPARE_NIH_PREDICTIONS", SHARED))


@pytest.mark.slow
@pytest.mark.skipif(not PREDICTIONS.is_dir(), reason="needs the folder of real predictions")
def test_equals_scikit_learn_on_real_predictions():
    file = np.load(PREDICTIONS / "densenet121_seed0.npz")
    labels, scores = file["test_labels"].astype(np.float64), file["test_logits"][None]
    patients = file["test_patient"]
    resamples = resampling.draw(patients, 2, np.random.default_rng(0))
    fast = metric_replicates.score_metrics(labels, scores, resamples, ("auroc", "auprc"))
    for r, f in np.ndindex(2, labels.shape[1]):
        data = labels[:, f], scores[0, :, f]
        weights = resamples.weights(r)
        for metric, function in (
            ("auroc", oracle.roc_auc_score),
            ("auprc", oracle.average_precision_score),
        ):
            expected = function(*data, sample_weight=weights)
            assert fast[metric][r, 0, f] == pytest.approx(expected, abs=1e-12)


class TestDecisions:
    def test_counts_equal_the_slow_reference(self, problem):
        one = problem(unknown=0.15)
        decisions = one.scores > 0.5
        resamples = resampling.draw(one.patients, 140, one.rng)
        counts = metric_replicates.decision_counts(one.labels, decisions, resamples)
        assert counts.shape == (140, 2, 3, 4)
        for r, m, f in np.ndindex(140, 2, 3):
            w, y, d = resamples.weights(r), one.labels[:, f], decisions[m, :, f]
            cells = [(y == 1) & d, (y == 0) & d, (y == 1) & ~d, (y == 0) & ~d]
            assert counts[r, m, f].tolist() == [w[cell].sum() for cell in cells]

    def test_counts_add_up_to_the_known_units(self, problem):
        one = problem(unknown=0.15)
        resamples = resampling.draw(one.patients, 20, one.rng)
        counts = metric_replicates.decision_counts(one.labels, one.scores > 0.4, resamples)
        positives, negatives = metric_replicates.class_totals(one.labels, resamples)
        np.testing.assert_array_equal(
            counts.sum(axis=-1), np.stack([positives + negatives] * 2, axis=1)
        )
        np.testing.assert_array_equal(counts[:, 0, :, 0] + counts[:, 0, :, 2], positives)


class TestInputIsChecked:
    def resamples(self, units: int = 4) -> np.ndarray:
        return resampling.draw(np.arange(units), 3, np.random.default_rng(0))

    @pytest.mark.parametrize(
        ("labels", "scores", "message"),
        [
            (np.zeros((4, 2)), np.zeros((1, 4, 3)), "M, N, F"),
            (np.zeros((5, 2)), np.zeros((1, 5, 2)), "N = 4"),
            (np.zeros(4), np.zeros((1, 4)), "M, N, F"),
            (np.full((4, 2), -1.0), np.zeros((1, 4, 2)), "0, 1 or NaN"),
            (np.full((4, 2), 0.5), np.zeros((1, 4, 2)), "0, 1 or NaN"),
            (np.zeros((4, 2)), np.full((1, 4, 2), np.nan), "not be NaN"),
        ],
    )
    def test_shapes_and_values(self, labels, scores, message):
        with pytest.raises(ValueError, match=message):
            metric_replicates.score_metrics(labels, scores, self.resamples())

    def test_metric_names(self):
        with pytest.raises(ValueError, match="f1"):
            metric_replicates.score_metrics(
                np.zeros((4, 1)), np.zeros((1, 4, 1)), self.resamples(), ("auroc", "f1")
            )

    def test_decisions(self):
        with pytest.raises(ValueError, match="M, N, F"):
            metric_replicates.decision_counts(
                np.zeros((4, 2)), np.zeros((1, 4, 3), dtype=bool), self.resamples()
            )


class TestSortedUnits:
    def test_codes_by_hand(self):
        # Descending: .9 (1) alone, .7 (0, 1) tied, .2 (0) alone; the unknown drops out.
        labels = np.array([0.0, 1.0, np.nan, 0.0, 1.0])
        scores = np.array([0.7, 0.9, 0.8, 0.2, 0.7])
        patients, codes, _ = metric_replicates.sorted_units(
            labels, scores, np.arange(5, dtype=np.int32)
        )
        assert patients.tolist() == [1, 0, 4, 3]
        assert codes.tolist() == [
            unit_codes.POSITIVE,
            unit_codes.TIED_NEGATIVE,
            unit_codes.LAST_POSITIVE,
            unit_codes.NEGATIVE,
        ]

    def test_of_no_known_unit_is_empty(self):
        patients, codes, _ = metric_replicates.sorted_units(
            np.full(2, np.nan), np.zeros(2), np.zeros(2, dtype=np.int32)
        )
        assert len(patients) == len(codes) == 0
