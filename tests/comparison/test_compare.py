"""A whole comparison on small test sets, held against scikit-learn and hand-worked cases."""

import dataclasses
import json

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest
from sklearn.metrics import (
    average_precision_score,
    brier_score_loss,
    f1_score,
    hamming_loss,
    log_loss,
    roc_auc_score,
)

from cxrcompare.cli.commands import main
from cxrcompare.comparison.compare import Options, compare
from cxrcompare.comparison.result.comparison import TABLES, read
from cxrcompare.comparison.result.rows import ALWAYS
from cxrcompare.comparison.result.summary import summary_table, warning_lines
from cxrcompare.comparison.result.writing import write
from cxrcompare.errors import InputError
from cxrcompare.evaluation.metrics import RATE_METRICS
from cxrcompare.reporting.report import write_report

FEW = Options(replicates=200)


def scores_of(path, bench):
    return pd.read_csv(path)[list(bench.findings)].to_numpy()


def test_numbers_are_those_of_scikit_learn(bench, row):
    path = bench.model("net", 0.7)
    labels, scores = bench.labels["test"], scores_of(path, bench)
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


def test_decisions_at_one_half_without_validation_and_it_says_so(bench, row):
    path = bench.model("net", 0.7)
    labels, called = bench.labels["test"], scores_of(path, bench) >= 0.5
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
    scores, labels = scores_of(valid, bench), bench.labels["valid"]
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


def test_trivial_models_are_rows_of_the_table(bench, row):
    found = compare([bench.model("net", 0.7)], bench.standard(), options=FEW)
    prevalence = bench.labels["test"].mean(axis=0)
    assert [model["name"] for model in found.models if model["kind"] == "trivial"] == [
        "prevalence",
        "nothing positive",
    ]
    for f, finding in enumerate(bench.findings):
        nothing = {"model": "nothing positive", "seed": "all", "finding": finding}
        one = row(found.metrics, metric="accuracy", **nothing)
        assert one["value"] == pytest.approx(1 - prevalence[f])
        assert row(found.metrics, metric="sensitivity", **nothing)["value"] == 0
        assert row(found.metrics, metric="auroc", **nothing)["value"] == 0.5
        constant = row(
            found.metrics, model="prevalence", seed="all", finding=finding, metric="brier"
        )
        assert constant["value"] == pytest.approx(prevalence[f] * (1 - prevalence[f]))
    assert "prevalence_of_test" in found.warnings["code"].tolist()


def test_the_training_prevalence_is_taken_where_it_is_known(bench, row):
    given = dict(zip(bench.findings, (0.1, 0.2, 0.9), strict=True))
    found = compare(
        [bench.model("net", 0.7)],
        bench.standard(),
        options=FEW,
        context={"training_prevalence": given, "data": "a cohort", "synthetic": True},
    )
    assert "prevalence_of_test" not in found.warnings["code"].tolist()
    one = row(found.metrics, model="prevalence", seed="all", finding="Mass", metric="sensitivity")
    assert one["value"] == 1  # .9 is above one half, so everybody is called
    assert found.protocol["data"] == "a cohort"
    assert found.protocol["synthetic"] is True


@pytest.mark.parametrize(
    ("said", "context", "expected"),
    [
        ('{"synthetic": true}', {}, True),
        ('{"synthetic": "no"}', {}, None),
        ("[]", {}, None),
        (None, {}, None),
        (None, {"synthetic": False}, False),
    ],
)
def test_synthetic_is_what_lies_beside_the_reference_or_not_stated(
    bench, tmp_path, said, context, expected
):
    reference = bench.standard()
    if said:
        reference.with_name("sample.json").write_text(said)
    found = compare([bench.model("net", 0.7)], reference, options=FEW, context=context)
    assert found.protocol["synthetic"] is expected
    write_report(found, tmp_path / "out")
    words = (tmp_path / "out" / "report.md").read_text(encoding="utf-8")
    assert ("ynthetic" in words) == bool(expected)


