"""Sites in a comparison: rows per site, pooled differences, refusals to pool."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score

from cxrcompare.comparison.compare import Options, compare
from cxrcompare.comparison.inference import tested_estimates
from cxrcompare.comparison.sites import site_rows
from cxrcompare.evaluation.auroc import delong
from cxrcompare.evaluation.influence import influence_tests
from cxrcompare.evaluation.pooling import meta_analysis

FEW = Options(replicates=100, site="hospital")


def hospital(split, count):
    return ["ABCD"[n // 2 % 4] for n in range(count)]  # patients have two studies each


@pytest.fixture
def found(make_bench):
    bench = make_bench(studies=600, per_patient=1)
    paths = [bench.model(name, noise) for name, noise in (("a", 0.3), ("b", 1.2))]
    about = bench.about({"hospital": hospital})
    result = compare(paths, bench.standard(), subgroups=about, options=FEW)
    return result, bench, [bench.scores(path) for path in paths]


def test_rows_of_a_site_are_those_of_its_units(found, row):
    result, bench, scores = found
    at_b = np.array(hospital("test", 600)) == "B"
    for f, finding in enumerate(bench.findings):
        label = bench.labels["test"][at_b, f]
        values = [roc_auc_score(label, score[at_b, f]) for score in scores]
        one = row(result.site_metrics, site="B", model="a", finding=finding)
        assert one["value"] == pytest.approx(values[0])
        assert [one["positives"], one["negatives"]] == [label.sum(), (1 - label).sum()]
        assert one["patients"] == 150
        pair = row(result.site_differences, site="B", finding=finding)
        assert pair["difference"] == pytest.approx(values[0] - values[1])
        covariance = delong.delong(label, np.stack([score[at_b, f] for score in scores])).covariance
        error = np.sqrt(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1])
        assert pair["standard_error"] == pytest.approx(error)


def test_the_pooled_difference_is_a_meta_analysis_of_the_rows(found, row, rows):
    result, bench, _ = found
    for finding in ("mean", *bench.findings):
        sites = rows(result.site_differences, finding=finding)
        effects, errors = sites["difference"].to_numpy(), sites["standard_error"].to_numpy()
        expected = meta_analysis.pool(effects, errors**2)
        one = row(result.site_pooled, finding=finding)
        assert one["sites"] == 4
        assert one["difference"] == pytest.approx(expected.mean)
        assert one["tau"] == pytest.approx(expected.tau)
        assert one["i_squared"] == pytest.approx(expected.i_squared)
        half = 3.182446 * np.sqrt(expected.variance)  # Student's 97.5 % with 3 degrees of freedom
        assert one["high"] - one["difference"] == pytest.approx(half, rel=1e-5)
        assert one["prediction_low"] < one["low"]
        assert one["prediction_high"] > one["high"]
    single = result.site_pooled[result.site_pooled["finding"] != "mean"]
    expected = np.minimum(2 * 3 * single["p_value"], 1)  # half for the mean, half for 3 findings
    assert single["p_adjusted"].to_numpy() == pytest.approx(expected.to_numpy())
    assert row(result.site_pooled, finding="mean")["verdict"] == "a_better"


def test_two_sites_are_not_pooled(bench):
    about = bench.about({"hospital": lambda split, count: ["AB"[n // 2 % 2] for n in range(count)]})
    paths = [bench.model(name, 0.5) for name in "ab"]
    result = compare(paths, bench.standard(), subgroups=about, options=FEW)
    assert result.site_pooled.empty
    assert set(result.site_differences["site"]) == {"A", "B"}
    message = result.warnings.set_index("code").loc["sites_not_pooled", "message"]
    assert message.startswith("2 sites with enough patients: differences are not pooled")


def test_small_sites_unknown_sites_and_shared_patients_are_named(make_panel):
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, (120, 1)) * 1.0
    scores = {name: rng.uniform(size=(120, 1)) for name in "ab"}
    patients = np.arange(120)
    patients[40] = 0
    sites = np.repeat(["A", "B", "C", "small", ""], [40, 40, 30, 6, 4]).astype(object)
    found = site_rows.compare(make_panel(labels, scores, patients), sites, Options())
    assert {row.site for row in found.metrics} == {"A", "B", "C"}
    notes = {note.code: note.message for note in found.notes}
    assert notes["site_unknown"] == "the site of 4 of 120 units is not known"
    assert notes["site_too_small"].endswith("small")
    assert notes["sites_share_patients"].startswith("1 patients have units at more than one site")
    assert {row.finding for row in found.pooled} == {"mean", "Atelectasis"}


def test_the_mean_is_over_the_findings_that_every_site_has(make_panel):
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 2, (120, 2)) * 1.0
    labels[:40, 1] = 0  # site A has no positive of the second finding
    panel = make_panel(labels, {name: rng.uniform(size=(120, 2)) for name in "ab"})
    found = site_rows.compare(panel, np.repeat(["A", "B", "C"], 40).astype(object), Options())
    at_b = {row.finding: row.value for row in found.metrics if (row.site, row.model) == ("B", "a")}
    assert at_b["mean"] == at_b["Atelectasis"] != at_b["Edema"]
    assert {row.finding for row in found.pooled} == {"mean", "Atelectasis"}  # Edema has two sites


def test_seeds_have_one_effect_at_all_sites(make_panel):
    rng = np.random.default_rng(2)
    labels = rng.integers(0, 2, (300, 1)) * 1.0
    scores = {f"a__seed{s}": labels * 0.2 + rng.uniform(size=(300, 1)) for s in range(3)}
    scores["b"] = rng.uniform(size=(300, 1))
    sites = np.repeat(["A", "B", "C"], 100).astype(object)
    (with_seeds, _) = site_rows.compare(make_panel(labels, scores), sites, Options()).pooled
    two = {name: one for name, one in scores.items() if name != "a__seed2"}
    (untested, _) = site_rows.compare(make_panel(labels, two), sites, Options()).pooled
    assert with_seeds.verdict != ""
    assert np.isnan(untested.p_value)
    assert untested.verdict == ""
    assert untested.low < untested.difference < untested.high


def test_the_seeds_of_every_pair_are_pooled_at_small_sites(make_panel):
    rng = np.random.default_rng(5)
    sites = np.repeat(["A", "B", "C"], 30).astype(object)
    labels = np.tile([0.0, 1.0], 45)[:, None]
    scores = {
        f"{name}__seed{s}": 0.5 * labels + rng.uniform(size=(90, 1))
        for name in "abc"
        for s in range(3)
    }
    pooled = site_rows.compare(make_panel(labels, scores), sites, Options()).pooled
    assert [row.sites for row in pooled] == [3] * 6  # mean and finding of three pairs
    # the variance between seeds, of the pooled AUROC, is added once
    effects, variances, runs = [], [], []
    panel = make_panel(labels, scores)
    for site in "ABC":
        inside = sites == site
        area = delong.delong(labels[inside, 0], panel.scores[:6, inside, 0])
        contrast = np.repeat([1 / 3, -1 / 3], 3)
        effects.append(contrast @ area.auroc)
        variances.append(contrast @ area.covariance @ contrast)
        runs.append(area.auroc)
    expected = meta_analysis.pool(np.array(effects), np.array(variances))
    spread = expected.weights @ np.array(runs)
    total = expected.variance + spread[:3].var(ddof=1) / 3 + spread[3:].var(ddof=1) / 3
    one = next(row for row in pooled if (row.model_a, row.model_b) == ("a", "b"))
    assert one.difference == pytest.approx(expected.mean)
    parts = [spread[:3].var(ddof=1) / 3, spread[3:].var(ddof=1) / 3]
    degrees = total**2 / (expected.variance**2 / 2 + sum(part**2 / 2 for part in parts))
    half = stats.t.ppf(0.975, degrees) * np.sqrt(total)
    assert one.high - one.difference == pytest.approx(half)


def test_many_networks_have_pooled_means_only(make_panel):
    rng = np.random.default_rng(3)
    labels = rng.integers(0, 2, (90, 2)) * 1.0
    panel = make_panel(labels, {f"m{n}": rng.uniform(size=(90, 2)) for n in range(11)})
    found = site_rows.compare(panel, np.repeat(["A", "B", "C"], 30).astype(object), Options())
    assert {row.finding for row in found.pooled} == {"mean"}
    assert {row.finding for row in found.metrics} == {"mean", "Atelectasis", "Edema"}


def test_equal_models_differ_in_at_most_five_per_cent_of_pooled_tests(make_panel):
    rng = np.random.default_rng(4)
    sites = np.repeat(["A", "B", "C", "D"], 60).astype(object)
    rejected = 0
    for _ in range(300):
        labels = (rng.uniform(size=(240, 1)) < 0.4) * 1.0
        shared = labels + 0.7 * rng.normal(size=(240, 1))
        scores = {name: shared + 0.7 * rng.normal(size=(240, 1)) for name in "ab"}
        panel = make_panel(labels, scores, replicates=100)
        rejected += site_rows.compare(panel, sites, Options()).pooled[0].p_value < 0.05
    assert rejected / 300 <= 0.05 + 2.5 * np.sqrt(0.05 * 0.95 / 300)  # measured 0.1 % of 1,000


@pytest.mark.parametrize(
    ("columns", "match"),
    [
        (
            {"sex": hospital},
            r"`site` must be a column of the subgroups \(sex\). Received: hospital",
        ),
        ({}, r"`site` must be a column of the subgroups \(none are given\)"),
    ],
)
def test_an_unknown_column_is_refused(bench, columns, match):
    about = bench.about(columns) if columns else None
    with pytest.raises(Exception, match=match):
        compare([bench.model("a", 0.5)], bench.standard(), subgroups=about, options=FEW)


def test_the_order_of_sites_changes_nothing(found):
    result, bench, _ = found
    paths = [bench.folder / "test" / f"{name}.csv" for name in "ab"]
    turned = pd.read_csv(bench.folder / "about.csv").iloc[::-1]
    again = compare(paths, bench.standard(), subgroups=turned, options=FEW)
    pd.testing.assert_frame_equal(again.site_pooled, result.site_pooled)


def test_a_site_of_few_patients_has_the_intervals_of_a_test_set_of_its_own(make_panel):
    """The test of a site is that of a comparison of its studies alone, also with few positives."""
    rng = np.random.default_rng(6)
    labels = (np.arange(240) % 20 == 0).astype(float)[:, None]
    scores = {
        "a": 1.8 * labels + rng.normal(size=(240, 1)),
        "b": labels * (1.2 + 0.3 * rng.normal(size=(240, 1)))
        + (1 - labels) * rng.normal(size=(240, 1)),
    }
    sites = np.where(np.arange(240) % 20 < 10, "A", "B").astype(object)
    found = site_rows.compare(make_panel(labels, scores), sites, Options())
    (mean, finding) = [row for row in found.differences if row.site == "A"]
    inside = sites == "A"  # all 12 positives
    alone = make_panel(labels[inside], {name: one[inside] for name, one in scores.items()})
    pair = np.array([0]), np.array([1])
    aurocs = tested_estimates.estimate(alone, "auroc")
    tested = tested_estimates.compared(alone, "auroc", aurocs, *pair)
    low, high = tested.interval(0.95)
    assert (0, 0) in tested.exchanged
    assert [finding.low, finding.high] == pytest.approx([low[0, 0], high[0, 0]])
    assert [mean.low, mean.high] == [finding.low, finding.high]
    plain = influence_tests.differences(aurocs, *pair)
    assert finding.standard_error == pytest.approx(plain.standard_error[0, 0])
    assert finding.high - finding.low > np.ptp(np.array(plain.interval(0.95))[:, 0, 0])
