"""Metrics of every run, held against scikit-learn; blank labels and single classes."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score

from cxrcompare.comparison.compare import Options, compare
from cxrcompare.comparison.inference.scoring import MEAN_INDEX, score
from cxrcompare.errors import InputError
from cxrcompare.evaluation.thresholds import roc_points

FEW = Options(replicates=200)


def test_numbers_are_those_of_scikit_learn(bench, row):
    path = bench.model("net", 0.7)
    labels, scores = bench.labels["test"], bench.scores(path)
    found = compare([path], bench.standard(), options=FEW)
    expected = {
        "auroc": roc_auc_score,
        "auprc": average_precision_score,
        "brier": brier_score_loss,
        "log_loss": log_loss,
    }
    for metric, function in expected.items():
        values = [function(labels[:, f], scores[:, f]) for f in range(3)]
        for f, finding in enumerate(bench.findings):
            one = row(found.metrics, model="net", seed="all", finding=finding, metric=metric)
            assert one["value"] == pytest.approx(values[f], abs=1e-12)
            assert one["low"] < one["value"] < one["high"]
            assert one["positives"] == labels[:, f].sum()
            assert one["negatives"] == (1 - labels[:, f]).sum()
        mean = row(found.metrics, model="net", seed="all", finding="mean", metric=metric)
        assert mean["value"] == pytest.approx(np.mean(values), abs=1e-12)
        assert mean["defined"] == 3
        micro = row(found.metrics, model="net", seed="all", finding="micro", metric=metric)
        assert micro["value"] == pytest.approx(function(labels.ravel(), scores.ravel()), abs=1e-12)


def test_blank_labels_drop_out_of_their_finding_only(bench, row):
    labels = bench.labels["test"].copy()
    labels[:40, 1] = np.nan
    path = bench.model("net", 0.7)
    found = compare([path], bench.standard(labels=labels), options=FEW)
    scores = bench.scores(path)
    one = row(found.metrics, model="net", seed="all", finding="Edema", metric="auroc")
    assert one["value"] == pytest.approx(roc_auc_score(labels[40:, 1], scores[40:, 1]))
    assert row(found.counts, finding="Edema")["unknown"] == 40
    other = row(found.metrics, model="net", seed="all", finding="Mass", metric="auroc")
    assert other["value"] == pytest.approx(roc_auc_score(labels[:, 2], scores[:, 2]))


def test_a_finding_with_one_class_is_undefined_with_its_counts(bench, row):
    labels = bench.labels["test"].copy()
    labels[:, 0] = 0
    found = compare([bench.model("net", 0.7)], bench.standard(labels=labels), options=FEW)
    one = row(found.metrics, model="net", seed="all", finding="Atelectasis", metric="auroc")
    assert np.isnan([one["value"], one["low"], one["high"]]).all()
    assert (one["positives"], one["negatives"], one["defined"]) == (0, 120, 0)
    mean = row(found.metrics, model="net", seed="all", finding="mean", metric="auroc")
    assert mean["defined"] == 2
    assert np.isfinite(mean["value"])
    assert "one_class" in found.warnings["code"].tolist()
    assert found.degenerate_replicates["Atelectasis"] == 200


def test_scores_that_are_no_probabilities(bench, row):
    path = bench.model("net", 0.7)
    probability = bench.scores(path)
    logits = bench.table("logits", np.log(probability / (1 - probability)))
    with pytest.raises(InputError, match="--scores"):
        compare([logits], bench.standard(), options=FEW)
    found = compare([logits, path], bench.standard(), options=Options(replicates=200, scores=True))
    wanted = {"auroc", "auprc", *roc_points.METRICS, "sensitivity_at_flags"}
    assert set(found.metrics["metric"]) == wanted
    assert found.protocol["scores"] == "scores"
    assert found.thresholds["threshold"].isna().all()
    assert set(found.thresholds["rule"]) == set(found.thresholds["source"]) == {"none"}
    assert found.protocol["thresholds_rule"] == found.protocol["thresholds_source"] == "none"
    one = row(found.differences, finding="mean", metric="auroc")
    assert abs(one["difference"]) < 1e-12


def test_subset_accuracy_is_one_number_for_all_findings(make_panel):
    # rows called 10, 01, 00 of labels 10, 01, 11: two of three are right
    panel = make_panel([[1, 0], [0, 1], [1, 1]], {"a": [[0.9, 0.1], [0.2, 0.8], [0.1, 0.1]]})
    found = score(panel, ["subset_accuracy"], 10)["subset_accuracy"]
    assert np.isnan(found.point[0, :2]).all()
    assert found.point[0, 2:].tolist() == pytest.approx([2 / 3, 2 / 3])
    assert found.defined.tolist() == [2]


def test_the_mean_is_over_findings_that_all_networks_have(make_panel):
    labels = np.zeros((40, 3))
    labels[:20, 0], labels[10:30, 1], labels[:4, 2] = 1, 1, 1  # the third has four patients only
    rng = np.random.default_rng(0)
    panel = make_panel(labels, {name: rng.random((40, 3)) for name in "ab"})
    for metric in ("auroc", "partial_auroc"):
        found = score(panel, ["auroc", "partial_auroc"], 10)[metric]
        np.testing.assert_allclose(found.point[:, MEAN_INDEX], found.point[:, :2].mean(axis=1))
        assert found.defined.tolist() == [2, 2]
        assert found.replicates is None


def test_findings_that_are_not_wanted_are_undefined(make_panel):
    rng = np.random.default_rng(0)
    panel = make_panel((rng.random((40, 2)) < 0.5).astype(float), {"a": rng.random((40, 2))})
    found = score(panel, ["auroc"], 10, enough=np.array([True, False]))["auroc"]
    assert np.isnan(found.point[0]).tolist() == [False, True, False, False]
    assert found.point[0, MEAN_INDEX] == pytest.approx(found.point[0, 0])


def test_parts_of_the_roc_curve_are_rows_with_tests(bench, row):
    paths = [bench.model("a", 0.4), bench.model("b", 1.5)]
    options = Options(
        replicates=300, fixed_specificity=0.8, fixed_sensitivity=0.7, partial_rate=0.3
    )
    found = compare(paths, bench.standard(), options=options)
    points = roc_points.RocPoints(0.8, 0.7, 0.3)
    words = {
        "partial_auroc": "up to false positive rate 0.3",
        "sensitivity_at_specificity": "at specificity 0.8",
        "specificity_at_sensitivity": "at sensitivity 0.7",
    }
    labels = bench.labels["test"]
    for metric in roc_points.METRICS:
        values = []
        for name, path in zip("ab", paths, strict=True):
            scores = bench.scores(path)
            expected = [
                roc_points.roc_metric(metric, labels[:, f], scores[:, f], None, points)
                for f in range(3)
            ]
            values.append(np.mean(expected))
            for finding, value in zip(
                (*bench.findings, "mean"), [*expected, values[-1]], strict=True
            ):
                one = row(found.metrics, model=name, seed="all", finding=finding, metric=metric)
                assert one["value"] == pytest.approx(value)
                assert one["low"] < value < one["high"]
                assert words[metric] in one["method"]
                assert one["method"].startswith("influence functions") == (
                    metric == "partial_auroc" or finding == "mean"
                )
            micro = row(found.metrics, model=name, seed="all", finding="micro", metric=metric)
            pooled = roc_points.roc_metric(metric, labels.ravel(), scores.ravel(), None, points)
            assert micro["value"] == pytest.approx(pooled)
        one = row(found.differences, finding="mean", metric=metric)
        assert one["difference"] == pytest.approx(values[0] - values[1])
        assert one["p_value"] < 0.05
        assert one["method"] == f"influence functions {words[metric]}"
        assert row(found.ranks, model="a", metric=metric)["rank"] == 1


def test_a_mean_of_precision_is_over_the_findings_that_all_networks_have(make_panel):
    # b calls nothing of the second finding, so its precision is undefined there.
    labels = np.zeros((40, 2))
    labels[:20] = 1
    rng = np.random.default_rng(0)
    scores = {"a": rng.random((40, 2)), "b": rng.random((40, 2)), "base": rng.random((40, 2))}
    scores["b"][:, 1] /= 10
    scores["base"][:, 0] /= 10  # a baseline without precision of the first finding
    panel = make_panel(labels, scores, trivial=("base",))
    found = score(panel, ["precision", "npv"], 10)
    precision = found["precision"]
    assert precision.point[:2, MEAN_INDEX].tolist() == precision.point[:2, 0].tolist()
    assert np.isnan(precision.point[2, MEAN_INDEX])
    assert precision.defined.tolist() == [1, 1, 1]
    assert found["npv"].defined.tolist() == [2, 2, 2]
    np.testing.assert_allclose(
        found["npv"].point[:, MEAN_INDEX], found["npv"].point[:, :2].mean(axis=1)
    )
    np.testing.assert_array_equal(
        precision.replicates[:, :2, MEAN_INDEX], precision.replicates[:, :2, 0]
    )