def test_differences_are_paired_and_turn_round(bench, row):
    paths = [bench.model("a", 0.5), bench.model("b", 1.5)]
    one = compare(paths, bench.standard(), options=FEW)
    other = compare(paths[::-1], bench.standard(), options=FEW)
    for finding in (*bench.findings, "mean"):
        here = row(one.differences, finding=finding, metric="auroc")
        there = row(other.differences, finding=finding, metric="auroc")
        assert (here["model_a"], there["model_a"]) == ("a", "b")
        for end, opposite in (("difference", "difference"), ("low", "high"), ("high", "low")):
            assert here[end] == pytest.approx(-there[opposite], abs=1e-12)
        assert here["p_value"] == pytest.approx(there["p_value"], abs=1e-12)
        values = [
            row(one.metrics, model=name, seed="all", finding=finding, metric="auroc")["value"]
            for name in "ab"
        ]
        assert here["difference"] == pytest.approx(values[0] - values[1], abs=1e-12)


def test_p_values_are_never_zero_and_holm_is_over_the_pairs(bench, rows):
    paths = [bench.model("a", 0.0), bench.model("b", 1.0), bench.model("c", 30.0)]
    found = compare(paths, bench.standard(), options=FEW)
    assert (found.differences["p_value"].dropna() > 0).all()
    some = rows(found.differences, metric="auroc", finding="mean").set_index(["model_a", "model_b"])
    p = np.sort(some["p_value"].to_numpy())
    expected = np.minimum(np.maximum.accumulate(p * [3, 2, 1]), 1)
    np.testing.assert_allclose(np.sort(some["p_adjusted"].to_numpy()), expected)
    single = rows(found.differences, metric="auroc")
    single = single[single["finding"].isin(bench.findings)]
    assert (single["p_adjusted_all"] >= single["p_adjusted"] - 1e-12).all()


def test_identical_models_cannot_be_told_apart(bench, row, rows):
    path = bench.model("a", 0.7)
    copy = bench.table("b", scores_of(path, bench))
    found = compare([path, copy], bench.standard(), options=FEW)
    for one in rows(found.differences, finding="mean").itertuples():
        assert (one.difference, one.low, one.high, one.p_value) == (0, 0, 0, 1)
    assert rows(found.warnings, code="identical")["finding"].tolist() == list(bench.findings)
    ranks = rows(found.ranks, metric="auroc")
    assert set(ranks["tie_group"]) == {"a"}
    assert ranks["probability_best"].tolist() == [0.5, 0.5]


def test_ranks_and_tie_groups_say_what_the_adjusted_tests_say(make_bench, rows):
    bench = make_bench(studies=200, per_patient=1)
    paths = [
        bench.model(name, noise)
        for name, noise in (("w", 0.3), ("x", 0.5), ("y", 1.2), ("z", 20.0))
    ]
    found = compare(paths, bench.standard(), options=Options(replicates=500))
    for metric in ("auroc", "brier", "auprc"):
        sign = -1 if metric == "brier" else 1
        ranks = rows(found.ranks, metric=metric).set_index("model")
        tests = rows(found.differences, metric=metric, finding="mean")
        better = dict.fromkeys("wxyz", 0)
        worse = dict(better)
        for one in tests.itertuples():
            shared = set(ranks["tie_group"][one.model_a]) & set(ranks["tie_group"][one.model_b])
            assert bool(shared) == (one.p_adjusted >= 0.05)
            if one.p_adjusted < 0.05:
                wins = sign * one.difference > 0
                better[one.model_b if wins else one.model_a] += 1
                worse[one.model_a if wins else one.model_b] += 1
        for name in "wxyz":
            assert ranks["low"][name] == 1 + better[name]
            assert ranks["high"][name] == 4 - worse[name]
            assert ranks["low"][name] <= ranks["rank"][name] <= ranks["high"][name]
        assert ranks["probability_best"].sum() == pytest.approx(1)
        values = rows(found.metrics, metric=metric, finding="mean", seed="all", subgroup="")
        values = values[values["model"].isin(list("wxyz"))].set_index("model")["value"]
        order = (sign * values).sort_values(ascending=False).index.tolist()
        assert ranks["rank"].sort_values().index.tolist() == order
    assert [model["name"] for model in found.models][:4] == rows(found.ranks, metric="auroc")[
        "model"
    ].tolist()


