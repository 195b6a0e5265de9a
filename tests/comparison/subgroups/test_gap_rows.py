"""Gaps between groups in a comparison: values, families, verdicts, threshold noise."""

import dataclasses

import numpy as np
import pytest
from scipy import stats

from cxrcompare.comparison.compare import Options, compare
from cxrcompare.comparison.inputs.panel import CHOSEN, FIXED
from cxrcompare.comparison.subgroups import gap_rows

FEW = Options(replicates=100)
RATES = ("sensitivity", "specificity")


def sex(split, count):
    return ["F" if n % 4 < 2 else "M" for n in range(count)]  # patients have two studies each


@pytest.fixture
def found(make_bench):
    bench = make_bench(studies=600)
    paths = [bench.model(name, noise) for name, noise in (("a", 0.3), ("b", 0.6))]
    options = dataclasses.replace(FEW, decision_thresholds="0.2")
    result = compare(
        paths,
        bench.standard(),
        subgroups=bench.about({"sex": sex}),
        thresholds=0.4,
        options=options,
    )
    return result, bench, [bench.scores(path) for path in paths]


def test_the_gaps_are_those_of_the_groups_units(found, row):
    result, bench, (score, _) = found
    women = np.array(sex("test", 600)) == "F"
    means = {}
    for f, finding in enumerate(bench.findings):
        label, call = bench.labels["test"][:, f], score[:, f] >= 0.4
        values = {
            "sensitivity": (label == 1, call),
            "specificity": (label == 0, ~call),
            "observed_minus_expected": (label >= 0, label - score[:, f]),
            "net_benefit": (
                label >= 0,
                np.where(score[:, f] >= 0.2, label - (1 - label) / 4, 0),
            ),
        }
        for metric, (side, value) in values.items():
            one = row(result.subgroup_gaps, model="a", finding=finding, metric=metric)
            gap = value[side & women].mean() - value[side & ~women].mean()
            assert one["difference"] == pytest.approx(gap)
            assert one["low"] < gap < one["high"]
            assert [one["units"], one["units_against"]] == [
                (side & women).sum(),
                (side & ~women).sum(),
            ]
            means.setdefault(metric, []).append(gap)
            margin = 0.05 * (label.mean() if metric == "net_benefit" else 1)
            assert one["margin"] == pytest.approx(margin)
    for metric, gaps in means.items():
        one = row(result.subgroup_gaps, model="a", finding="mean", metric=metric)
        assert one["difference"] == pytest.approx(np.mean(gaps))


def test_a_rate_and_its_complement_have_one_test(found, row):
    result, *_ = found
    for rate, mirrored in (
        ("sensitivity", "false_negative_rate"),
        ("specificity", "false_positive_rate"),
    ):
        one = row(result.subgroup_gaps, model="b", finding="Edema", metric=rate)
        two = row(result.subgroup_gaps, model="b", finding="Edema", metric=mirrored)
        assert two["difference"] == -one["difference"]
        assert [two["low"], two["high"]] == [-one["high"], -one["low"]]
        assert two["p_adjusted"] == one["p_adjusted"]


def test_differences_of_gaps_are_paired_and_families_are_named(found, row, rows):
    result, *_ = found
    for metric in (*RATES, "auroc", "observed_minus_expected"):
        one = row(result.gap_differences, finding="Mass", metric=metric)
        gaps = [
            row(result.subgroup_gaps, model=m, finding="Mass", metric=metric)["difference"]
            for m in "ab"
        ]
        assert one["difference"] == pytest.approx(gaps[0] - gaps[1])
        for table in (result.subgroup_gaps, result.gap_differences):
            every = rows(table, metric=metric)
            for family in (every["finding"] == "mean", every["finding"] != "mean"):
                own = every[family]
                expected = np.minimum(2 * len(own) * own["p_value"], 1)
                assert own["p_adjusted"].to_numpy() == pytest.approx(expected.to_numpy())


def test_a_gap_is_found_where_it_is_and_small_ones_are_shown_to_be_small(make_bench, row):
    bench = make_bench(studies=4000, per_patient=2)
    women = np.array(sex("test", 4000)) == "F"
    bench.labels["test"][women, 0] = bench.rng.integers(0, 2, women.sum())  # blind there
    result = compare(
        [bench.model("a", 0.3)],
        bench.standard(),
        subgroups=bench.about({"sex": sex}),
        thresholds=0.5,
        options=dataclasses.replace(FEW, gap_margin=0.1),
    )
    gaps = {
        (finding, metric): row(result.subgroup_gaps, finding=finding, metric=metric)["verdict"]
        for finding in ("Atelectasis", "Edema")
        for metric in ("auroc", *RATES, "false_negative_rate")
    }
    assert gaps["Atelectasis", "auroc"] == "lower"
    assert gaps["Atelectasis", "sensitivity"] == "lower"
    assert gaps["Atelectasis", "false_negative_rate"] == "higher"
    assert gaps["Edema", "auroc"] == gaps["Edema", "specificity"] == "no_relevant_gap"


