"""Curves and confusion tables of a report."""

import numpy as np
import pytest

from cxrcompare.comparison.compare import Options, compare
from cxrcompare.comparison.curve_tables import draw, multilabel, two_by_two

FEW = Options(replicates=200)


def test_multilabel_confusion_adds_up(bench):
    path = bench.model("net", 0.7)
    found = compare([path], bench.standard(), options=FEW).multilabel_confusion["net"]
    assert found["rows"] == [*bench.findings, "no true label"]
    assert found["columns"] == [*bench.findings, "no predicted label"]
    labels, called = bench.labels["test"] == 1, bench.scores(path) >= 0.5
    counts = np.array(found["counts"])
    np.testing.assert_array_equal(np.diag(counts)[:3], (labels & called).sum(axis=0))
    assert counts[3, 3] == (~labels.any(axis=1) & ~called.any(axis=1)).sum()


def test_two_by_two_tables_of_every_run(bench, rows):
    paths = [bench.model("a__seed0", 0.4), bench.model("a__seed1", 0.4), bench.model("b", 1.5)]
    found = compare(paths, bench.standard(), options=FEW).confusion
    assert set(zip(found["model"], found["seed"], strict=True)) == {
        ("a", "0"),
        ("a", "1"),
        ("b", "all"),
        ("prevalence", "all"),
        ("nothing positive", "all"),
    }
    assert (found[["tp", "fp", "fn", "tn"]].sum(axis=1) == 120).all()
    nothing = rows(found, model="nothing positive")
    assert (nothing["tp"] + nothing["fp"] == 0).all()


def test_curves_have_what_a_report_draws(bench, row):
    paths = [bench.model("a__seed0", 0.4), bench.model("a__seed1", 0.4)]
    compared = compare(paths, bench.standard(), options=FEW)
    found = compared.curves
    assert list(found) == list(bench.findings)
    one = found["Edema"]["a"]
    assert one["roc"]["tpr"][-1] == 1
    assert len(one["roc"]["low"]) == len(one["roc"]["fpr"]) == len(one["roc"]["high"])
    positives = row(compared.counts, finding="Edema")["positives"]
    assert sum(one["histogram"]["positive"]) == pytest.approx(positives)
    assert one["operating"]["tp"][0] == pytest.approx(positives)
    assert np.all(np.diff(one["operating"]["threshold"]) > 0)
    assert len(one["operating"]["threshold"]) <= 201
    assert sum(item["count"] for item in one["reliability"]) == 240


def test_counts_by_hand(make_panel):
    # the threshold .5 calls the first and third of four units with labels 1 1 0 0
    panel = make_panel([[1], [1], [0], [0]], {"a": [[0.9], [0.1], [0.5], [0.2]]})
    (one,) = two_by_two(panel)
    assert [one.tp, one.fp, one.fn, one.tn] == [1, 1, 1, 1]
    assert (one.model, one.seed, one.threshold) == ("a", "all", 0.5)


def test_without_a_threshold_there_are_no_counts(make_panel):
    scores = np.array([[0.9, 0.9], [0.1, 0.2], [0.6, 0.1], [0.2, 0.3]])
    panel = make_panel([[1, 1], [1, 0], [0, 1], [0, 0]], {"a": scores}, thresholds=[[0.5, np.nan]])
    assert [one.finding for one in two_by_two(panel)] == ["Atelectasis"]
    assert multilabel(panel) == {}
    curves = draw(panel, FEW)
    assert "operating" in curves["Atelectasis"]["a"]
    assert "operating" not in curves["Edema"]["a"]


def test_a_finding_of_one_class_has_no_curves(make_panel):
    panel = make_panel([[1, 0], [0, 0]], {"a": [[0.9, 0.1], [0.2, 0.1]]})
    found = draw(panel, FEW)
    assert list(found["Atelectasis"]) == ["a"]
    assert found["Edema"] == {}