def test_blank_labels_drop_out_of_their_finding_only(bench, row):
    labels = bench.labels["test"].copy()
    labels[:40, 1] = np.nan
    path = bench.model("net", 0.7)
    found = compare([path], bench.standard(labels=labels), options=FEW)
    scores = scores_of(path, bench)
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


def test_replicates_with_one_class_are_left_out_and_counted(make_bench, row):
    bench = make_bench(studies=60, per_patient=1)
    labels = bench.labels["test"].copy()
    labels[:, 0] = 0
    labels[:2, 0] = 1
    found = compare([bench.model("net", 0.7)], bench.standard(labels=labels), options=FEW)
    # without both of two positives among 60: (58/60)^60 = .13 of the replicates
    lost = found.degenerate_replicates["Atelectasis"]
    assert 10 < lost < 50
    assert found.protocol["degenerate_replicates"] >= lost
    one = row(found.metrics, model="net", seed="all", finding="Atelectasis", metric="auroc")
    assert 0 <= one["value"] <= 1
    assert np.isnan(one["low"])
    assert np.isnan(one["high"])
    assert one["method"] == "too few patients"
    assert {"few_positives", "not_in_mean"} <= set(found.warnings["code"])
    mean = row(found.metrics, model="net", seed="all", finding="mean", metric="auroc")
    rest = found.metrics.query("seed == 'all' and metric == 'auroc' and model == 'net'")
    others = rest[~rest["finding"].isin(["Atelectasis", "mean", "micro"])]["value"]
    assert mean["value"] == pytest.approx(others.mean())
    assert mean["defined"] == len(others)


def test_the_same_seed_gives_the_same_comparison_and_another_does_not(bench):
    paths = [bench.model("a__seed0", 0.7), bench.model("a__seed1", 0.9), bench.model("b", 1.0)]
    one, same = (compare(paths, bench.standard(), options=FEW) for _ in range(2))
    other = compare(paths, bench.standard(), options=Options(replicates=200, seed=1))
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(one, name), getattr(same, name))
    assert not one.metrics["low"].equals(other.metrics["low"])
    np.testing.assert_array_equal(one.metrics["value"], other.metrics["value"])


def test_order_of_rows_does_not_change_estimates(bench):
    path = bench.model("a", 0.7)
    one = compare([path], bench.standard(), options=FEW)
    pd.read_csv(path).sample(frac=1, random_state=1).to_csv(path, index=False)
    other = compare([path], bench.standard(), options=FEW)
    pd.testing.assert_frame_equal(one.metrics, other.metrics)


def test_seeds_are_replicates_of_one_architecture(bench, row, rows):
    paths = [bench.model(f"net__seed{seed}", 0.7) for seed in (0, 1, 10, 2)]
    found = compare(paths, bench.standard(), options=FEW)
    runs = rows(found.metrics, model="net", finding="mean", metric="auroc")
    assert runs["seed"].tolist() == ["all", "0", "1", "2", "10"]
    values = runs["value"].to_numpy()
    assert values[0] == pytest.approx(values[1:].mean())
    assert found.models[0]["seeds"] == ["0", "1", "2", "10"]
    assert found.protocol["seeds"] == {"net": ["0", "1", "2", "10"]}
    one = runs.iloc[0]
    assert one["patient_sd"] > 0
    assert one["seed_sd"] >= 0
    assert np.isnan(runs.iloc[1]["seed_sd"])
    assert "one_seed" not in found.warnings["code"].tolist()


