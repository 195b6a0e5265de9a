"""Thresholds chosen on validation, fixed, or absent, and what depends on them."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import f1_score, hamming_loss

from cxrcompare.comparison.compare import Options, compare
from cxrcompare.comparison.result.comparison import read
from cxrcompare.comparison.result.saving import write
from cxrcompare.evaluation.metrics import RATE_METRICS
from cxrcompare.reporting.report import write_report

FEW = Options(replicates=200)
DECISIONS = {*RATE_METRICS, "subset_accuracy"}


def test_decisions_at_one_half_without_validation_and_it_says_so(bench, row):
    path = bench.model("net", 0.7)
    labels, called = bench.labels["test"], bench.scores(path) >= 0.5
    found = compare([path], bench.standard(), options=FEW)
    assert found.protocol["thresholds_source"] == "fixed"
    assert "no_validation" in found.warnings["code"].tolist()
    assert (found.thresholds["threshold"] == 0.5).all()

    def value(metric, finding):
        return row(found.metrics, model="net", seed="all", finding=finding, metric=metric)["value"]

    assert value("hamming_loss", "micro") == pytest.approx(hamming_loss(labels, called))
    assert value("f1", "mean") == pytest.approx(f1_score(labels, called, average="macro"))
    assert value("f1", "micro") == pytest.approx(f1_score(labels, called, average="micro"))
    right = (labels == called).all(axis=1).mean()
    assert value("subset_accuracy", "micro") == pytest.approx(right)
    assert value("accuracy", "micro") == pytest.approx((labels == called).mean())


def test_thresholds_come_from_validation_alone(bench, row):
    test, valid = bench.model("net", 0.7), bench.model("net", 0.7, "valid")
    references = bench.standard(), bench.standard("valid")
    options = Options(replicates=100, threshold_rule="sensitivity=0.9")
    found = compare(
        [test],
        references[0],
        validation=[valid],
        validation_reference=references[1],
        options=options,
    )
    scores, labels = bench.scores(valid), bench.labels["valid"]
    for f, finding in enumerate(bench.findings):
        one = row(found.thresholds, model="net", finding=finding)
        assert (one["rule"], one["source"]) == ("sensitivity=0.9", "validation")
        # the highest threshold that calls at least 90 % of the positives
        positive = np.sort(scores[labels[:, f] == 1, f])
        assert one["threshold"] == positive[int(np.floor(0.1 * len(positive) + 1e-9))]
    # other labels of the test set leave the thresholds alone
    turned = compare(
        [test],
        bench.standard(labels=1 - bench.labels["test"]),
        validation=[valid],
        validation_reference=bench.standard("valid"),
        options=options,
    )
    pd.testing.assert_frame_equal(found.thresholds, turned.thresholds)


def subgroups_of(bench):
    path = bench.folder / "subgroups.csv"
    tables = [bench.rows[split][["study_id"]] for split in ("test", "valid")]
    pd.concat(tables).assign(sex=np.tile(["F", "M"], 120)).to_csv(path, index=False)
    return path


def test_scores_without_thresholds_have_no_counts_anywhere(bench, tmp_path):
    paths = [
        bench.table(name, 10 * bench.scores(bench.model("x", 0.7)) - 5)
        for name in ("a__seed0", "a__seed1", "b")
    ]
    options = Options(replicates=100, scores=True)
    found = compare(paths, bench.standard(), subgroups=subgroups_of(bench), options=options)
    assert found.confusion.empty
    assert found.multilabel_confusion == {}
    assert not DECISIONS & set(found.metrics["metric"])
    assert not DECISIONS & set(found.differences["metric"])
    assert all("operating" not in curve for by in found.curves.values() for curve in by.values())
    write(found, tmp_path)
    assert pd.read_csv(tmp_path / "confusion.csv").empty
    report = tmp_path / "report"
    write_report(read(tmp_path / "comparison.json"), report)
    assert not list((report / "figures").glob("multilabel*"))
    assert not (report / "tables" / "metrics_decisions.tex").exists()
    page, data = (report / "report.html").read_text(encoding="utf-8").split('id="data">')
    assert json.loads(data.split("</script>")[0])["slider"] == {}
    for words in (page, (report / "report.md").read_text(encoding="utf-8")):
        for cell in ("True pos.", "| TP |", "operating point", "Sensitivity", "0.5, as no"):
            assert cell not in words, cell
        assert "it needs a threshold for every finding" in words


def test_a_threshold_that_validation_cannot_choose_leaves_its_decisions_undefined(bench, rows):
    paths = {}
    for split in ("test", "valid"):
        score = 10 * bench.scores(bench.model("x", 0.7, split)) - 5
        paths[split] = [bench.table(name, score, split) for name in ("a", "b")]
    standard = bench.standard()
    bench.labels["valid"][:, 1] = 0
    options = Options(replicates=100, scores=True)
    found = compare(
        paths["test"],
        standard,
        validation=paths["valid"],
        subgroups=subgroups_of(bench),
        validation_reference=bench.standard("valid"),
        options=options,
    )
    assert "Edema" not in set(found.confusion["finding"])
    assert found.multilabel_confusion == {}
    assert "operating" not in found.curves["Edema"]["a"]
    assert "operating" in found.curves["Mass"]["a"]
    decided = found.metrics[found.metrics["metric"].isin(DECISIONS)]
    networks = decided[decided["model"].isin(["a", "b"])]
    undefined = networks[networks["finding"].isin(["Edema", "micro"])]
    assert set(undefined["metric"]) == DECISIONS
    assert undefined[["value", "low", "high"]].isna().all(axis=None)
    mean = rows(networks, finding="mean", metric="sensitivity", subgroup="")
    assert mean["value"].notna().all()
    assert mean["defined"].tolist() == [2, 2]
    assert rows(found.thresholds, finding="Edema")["source"].unique().tolist() == ["none"]
    assert rows(found.warnings, code="threshold_undefined")["finding"].tolist() == ["Edema"]


def test_a_threshold_rule_without_validation_is_a_warning(bench, rows):
    path, standard = bench.model("net", 0.7), bench.standard()
    options = Options(replicates=100, threshold_rule="sensitivity=0.9")
    found = compare([path], standard, options=options)
    (message,) = rows(found.warnings, code="threshold_rule_ignored")["message"]
    assert message.startswith("`threshold_rule` sensitivity=0.9 is ignored")
    plain = compare([path], standard, options=FEW)
    assert rows(plain.warnings, code="threshold_rule_ignored").empty


def test_scores_with_validation_have_decisions(bench):
    options = Options(replicates=100, scores=True)
    paths = {}
    for split in ("test", "valid"):
        probability = bench.scores(bench.model("x", 0.7, split))
        paths[split] = bench.table("net", 10 * probability - 5, split)
    found = compare(
        [paths["test"]],
        bench.standard(),
        validation=[paths["valid"]],
        validation_reference=bench.standard("valid"),
        options=options,
    )
    assert {"auroc", "sensitivity", "subset_accuracy"} <= set(found.metrics["metric"])
    assert "brier" not in set(found.metrics["metric"])
