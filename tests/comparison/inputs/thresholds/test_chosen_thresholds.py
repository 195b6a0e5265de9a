"""Thresholds chosen on validation, fixed, or absent, and what depends on them."""

import json
import re

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import f1_score, hamming_loss

from cxrcompare.comparison.compare import Options, compare
from cxrcompare.comparison.inputs.thresholds import chosen_thresholds
from cxrcompare.comparison.result.comparison import read
from cxrcompare.comparison.result.saving import write
from cxrcompare.errors import InputError
from cxrcompare.evaluation.bootstrap.resampling import Resamples
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
    page = re.sub(r'<dl class="terms">.*?</dl>', "", page, flags=re.DOTALL)  # the words' meaning
    markdown = (report / "report.md").read_text(encoding="utf-8")
    for words in (page, markdown):
        for cell in (
            "True pos.",
            "| TP |",
            "At their own thresholds",
            "Sensitivity (recall)",
            "0.5, as no",
        ):
            assert cell not in words, cell
    assert "it needs a threshold for every finding" in markdown


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


def both_of(bench, options):
    """Compares a and b, with thresholds of validation."""
    paths = {
        split: [bench.model("a", 0.6, split), bench.model("b", 0.9, split)]
        for split in ("test", "valid")
    }
    return compare(
        paths["test"],
        bench.standard(),
        validation=paths["valid"],
        validation_reference=bench.standard("valid"),
        options=options,
    )


def both(bench, names, noises=(0.6, 0.9), **options):
    """Compares models with validation."""
    paths = {
        split: [bench.model(name, noise, split) for name, noise in zip(names, noises, strict=True)]
        for split in ("test", "valid")
    }
    return compare(
        paths["test"],
        bench.standard(),
        validation=paths["valid"],
        validation_reference=bench.standard("valid"),
        options=Options(replicates=300),
        **options,
    )


def test_chosen_thresholds_put_their_noise_into_intervals_and_tests(make_bench, rows, row):
    found = both(make_bench(per_patient=1), "ab")
    assert found.protocol["thresholds_noise"] is True
    decided = rows(found.metrics, seed="all", subgroup="")
    decided = decided[decided["metric"].isin(DECISIONS) & decided["model"].isin(["a", "b"])]
    assert decided["method"].str.endswith(" with threshold noise").all()
    tested = found.differences[found.differences["metric"].isin(DECISIONS)]
    assert set(tested["method"]) == {"t-test with bootstrap variance with threshold noise"}
    others = found.differences[~found.differences["metric"].isin(DECISIONS)]
    assert not others["method"].str.contains("threshold").any()


def test_given_thresholds_are_frozen_and_give_narrower_intervals(make_bench, row, rows, tmp_path):
    chosen = both(make_bench(per_patient=1), "ab")
    table = tmp_path / "thresholds.csv"
    chosen.thresholds.to_csv(table, index=False)  # has the columns finding, threshold and model
    given = both(make_bench(per_patient=1), "ab", thresholds=table)
    assert given.thresholds["threshold"].tolist() == chosen.thresholds["threshold"].tolist()
    assert set(given.thresholds["source"]) == set(given.thresholds["rule"]) == {"given"}
    assert given.protocol["thresholds_source"] == "given"
    assert given.protocol["thresholds_noise"] is False
    assert len(rows(given.warnings, code="given_thresholds")) == 1
    for finding in make_bench().findings:
        where = {"model": "a", "seed": "all", "finding": finding, "metric": "specificity"}
        one, other = row(given.metrics, **where), row(chosen.metrics, **where)
        assert one["value"] == other["value"]
        assert one["method"] == "wilson at the given threshold"
        assert one["high"] - one["low"] < other["high"] - other["low"]
    tested = rows(given.differences, metric="specificity", finding="mean")
    assert tested["method"].tolist() == ["t-test over units at the given threshold"]
    assert tested["p_value"].notna().all()
    assert "specificity" in set(given.ranks["metric"])


def test_at_one_half_there_is_no_test_and_no_rank(bench, rows):
    paths = [bench.model(name, noise) for name, noise in (("a", 0.5), ("b", 1.5))]
    found = compare(paths, bench.standard(), options=FEW)
    decided = found.differences[found.differences["metric"].isin(DECISIONS)]
    assert len(decided)
    assert decided["p_value"].isna().all()
    assert decided["p_adjusted"].isna().all()
    assert decided["method"].str.contains("at the threshold 0.5, not chosen").all()
    assert not DECISIONS & set(found.against_trivial["metric"])
    assert not DECISIONS & set(found.ranks["metric"])
    assert {"auroc", "partial_auroc"} <= set(found.ranks["metric"])
    decided = found.metrics[found.metrics["metric"].isin(DECISIONS)]
    networks = decided[decided["model"].isin(["a", "b"])]
    assert networks["method"].str.endswith("at the threshold 0.5, not chosen").all()
    text = rows(found.warnings, code="no_validation")["message"].iloc[0]
    assert "which was not chosen for these models; metrics at it have no test" in text