def test_seed_noise_widens_the_interval(bench, row):
    rng = np.random.default_rng(1)
    quiet = [bench.model(f"q__seed{seed}", 0.0) for seed in range(3)]
    loud = [bench.model(f"l__seed{seed}", noise, rng=rng) for seed, noise in enumerate((0.2, 1, 4))]
    found = compare([*quiet, *loud], bench.standard(), options=FEW)
    width, spread = {}, {}
    for name in "ql":
        one = row(found.metrics, model=name, seed="all", finding="mean", metric="auroc")
        width[name], spread[name] = one["high"] - one["low"], one["seed_sd"]
    assert spread["q"] == pytest.approx(0, abs=1e-12)
    assert spread["l"] > 0.03
    assert width["l"] > 2 * width["q"]


def test_bca_differs_from_percentile_and_is_said(bench, rows):
    paths = [bench.model("a", 0.4), bench.model("b", 1.5)]
    plain = compare(paths, bench.standard(), options=FEW)
    found = compare(paths, bench.standard(), options=Options(replicates=200, interval="bca"))
    assert found.protocol["interval"] == "bca"
    one = rows(found.metrics, model="a", finding="mean", metric="auprc")
    assert set(one["method"]) == {"bca"}
    before = rows(plain.metrics, model="a", finding="mean", metric="auprc")
    assert one["value"].item() == before["value"].item()
    assert one["low"].item() != before["low"].item()
    assert found.differences["method"].str.contains("bca").any()


def test_wilson_where_every_patient_has_one_study(make_bench, row):
    bench = make_bench(per_patient=1)
    path = bench.model("net", 0.7)
    found = compare([path], bench.standard(), options=FEW)
    called = scores_of(path, bench)[:, 0] >= 0.5
    label = bench.labels["test"][:, 0] == 1
    one = row(found.metrics, model="net", seed="all", finding="Atelectasis", metric="sensitivity")
    found_of = binomtest(int((called & label).sum()), int(label.sum()))
    expected = found_of.proportion_ci(method="wilson")
    assert one["method"] == "wilson"
    np.testing.assert_allclose([one["low"], one["high"]], [expected.low, expected.high])
    clustered = make_bench(per_patient=3)
    found = compare([clustered.model("net", 0.7)], clustered.standard(), options=FEW)
    one = row(found.metrics, model="net", seed="all", finding="Edema", metric="sensitivity")
    assert one["method"] == "percentile"


def test_non_inferiority_is_the_interval_against_the_margin(bench):
    paths = [bench.model("a", 0.5), bench.model("b", 0.5), bench.model("c", 20.0)]
    options = Options(replicates=400, margin=0.1)
    found = compare(paths, bench.standard(), options=options)
    rows_of = found.non_inferiority.to_dict("records")
    assert len(rows_of) == 6 * 5  # ordered pairs; three findings, mean and micro
    for one in rows_of:
        if one["non_inferior"]:
            assert one["low"] > -0.1
        assert 0 < one["p_value"] <= one["p_adjusted"] <= 1
    told = {
        (r["model_a"], r["model_b"]): r["non_inferior"] for r in rows_of if r["finding"] == "mean"
    }
    assert told["a", "b"] and told["b", "a"] and told["a", "c"] and not told["c", "a"]
    assert found.protocol["non_inferiority_margin"] == 0.1


@pytest.mark.parametrize(("per_patient", "method"), [(1, "DeLong"), (3, "Obuchowski")])
def test_the_analytic_check_agrees_with_the_bootstrap(make_bench, per_patient, method):
    bench = make_bench(studies=300, per_patient=per_patient)
    paths = [bench.model("a__seed0", 0.5), bench.model("a__seed1", 0.6), bench.model("b", 1.0)]
    found = compare(paths, bench.standard(), options=Options(replicates=1000))
    assert len(found.analytic) == 3
    for one in found.analytic.to_dict("records"):
        assert one["method"] == method
        assert one["standard_error"] == pytest.approx(one["bootstrap_standard_error"], rel=0.15)
        assert 0 < one["p_value"] <= 1
    assert "analytic_disagrees" not in found.warnings["code"].tolist()


