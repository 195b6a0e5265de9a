"""Paired differences, their adjusted p-values, and non-inferiority."""

import numpy as np
import pandas as pd
import pytest

from cxrcompare.comparison.compare import Options, compare
from cxrcompare.comparison.inference.differences import adjust_all, contrast, p_values
from cxrcompare.comparison.inference.scoring import Scored
from cxrcompare.comparison.result.rows import DifferenceRow
from cxrcompare.comparison.result.saving import write

FEW = Options(replicates=200)


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


def test_the_false_discovery_rate_by_option(bench, rows):
    paths = [bench.model("a", 0.0), bench.model("b", 1.0), bench.model("c", 1.2)]
    found = compare(paths, bench.standard(), options=Options(replicates=200, correction="fdr"))
    some = rows(found.differences, metric="auroc", finding="mean").sort_values("p_value")
    p = some["p_value"].to_numpy()
    expected = np.minimum.accumulate((p * [3, 1.5, 1])[::-1])[::-1]
    np.testing.assert_allclose(some["p_adjusted"], np.minimum(expected, 1))
    assert found.protocol["correction"] == "fdr"


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


@pytest.fixture
def against(bench):
    good, noise = bench.model("good", 0.3), bench.model("noise", 50)
    return compare([good, noise], bench.standard(), options=Options(replicates=400))


def rows_of(found, **chosen):
    table = found.against_trivial
    for column, value in chosen.items():
        table = table[table[column] == value]
    return table


def test_the_difference_is_network_minus_trivial(against, row):
    one = rows_of(against, model_a="good", model_b="prevalence", finding="mean", metric="brier")
    values = [
        row(against.metrics, model=name, seed="all", finding="mean", metric="brier")["value"]
        for name in ("good", "prevalence")
    ]
    assert one["difference"].item() == pytest.approx(values[0] - values[1], abs=1e-12)
    assert set(rows_of(against)["model_a"]) == {"good", "noise"}
    assert set(rows_of(against)["model_b"]) == {"prevalence", "nothing positive"}


def test_auroc_against_a_constant_is_the_distance_from_chance(against, row):
    # a constant score has AUROC 1/2 without variance, so the standard error is the network's; its
    # own interval is on the logit scale, that of the difference is not
    for finding in (*against.findings, "mean"):
        one = rows_of(
            against, model_a="good", model_b="prevalence", finding=finding, metric="auroc"
        ).iloc[0]
        own = row(against.metrics, model="good", seed="all", finding=finding, metric="auroc")
        assert one["difference"] == pytest.approx(own["value"] - 0.5, abs=1e-9)
        logit = np.log(
            own[["low", "high"]].astype(float) / (1 - own[["low", "high"]].astype(float))
        )
        half = (logit["high"] - logit["low"]) / 2 * own["value"] * (1 - own["value"])
        assert one["high"] - one["low"] == pytest.approx(2 * half, rel=1e-6)


def test_skill_is_found_and_its_lack_is_not(against):
    def p_adjusted(name):
        return rows_of(against, model_a=name, model_b="prevalence", finding="mean", metric="auroc")[
            "p_adjusted"
        ].item()

    assert p_adjusted("good") < 0.05 < p_adjusted("noise")


def test_holm_is_over_networks_and_trivial_models(against):
    # four tests of one finding and metric: smallest times 4, next times 3, ..., running maximum
    family = rows_of(against, finding="mean", metric="auroc").sort_values("p_value")
    expected = np.minimum(np.maximum.accumulate(family["p_value"] * [4, 3, 2, 1]), 1)
    assert family["p_adjusted"].tolist() == pytest.approx(expected.tolist())


def test_it_is_a_file_of_its_own(against, tmp_path):
    write(against, tmp_path)
    table = pd.read_csv(tmp_path / "against_trivial.csv")
    assert set(table["metric"]) <= {"auroc", "accuracy", "brier", "log_loss"}
    pairs = against.differences[["model_a", "model_b"]]
    assert not (pairs == "prevalence").any(axis=None)


def test_p_values_are_adjusted_by_finding_and_over_all_findings():
    # Holm over three pairs of a finding: .01 * 3, .02 * 2, and .03 raised to .04. Over the four
    # tests of single findings: .01 * 4, .02 * 3, .03 * 2, and .2; "mean" is not one of them.
    listed = [("Edema", 0.01), ("Edema", 0.03), ("Edema", 0.02), ("Mass", 0.2), ("mean", 0.04)]
    blank = DifferenceRow(*[""] * len(DifferenceRow._fields))
    blank = blank._replace(metric="auroc", difference=0.1, p_equivalence=np.nan)
    tests = [blank._replace(finding=name, p_value=p) for name, p in listed]
    tests = adjust_all(tests, "holm")
    assert [one.p_adjusted for one in tests] == pytest.approx([0.03, 0.04, 0.04, 0.2, 0.04])
    assert [one.p_adjusted_all for one in tests[:4]] == pytest.approx([0.04, 0.06, 0.06, 0.2])
    assert np.isnan(tests[4].p_adjusted_all)