def test_a_mean_is_over_findings_whose_thresholds_were_chosen(bench, row, rows):
    standard = bench.standard()
    paths = {s: [bench.model(n, 0.7, s) for n in "ab"] for s in ("test", "valid")}
    bench.labels["valid"][:, 1] = 0
    found = compare(
        paths["test"],
        standard,
        validation=paths["valid"],
        validation_reference=bench.standard("valid"),
        options=FEW,
    )
    sensitivity = rows(found.metrics, model="a", seed="all", metric="sensitivity")
    value = sensitivity.set_index("finding")["value"]
    assert value["mean"] == pytest.approx((value["Atelectasis"] + value["Mass"]) / 2)
    assert row(sensitivity, finding="mean")["defined"] == 2
    assert row(sensitivity, finding="mean")["method"].endswith(" with threshold noise")
    tested = rows(found.differences, metric="sensitivity").set_index("finding")["p_value"]
    assert tested[["Edema", "micro"]].isna().all()
    assert tested[["Atelectasis", "Mass", "mean"]].notna().all()
    (text,) = rows(found.warnings, code="threshold_undefined", finding="Edema")["message"]
    assert "0.5" in text


def test_few_validation_patients_are_a_warning(bench, rows):
    standard = bench.standard()
    paths = {s: [bench.model("a", 0.7, s)] for s in ("test", "valid")}
    bench.labels["valid"][:, 2] = 0
    bench.labels["valid"][:6, 2] = 1  # three patients with two studies each
    found = compare(
        paths["test"],
        standard,
        validation=paths["valid"],
        validation_reference=bench.standard("valid"),
        options=FEW,
    )
    (one,) = rows(found.warnings, code="threshold_few_patients").itertuples()
    assert one.finding == "Mass"
    assert "only 3 positive and 57 negative validation patients" in one.message
    for metric in ("sensitivity", "f1"):
        own = rows(found.metrics, metric=metric, model="a").set_index("finding")
        assert own["value"].notna().all()
        assert own.loc[["Mass", "micro"], "low"].isna().all()
        assert own.loc[["Atelectasis", "Edema", "mean"], "low"].notna().all()
        assert own.loc["mean", "defined"] == 2


def test_a_fixed_rate_needs_more_validation_patients(make_bench, rows):
    bench = make_bench(studies=300, per_patient=1)  # about 90 positives
    bench.labels["valid"][np.flatnonzero(bench.labels["valid"][:, 1])[40:], 1] = 0
    for rule, tested in (("youden", True), ("sensitivity=0.9", False)):
        found = both_of(bench, Options(replicates=200, threshold_rule=rule))
        pairs = rows(found.differences, metric="specificity").set_index("finding")
        for column in ("low", "p_value", "simultaneous_low"):
            assert np.isnan(pairs.loc["Edema", column]) != tested
            assert not np.isnan(pairs.loc["Mass", column])
        assert rows(found.differences, metric="auroc")["p_value"].notna().all()


def test_scores_of_one_model_leave_the_calibration_of_the_others(bench, rows):
    probability = bench.scores(bench.model("p", 0.7))
    logits = bench.table("l", np.log(probability / (1 - probability)))
    paths = [bench.folder / "test" / "p.csv", logits, bench.model("q", 0.9)]
    options = Options(replicates=200, scores=("l",))
    found = compare(paths, bench.standard(), options=options)
    assert found.protocol["scores"] == "scores of l; probabilities of the other models"
    assert found.protocol["thresholds_source"] == "fixed"
    plain = compare([paths[0], paths[2]], bench.standard(), options=FEW)
    for metric in ("brier", "ece", "calibration_slope", "sensitivity"):
        assert "l" not in set(rows(found.metrics, metric=metric)["model"])
        pairs = rows(found.differences, metric=metric)
        assert set(zip(pairs["model_a"], pairs["model_b"], strict=True)) <= {("p", "q")}
        here = rows(found.metrics, metric=metric, model="p")
        expected = rows(plain.metrics, metric=metric, model="p")
        np.testing.assert_allclose(here["value"], expected["value"])
        assert here["defined"].tolist() == expected["defined"].tolist()
    assert set(rows(found.ranks, metric="brier")["model"]) == {"p", "q"}
    assert set(rows(found.ranks, metric="brier")["rank"]) == {1, 2}
    assert set(rows(found.ranks, metric="auroc")["model"]) == {"p", "q", "l"}
    assert set(found.confusion["model"]) == {"p", "q", "prevalence", "nothing positive"}
    assert set(found.multilabel_confusion) == {"p", "q"}
    assert "l" not in set(found.against_trivial.query("metric == 'brier'")["model_a"])
    kinds = found.thresholds.set_index("model")["source"]
    assert set(kinds["l"]) == {"none"}
    assert set(kinds["p"]) == {"fixed"}
    assert found.curves["Edema"]["l"]["reliability"] == []
    assert found.curves["Edema"]["p"]["reliability"]


def test_scores_must_name_models(bench):
    with pytest.raises(InputError, match=r"`scores` must name models, of a\. Received: b"):
        compare([bench.model("a", 1)], bench.standard(), options=Options(scores=("b",)))


def test_replicates_with_one_class_have_the_threshold_of_the_whole():
    # Drawn are both units, only the negative, and only the positive.
    labels, scores = np.array([[0.0], [1.0]]), np.array([[[0.2], [0.7]]])
    counts = np.array([[1, 1], [2, 0], [0, 2]], dtype=np.uint8)
    resamples = Resamples(np.arange(2, dtype=np.int32), counts)
    values, replicates = chosen_thresholds.choose(labels, scores, resamples, Options())
    assert values.tolist() == [[0.7]]
    assert replicates.ravel().tolist() == [0.7, 0.7, 0.7]
