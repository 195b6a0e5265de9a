"""Paired differences, their adjusted p-values, and non-inferiority."""

import numpy as np
import pandas as pd
import pytest

from cxrcompare.comparison.compare import Options, compare
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


def test_p_adjusted_is_over_pairs_for_the_mean_and_over_all_findings_else(bench, rows):
    paths = [bench.model("a", 0.0), bench.model("b", 1.0), bench.model("c", 30.0)]
    found = compare(paths, bench.standard(), options=FEW)
    assert (found.differences["p_value"].dropna() > 0).all()
    some = rows(found.differences, metric="auroc")
    # half of the error rate for the three pairs of the mean; half for three pairs times three
    # findings and the micro-average
    factor = np.where(some["finding"] == "mean", 2 * 3, 2 * 3 * 4)
    expected = np.minimum(some["p_value"] * factor, 1)
    np.testing.assert_allclose(some["p_adjusted"], expected)


@pytest.mark.parametrize("correction", ["bonferroni", "holm", "fdr"])
def test_verdicts_adjusted_p_values_and_intervals_agree(bench, correction):
    noises = {"a": 0.4, "b": 0.5, "c": 0.9, "d": 2}
    paths = [bench.model(name, noise) for name, noise in noises.items()]
    options = Options(replicates=200, correction=correction, margin=0.1)
    table = compare(paths, bench.standard(), options=options).differences
    tested = table[table["verdict"] != ""]
    better = tested["verdict"].str.endswith("better")
    excluded = (tested["simultaneous_low"] > 0) | (tested["simultaneous_high"] < 0)
    assert better.any() and not better.all()
    assert (better == (tested["p_adjusted"] < 0.05)).all()
    if correction == "bonferroni":
        assert (better == excluded).all()
    elif correction == "holm":
        assert (better | ~excluded).all()
    equal = tested["verdict"] == "equivalent"
    assert (equal == (~better & (tested["p_equivalence"] < 0.05))).all()
    wider = (tested["simultaneous_low"] <= tested["low"]) & (
        tested["simultaneous_high"] >= tested["high"]
    )
    assert wider.all()
    untested = table[table["verdict"] == ""]
    assert untested["simultaneous_low"].isna().all()


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
    better = {
        (r["model_a"], r["model_b"]): r["non_inferior"] for r in rows_of if r["finding"] == "mean"
    }
    assert better["a", "b"] and better["b", "a"] and better["a", "c"] and not better["c", "a"]
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
    # own interval is on the logit scale, with half a patient more; that of the difference is not
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
        assert 1.5 * half < one["high"] - one["low"] < 2.5 * half


def test_skill_is_found_and_its_lack_is_not(against):
    def p_adjusted(name):
        return rows_of(against, model_a=name, model_b="prevalence", finding="mean", metric="auroc")[
            "p_adjusted"
        ].item()

    assert p_adjusted("good") < 0.05 < p_adjusted("noise")


def test_the_family_is_networks_baselines_and_metrics(against):
    # two networks, two baselines, and AUROC, Brier score and log loss
    family = rows_of(against, finding="mean")
    assert set(family["metric"]) == {"auroc", "brier", "log_loss"}
    expected = np.minimum(family["p_value"] * 2 * 2 * 2 * 3, 1)
    assert family["p_adjusted"].tolist() == pytest.approx(expected.tolist())


def test_it_is_a_file_of_its_own(against, tmp_path):
    write(against, tmp_path)
    table = pd.read_csv(tmp_path / "against_trivial.csv")
    assert set(table["metric"]) == {"auroc", "brier", "log_loss"}
    pairs = against.differences[["model_a", "model_b"]]
    assert not (pairs == "prevalence").any(axis=None)


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