def test_verdicts_by_hand():
    # p of difference, p of equivalence, difference; Holm over four pairs
    listed = [(0.01, 0.9, 0.1), (0.011, 0.9, -0.1), (0.9, 0.001, 0.001), (0.9, 0.04, 0.001)]
    blank = DifferenceRow(*[""] * len(DifferenceRow._fields))
    for metric, better in (("auroc", "a_better"), ("brier", "b_better")):
        tests = [
            blank._replace(
                metric=metric, finding="mean", p_value=p, p_equivalence=same, difference=difference
            )
            for p, same, difference in listed
        ]
        worse = {"a_better": "b_better", "b_better": "a_better"}[better]
        found = [one.verdict for one in adjust_all(tests, "holm")]
        assert found == [better, worse, "equivalent", "undecided"]
    untested = [blank._replace(metric="f1", p_value=np.nan, p_equivalence=np.nan, difference=0.1)]
    assert [one.verdict for one in adjust_all(untested, "holm")] == [""]


def test_accuracy_and_f1_have_differences_without_test_verdict_and_rank(bench, rows):
    paths = [bench.model("a", 0.5), bench.model("b", 1.5)]
    found = compare(
        paths,
        bench.standard(),
        validation=[bench.model("a", 0.5, "valid"), bench.model("b", 1.5, "valid")],
        validation_reference=bench.standard("valid"),
        options=FEW,
    )
    for metric in ("accuracy", "f1", "hamming_loss"):
        differences = rows(found.differences, metric=metric)
        assert differences["low"].notna().any()
        assert differences["p_value"].isna().all()
        assert set(differences["verdict"]) == {""}
        assert not len(rows(found.ranks, metric=metric))
    assert set(rows(found.differences, metric="auroc", finding="mean")["verdict"]) == {"a_better"}


def test_the_margin_decides_on_equivalence(make_bench, row):
    bench = make_bench(studies=400, per_patient=1)
    paths = [bench.model("a", 0.7), bench.model("b", 0.7)]
    verdicts = {}
    for margin in (None, 0.2):
        found = compare(paths, bench.standard(), options=Options(replicates=200, margin=margin))
        one = row(found.differences, finding="mean", metric="auroc")
        verdicts[margin] = one["verdict"]
        assert one["margin"] == (margin or 0.02)
        needed = row(found.sample_size, finding="mean")
        assert needed["margin"] == one["margin"]
        assert needed["studies_present"] == 400
    assert verdicts[0.2] == "equivalent"


def test_findings_with_too_few_patients_have_no_test_and_are_not_in_the_mean(make_bench, row):
    bench = make_bench(studies=200, per_patient=1)
    labels = bench.labels["test"].copy()
    rare = np.flatnonzero(labels[:, 0] == 1)
    labels[rare[12:], 0] = 0  # 12 patients
    paths = [bench.model("a", 0.5), bench.model("b", 1.5)]
    for least, tested in ((12, True), (13, False)):
        options = Options(replicates=100, min_patients=least)
        found = compare(paths, bench.standard(labels=labels), options=options)
        one = row(found.differences, finding=bench.findings[0], metric="auroc")
        assert (one["p_value"] >= 0) == tested
        assert (one["verdict"] != "") == tested
        counted = row(found.metrics, model="a", seed="all", finding="mean", metric="auroc")
        assert counted["defined"] == len(bench.findings) - (not tested)
        notes = found.warnings.query("code == 'not_in_mean'")["message"].tolist()
        assert bool(notes) == (not tested)
        assert all("fewer than 13 patients" in note for note in notes)


def test_differences_by_rounding_alone_are_zero():
    replicates = np.array([[[0.5], [0.5 + 1e-14]], [[0.7], [0.4]]])
    scored = Scored(np.array([[0.6], [0.5]]), replicates, np.ones(2))
    point, drawn = contrast(scored, 0, 1)
    assert point.tolist() == pytest.approx([0.1])
    assert drawn[:, 0].tolist() == pytest.approx([0, 0.3])
    assert drawn[0, 0] == 0


def test_an_undefined_difference_has_no_p_value():
    replicates = np.ones((100, 2))
    found = p_values(np.array([np.nan, 1.0]), replicates)
    assert np.isnan(found[0])
    assert 0 < found[1] < 0.05