def test_calibration_slope_and_intercept(make_bench, row):
    bench = make_bench(studies=4000, per_patient=1, findings=("Edema",))
    rng = np.random.default_rng(0)
    logit = rng.normal(size=(4000, 1))
    bench.labels["test"] = (rng.random((4000, 1)) < 1 / (1 + np.exp(-logit))).astype(float)
    right = bench.table("right", 1 / (1 + np.exp(-logit)))
    steep = bench.table("steep", 1 / (1 + np.exp(-(2 * logit + 1))))
    found = compare([right, steep], bench.standard(), options=Options(replicates=100))
    slope = {"metric": "calibration_slope", "finding": "Edema", "seed": "all"}
    one = row(found.metrics, model="right", **slope)
    assert one["low"] < 1 < one["high"]
    assert row(found.metrics, model="steep", **slope)["value"] == pytest.approx(
        one["value"] / 2, abs=1e-6
    )


def test_calibration_over_findings_and_seeds(make_bench, rows):
    bench = make_bench()
    paths = [bench.model(f"net__seed{seed}", 0.7) for seed in range(3)]
    found = compare(paths, bench.standard(), options=FEW)
    for metric in ("calibration_slope", "calibration_intercept"):
        some = rows(found.metrics, model="net", metric=metric)
        per_run = some[some["seed"] != "all"]
        single = per_run[per_run["finding"] != "micro"]
        whole = some[some["seed"] == "all"].set_index("finding")
        assert whole.index.tolist() == [*bench.findings, "micro"]
        assert whole.loc["micro", "patient_sd"] < single["patient_sd"].max()
        for finding, part in per_run.groupby("finding"):
            assert whole.loc[finding, "value"] == pytest.approx(part["value"].mean())
        assert (whole["low"] <= whole["value"]).all()


def test_scores_that_hardly_vary_have_no_calibration_slope(bench, row, rows):
    probability = scores_of(bench.model("x", 0.7), bench)
    probability[:, 1] = 0.5 + (probability[:, 1] - 0.5) / 1000  # logits of SD about 0.001
    found = compare([bench.table("flat", probability)], bench.standard(), options=FEW)
    slope = rows(found.metrics, model="flat", metric="calibration_slope").set_index("finding")
    assert slope["value"].isna().tolist() == [False, True, False, False]
    assert slope["defined"].tolist() == [1, 0, 1, 1]
    assert slope["value"].abs().max() < 10
    one = row(found.warnings, code="slope_undefined")
    assert (one["model"], one["finding"]) == ("flat", "Edema")
    assert "below 0.1" in one["message"]
    intercept = rows(found.metrics, model="flat", metric="calibration_intercept")
    assert intercept["value"].notna().all()


def test_scores_that_are_no_probabilities(bench, row):
    path = bench.model("net", 0.7)
    probability = scores_of(path, bench)
    logits = bench.table("logits", np.log(probability / (1 - probability)))
    with pytest.raises(InputError, match="--scores"):
        compare([logits], bench.standard(), options=FEW)
    found = compare([logits, path], bench.standard(), options=Options(replicates=200, scores=True))
    assert set(found.metrics["metric"]) == {"auroc", "auprc"}
    assert found.protocol["scores"] == "scores"
    assert found.thresholds["threshold"].isna().all()
    assert set(found.thresholds["rule"]) == set(found.thresholds["source"]) == {"none"}
    assert found.protocol["thresholds_rule"] == found.protocol["thresholds_source"] == "none"
    one = row(found.differences, finding="mean", metric="auroc")
    assert abs(one["difference"]) < 1e-12


DECISIONS = {*RATE_METRICS, "subset_accuracy"}


def subgroups_of(bench):
    path = bench.folder / "subgroups.csv"
    tables = [bench.rows[split][["study_id"]] for split in ("test", "valid")]
    pd.concat(tables).assign(sex=np.tile(["F", "M"], 120)).to_csv(path, index=False)
    return path