def test_few_patients_are_undecided_and_the_detectable_gap_is_given(bench, row):
    result = compare(
        [bench.model("a", 0.3)],
        bench.standard(),
        subgroups=bench.about({"sex": sex}),
        thresholds=0.5,
        options=FEW,
    )
    one = row(result.subgroup_gaps, finding="mean", metric="sensitivity")
    assert one["verdict"] == "undecided"
    quantiles = stats.norm.ppf([0.975, 0.8]).sum()
    error = (one["high"] - one["low"]) / 2 / stats.norm.ppf(0.975)
    assert one["detectable"] == pytest.approx(quantiles * error, rel=0.03)
    assert one["detectable"] > one["margin"]


def test_the_noise_of_a_chosen_threshold_widens_the_interval(make_panel):
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, (300, 1)) * 1.0
    groups = {"sex": np.repeat(["F", "M"], 150).astype(object)}
    panel = make_panel(labels, {"a": 0.3 * labels + 0.7 * rng.uniform(size=(300, 1))})
    drawn = rng.uniform(0.2, 0.8, (100, 1, 1))
    noisy = dataclasses.replace(
        panel, threshold_replicates=drawn, threshold_sources=np.array([[CHOSEN]], dtype=object)
    )
    found = {}
    for name, one in (("quiet", panel), ("noisy", noisy)):
        found[name] = {
            row.metric: row for row in gap_rows.gaps(one, groups, FEW)[0] if row.finding == "mean"
        }
    for metric in RATES:
        side = labels[:, 0] == (1 if metric == "sensitivity" else 0)
        sign = 1 if metric == "sensitivity" else -1
        shares = [
            [(panel.scores[0, side & (groups["sex"] == g), 0] >= t).mean() for t in drawn[:, 0, 0]]
            for g in "FM"
        ]
        added = np.var(sign * (np.array(shares[0]) - shares[1]), ddof=1)
        widths = [
            (found[name][metric].high - found[name][metric].low) / 2 for name in ("quiet", "noisy")
        ]
        # squared half widths over the squared quantile; the degrees of freedom differ little
        assert widths[1] ** 2 - widths[0] ** 2 == pytest.approx(added * 1.97**2, rel=0.1)
    assert found["quiet"]["auroc"].high == found["noisy"]["auroc"].high


def test_a_threshold_that_nobody_chose_has_no_test(make_panel):
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 2, (200, 1)) * 1.0
    panel = make_panel(labels, {"a": rng.uniform(size=(200, 1))})
    panel = dataclasses.replace(panel, threshold_sources=np.array([[FIXED]], dtype=object))
    rows = gap_rows.gaps(panel, {"sex": np.repeat(["F", "M"], 100).astype(object)}, FEW)[0]
    for row in rows:
        tested = row.metric not in (*RATES, "false_negative_rate", "false_positive_rate")
        assert (row.verdict != "") == tested
        assert np.isnan(row.p_value) != tested
        assert row.low < row.high


def test_many_networks_have_gaps_of_every_finding_and_pairs_of_the_mean(make_panel, monkeypatch):
    rng = np.random.default_rng(2)
    labels = rng.integers(0, 2, (100, 2)) * 1.0
    panel = make_panel(labels, {f"m{n}": rng.uniform(size=(100, 2)) for n in range(11)})
    rows, pairs = gap_rows.gaps(panel, {"sex": np.repeat(["F", "M"], 50).astype(object)}, FEW)
    assert len({row.finding for row in rows}) == 3
    assert {row.model for row in rows} == {f"m{n}" for n in range(11)}
    assert {row.finding for row in pairs} == {"mean"}
    assert len({(row.model_a, row.model_b) for row in pairs}) == 55
    monkeypatch.setattr(gap_rows, "_BATCH", 7)
    groups = {"sex": np.repeat(["F", "M"], 50).astype(object)}
    assert repr(gap_rows.gaps(panel, groups, FEW)[1]) == repr(pairs)