def test_scores_without_thresholds_have_no_counts_anywhere(bench, tmp_path):
    paths = [
        bench.table(name, 10 * scores_of(bench.model("x", 0.7), bench) - 5)
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
        score = 10 * scores_of(bench.model("x", 0.7, split), bench) - 5
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
        probability = scores_of(bench.model("x", 0.7, split), bench)
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


@pytest.mark.parametrize(
    ("choice", "match"),
    [
        ({"unit": "patient"}, "unit"),
        ({"views_rule": "min"}, "views_rule"),
        ({"interval": "basic"}, "interval"),
        ({"correction": "none"}, "correction"),
        ({"replicates": 10}, "replicates"),
        ({"level": 1.0}, "level"),
        ({"margin": 0.7}, "margin"),
        ({"threshold_rule": "sensitivity=2"}, "threshold_rule"),
        ({"threshold_rule": "best"}, "threshold_rule"),
        ({"seed": -1}, "seed"),
    ],
)
def test_options_out_of_range_are_refused(choice, match):
    with pytest.raises(InputError, match=f"`{match}` must be.*Received"):
        Options(**choice)


def test_validation_must_fit(bench):
    test, valid = bench.model("net", 0.7), bench.model("net", 0.7, "valid")
    other = bench.model("other", 0.7, "valid")
    standards = bench.standard(), bench.standard("valid")
    with pytest.raises(InputError, match="validation_reference"):
        compare([test], standards[0], validation=[valid], options=FEW)
    with pytest.raises(InputError, match="`validation` must be given"):
        compare([test], standards[0], validation_reference=standards[1], options=FEW)
    with pytest.raises(InputError, match="none for net"):
        compare(
            [test], standards[0], validation=[other], validation_reference=standards[1], options=FEW
        )
    with pytest.raises(InputError, match="without a match, other"):
        compare(
            [test],
            standards[0],
            validation=[valid, other],
            validation_reference=standards[1],
            options=FEW,
        )
    with pytest.raises(InputError, match="no studies with the test set"):
        compare(
            [test], standards[0], validation=[test], validation_reference=standards[0], options=FEW
        )


def test_validation_on_patients_of_the_test_set_is_refused(bench):
    bench.rows["valid"]["patient_id"] = bench.rows["test"]["patient_id"]
    with pytest.raises(InputError, match=r"no patients with the test set.*60 in both"):
        compare(
            [bench.model("net", 0.7)],
            bench.standard(),
            validation=[bench.model("net", 0.7, "valid")],
            validation_reference=bench.standard("valid"),
            options=FEW,
        )


def test_a_model_named_as_a_trivial_model_is_refused(bench):
    with pytest.raises(InputError, match="prevalence"):
        compare([bench.model("prevalence", 0.7)], bench.standard(), options=FEW)


def test_the_minimum_detectable_difference_by_hand(bench, row):
    paths = [bench.model("a", 0.4), bench.model("b", 1.5)]
    found = compare(paths, bench.standard(), options=FEW)
    one = row(found.differences, finding="mean", metric="auroc")
    # (1.959964 + 0.841621) standard errors, of which the 95 % interval spans 2 * 1.959964, or
    # slightly more by Student's distribution
    expected = (1.959964 + 0.841621) * (one["high"] - one["low"]) / (2 * 1.959964)
    told = row(found.resolution, finding="mean", metric="auroc")
    assert told["minimum_detectable_difference"] == pytest.approx(expected, rel=0.02)
    assert (told["power"], told["level"]) == (0.8, 0.95)


def test_files_and_the_short_table(bench, tmp_path):
    paths = [bench.model("a__seed0", 0.4), bench.model("a__seed1", 0.4), bench.model("b", 1.5)]
    found = compare(paths, bench.standard(), options=Options(replicates=100, margin=0.05))
    out = tmp_path / "out"
    write(found, out)
    for name, columns in TABLES.items():
        path = out / f"{name}.csv"
        assert path.is_file() == (name in ALWAYS or len(getattr(found, name)) > 0)
        if path.is_file():
            assert tuple(pd.read_csv(path).columns) == columns
    assert (out / "multilabel_confusion" / "a.csv").is_file()
    assert len(pd.read_csv(out / "non_inferiority.csv")) == 2 * 5
    again = read(out / "comparison.json")
    assert summary_table(again) == summary_table(found)
    table = summary_table(found)
    assert len({len(line) for line in table}) == 1
    assert table[0][0] == "detectable difference"
    resolution = found.resolution.assign(minimum_detectable_difference=1.0)
    beyond = summary_table(dataclasses.replace(found, resolution=resolution))
    assert beyond[0][1] == "exceeds the maximum possible difference (80% power, one test)"
    assert [line[0] for line in table[2:]] == [model["name"] for model in found.models]
    pd.testing.assert_frame_equal(again.differences, found.differences, check_dtype=False)


def test_multilabel_confusion_adds_up(bench):
    path = bench.model("net", 0.7)
    found = compare([path], bench.standard(), options=FEW).multilabel_confusion["net"]
    assert found["rows"] == [*bench.findings, "no true label"]
    assert found["columns"] == [*bench.findings, "no predicted label"]
    labels, called = bench.labels["test"] == 1, scores_of(path, bench) >= 0.5
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


def test_cost_and_training_come_from_run_folders(bench, tmp_path):
    import shutil

    paths = []
    for seed in (0, 1):
        source = bench.model("x", 0.5)
        folder = tmp_path / "runs" / f"net__seed{seed}"
        (folder / "predictions").mkdir(parents=True)
        paths.append(folder / "predictions" / "test.csv")
        shutil.copy(source, paths[-1])
        config = {"model": "net", "recipe": "modern", "weights": "none", "image_size": 64}
        (folder / "config.json").write_text(json.dumps(config))
        summary = {"parameters": 1000, "train_seconds": 10.0 * (seed + 1), "weights": "none"}
        (folder / "summary.json").write_text(json.dumps(summary))
        (folder / "history.csv").write_text(
            "epoch,phase,loss,valid_auroc\n1,head,0.5,\n2,fine,0.4,0.7\n"
        )
    found = compare(paths, bench.standard(), options=FEW)
    cost = found.models[0]["cost"]
    assert found.models[0]["name"] == "net"
    assert (cost["parameters"], cost["train_seconds"], cost["recipe"]) == (1000, 15.0, "modern")
    assert cost["images_per_second"] is None
    assert found.training["net"]["1"] == {
        "epoch": [1, 2],
        "phase": ["head", "fine"],
        "loss": [0.5, 0.4],
        "valid_auroc": [None, 0.7],
    }


@pytest.mark.parametrize(("rule", "merge"), [("max", np.max), ("mean", np.mean)])
def test_views_are_merged_before_anything_is_computed(bench, row, rule, merge):
    scores = bench.rng.random((120, 2, 3))
    rows = bench.rows["test"].loc[np.repeat(np.arange(120), 2)].reset_index(drop=True)
    rows.insert(0, "image_id", [f"i{n}" for n in range(240)])
    path = bench.folder / "net.csv"
    values = dict(zip(bench.findings, scores.reshape(240, 3).T, strict=True))
    pd.concat([rows, pd.DataFrame(values)], axis=1).sample(frac=1, random_state=0).to_csv(
        path, index=False
    )
    found = compare([path], bench.standard(), options=Options(replicates=100, views_rule=rule))
    one = row(found.metrics, model="net", seed="all", finding="Mass", metric="auroc")
    expected = roc_auc_score(bench.labels["test"][:, 2], merge(scores[:, :, 2], axis=1))
    assert one["value"] == pytest.approx(expected)
    assert (found.protocol["images"], found.protocol["studies"]) == (240, 120)
    by_image = compare([path], bench.standard(), options=Options(replicates=100, unit="image"))
    one = row(by_image.metrics, model="net", seed="all", finding="Mass", metric="auroc")
    expected = roc_auc_score(np.repeat(bench.labels["test"][:, 2], 2), scores[:, :, 2].ravel())
    assert one["value"] == pytest.approx(expected)
    assert by_image.protocol["patients"] == 60


def test_the_false_discovery_rate_by_option(bench, rows):
    paths = [bench.model("a", 0.0), bench.model("b", 1.0), bench.model("c", 1.2)]
    found = compare(paths, bench.standard(), options=Options(replicates=200, correction="fdr"))
    some = rows(found.differences, metric="auroc", finding="mean").sort_values("p_value")
    p = some["p_value"].to_numpy()
    expected = np.minimum.accumulate((p * [3, 1.5, 1])[::-1])[::-1]
    np.testing.assert_allclose(some["p_adjusted"], np.minimum(expected, 1))
    assert found.protocol["correction"] == "fdr"


def test_the_ece_interval_is_basic_and_holds_the_value(bench, row):
    found = compare([bench.model("net", 0.7)], bench.standard(), options=FEW)
    one = row(found.metrics, model="net", seed="all", finding="Edema", metric="ece")
    assert one["method"] == "basic"
    assert 0 <= one["low"] <= one["value"] <= one["high"]
    whole = row(found.metrics, model="net", seed="all", finding="mean", metric="subset_accuracy")
    same = row(found.metrics, model="net", seed="all", finding="micro", metric="subset_accuracy")
    assert whole["value"] == same["value"]


def test_the_command_prints_its_warnings_in_short(bench, tmp_path, capsys):
    scores = scores_of(bench.model("x", 0.7), bench)
    scores[:, 1] = 0.3
    paths = [str(bench.table(name, scores)) for name in ("a", "b")]
    out = tmp_path / "out"
    words = ["compare", *paths, "--reference", str(bench.standard()), "--out", str(out)]
    assert main([*words, "--replicates", "100", "--threshold-rule", "f1"]) == 0
    captured = capsys.readouterr()
    lines = captured.err.splitlines()
    first = next(n for n, line in enumerate(lines) if line.startswith("warnings: "))
    table = pd.read_csv(out / "warnings.csv")
    counts = {code: int((table["code"] == code).sum()) for code in table["code"].unique()}
    kinds = ", ".join(f"{code} {count}" for code, count in counts.items())
    assert lines[first] == f"warnings: {len(table)} ({kinds}); all in {out / 'warnings.csv'}"
    assert counts["constant"] == counts["identical"] == 2
    assert {"no_validation", "threshold_rule_ignored"} <= set(counts)
    told = lines[first + 1 : -1]
    assert [line.split(":")[0] for line in told] == [f"  {code}" for code in counts]
    assert "  constant: a, Edema: gives every unit the same score" in told
    assert (
        "  identical: b, Atelectasis: has exactly the scores of a: check whether one file was "
        "given under two names" in told
    )
    assert max(map(len, told)) <= 152
    assert lines[-1] == f"report: {out / 'report.html'}"
    assert "warnings" not in captured.out
    markdown = (out / "report.md").read_text(encoding="utf-8")
    assert "- identical: b · Atelectasis: has exactly the scores of a" in markdown
    assert "- constant: a · Edema: gives every unit" in markdown


def test_no_warning_is_one_line_and_a_long_one_is_cut(bench, tmp_path):
    found = compare([bench.model("a", 0.7)], bench.standard(), options=FEW)
    none = dataclasses.replace(found, warnings=found.warnings.iloc[:0])
    assert warning_lines(none, tmp_path) == ["warnings: none"]
    long = dataclasses.replace(
        found, warnings=found.warnings.iloc[:1].assign(message="word\n" * 90, model="m")
    )
    count, line = warning_lines(long, tmp_path)
    assert line.endswith("...")
    assert len(line) == 152
    assert count.startswith("warnings: 1 (")
