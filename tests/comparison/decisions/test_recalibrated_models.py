"""Recalibrated networks: noise of the fit, paired tests, curves, and a simulation of their size."""

import numpy as np
import pytest
from scipy import special, stats

from cxrcompare.comparison.compare import Options, compare
from cxrcompare.comparison.decisions.recalibrated_versions import (
    NetBenefitsOfVersions,
    gains,
    recalibrated,
    unit_means,
)
from cxrcompare.comparison.inference.multiplicity import bonferroni
from cxrcompare.evaluation import metrics
from cxrcompare.evaluation.influence import influence_tests
from cxrcompare.evaluation.probabilities import net_benefit


def cohort(rng, units, bias=0.0, models=2):
    """Labels, the probabilities of equally good models, and patients of one unit each."""
    signal = rng.normal(size=units)
    labels = (rng.random(units) < special.expit(signal - 1)).astype(float)
    noise = rng.normal(size=(models, units)) * 0.7
    return labels, special.expit(2 * (signal + noise) + bias), np.arange(units)


def versions(rng, test=400, valid=200, bias=0.0):
    labels, scores, patients = cohort(rng, test, bias)
    held = cohort(rng, valid, bias)
    return recalibrated(labels, scores, patients, held, {"a": [0], "b": [1]})


def test_values_are_those_of_the_plain_metrics():
    one = versions(np.random.default_rng(0))
    assert one.versions == ("raw",) * 2 + ("logistic",) * 2 + ("isotonic",) * 2
    for metric, plain in (("brier", metrics.brier), ("log_loss", metrics.log_loss)):
        expected = [plain(one.label, scores) for scores in one.scores]
        assert unit_means(one, metric).value[:, 0] == pytest.approx(expected)
    found = NetBenefitsOfVersions(one).at(0.3, paired=True)
    assert found.value == pytest.approx(net_benefit.net_benefit(one.label, one.scores, 0.3))


def test_the_fit_adds_the_variance_of_other_validation_patients():
    # far from calibrated after a fit on a validation set of another prevalence, so that the metric
    # changes with the fit to first order
    rng = np.random.default_rng(1)
    labels, scores, patients = cohort(rng, 3000, models=1)
    held_labels, held_scores, held_patients = cohort(rng, 400, models=1)
    flipped = np.where(rng.random(400) < 0.3, 1.0, held_labels)
    drawn = []
    members = {"a": [0]}
    for _ in range(300):
        units = rng.integers(0, 400, 400)
        held = flipped[units], held_scores[:, units], held_patients
        one = recalibrated(labels, scores, patients, held, members)
        k = one.versions.index("logistic")
        benefit = net_benefit.net_benefit(one.label, one.scores[k], 0.3)
        drawn.append([metrics.brier(labels, one.scores[k]), float(benefit)])
    spread = np.var(drawn, axis=0)
    held = flipped, held_scores, held_patients
    one = recalibrated(labels, scores, patients, held, members)
    k = one.versions.index("logistic")
    frozen = one.versions.index("isotonic")
    brier = unit_means(one, "brier")
    fit = brier.parts[0, 1]
    assert fit[k, k] == pytest.approx(spread[0], rel=0.35)
    assert fit[frozen, frozen] == 0
    found = NetBenefitsOfVersions(one).at(0.3, paired=True)
    assert found.parts[-1][k, k] == pytest.approx(spread[1], rel=0.5)
    assert found.parts[-1][frozen, frozen] == 0
    with_fit = net_benefit.intervals(found)
    width = with_fit.high[k] - with_fit.low[k]
    plain = net_benefit.Sample(one.label, one.scores, one.patients, one.entries)
    without = net_benefit.intervals(net_benefit.estimate(plain, 0.3))
    assert width > without.high[k] - without.low[k]


def test_equal_models_recalibrated_differ_in_5_percent_of_sets():
    rng = np.random.default_rng(2)
    sets, rejected = 300, np.zeros(3)
    for _ in range(sets):
        one = versions(rng, bias=0.5)
        a, b = (np.array([e]) for e, v in enumerate(one.versions) if v == "logistic")
        p_values = [
            influence_tests.differences(unit_means(one, metric), a, b).p_value[0, 0]
            for metric in ("brier", "log_loss")
        ]
        found = NetBenefitsOfVersions(one).at(0.3, paired=True)
        p_values.append(net_benefit.differences(found, a, b).p_value[0])
        rejected += np.array(p_values) < 0.05
    assert (rejected <= stats.binom.ppf(0.999, sets, 0.05)).all()
    assert (rejected >= stats.binom.ppf(0.001, sets, 0.02)).all()


def test_the_seeds_of_a_gain_are_paired():
    # three seeds of very different quality, each recalibrated: the gains vary less than the seeds
    rng = np.random.default_rng(3)
    labels, _, patients = cohort(rng, 600)
    held_labels, _, held_patients = cohort(rng, 600)
    scores, held = (
        np.stack([special.expit(2 * (2 * y - 1) + noise * rng.normal(size=600)) for noise in seeds])
        for y, seeds in ((labels, (3.0, 4.0, 5.0)), (held_labels, (3.0, 4.0, 5.0)))
    )
    one = recalibrated(
        labels, scores, patients, (held_labels, held, held_patients), {"a": [0, 1, 2]}
    )
    found, entries = gains(one, "brier")
    raw, logistic = one.scores[:3], one.scores[3:6]
    expected = [
        metrics.brier(labels, q) - metrics.brier(labels, p)
        for p, q in zip(raw, logistic, strict=True)
    ]
    assert one.versions[entries[0]] == "logistic"
    assert found.value[0, 0] == pytest.approx(np.mean(expected))
    assert found.seed_variance[0, 0] == pytest.approx(np.var(expected, ddof=1))
    at = NetBenefitsOfVersions(one)
    paired = at.seed_by_seed(at.at(0.3, paired=True), 0.3)
    values = net_benefit.net_benefit(labels, one.scores, 0.3)
    assert paired.seed_variance[:2] == pytest.approx([0, np.var(values[3:6] - values[:3], ddof=1)])


@pytest.fixture
def found(make_bench):
    bench = make_bench(studies=600)
    paths, valid = [], []
    for split, files in (("test", paths), ("valid", valid)):
        true = special.ndtr(bench.signal[split] - 0.7)
        files.append(bench.table("good", true, split))
        files.append(bench.table("bold", special.expit(3 * special.logit(true)), split))
    return compare(
        paths,
        bench.standard("test"),
        validation=valid,
        validation_reference=bench.standard("valid"),
        options=Options(replicates=100, decision_thresholds="0.15"),
    )


def test_recalibration_of_an_overconfident_model_is_significantly_better(found, row):
    tests = found.recalibrated_differences
    own = tests[tests["model_a"] == tests["model_b"]]
    assert set(own["version_b"]) == {"raw"}
    assert set(own["version_a"]) == {"logistic", "isotonic"}
    for metric in ("brier", "log_loss"):
        family = own[own["metric"] == metric]
        assert len(family) == 2 * 2 * 3
        expected = bonferroni(family["p_value"].to_numpy())
        assert family["p_adjusted"].to_numpy() == pytest.approx(expected)
        bold = row(family, model_a="bold", version_a="logistic", finding="Edema", metric=metric)
        assert bold["verdict"] == "a_better"
        assert bold["noise"] == "test patients and fit"
    good = row(own, model_a="good", version_a="logistic", finding="Edema", metric="brier")
    assert good["verdict"] == "undecided"


def test_intervals_contain_the_values_and_curves_equal_the_rows(found):
    table = found.recalibrated
    assert ((table["low"] <= table["value"]) & (table["value"] <= table["high"])).all()
    logistic = table[table["version"] == "logistic"].set_index("metric")["noise"]
    assert set(logistic[["brier", "log_loss", "net_benefit"]]) == {"test patients and fit"}
    assert set(logistic["calibration_slope"]) == {"test patients"}
    raw = table[(table["version"] == "raw") & (table["metric"] == "net_benefit")]
    key = ["model", "finding", "threshold"]
    curve = found.net_benefit.set_index(key)["net_benefit"]
    for _, one in raw.iterrows():
        assert one["value"] == pytest.approx(curve[tuple(one[key])])
    points = found.recalibrated_curves
    assert set(points["version"]) == {"logistic", "isotonic"}
    assert set(points["threshold"]) == set(found.net_benefit["threshold"])
    chosen = points[points["threshold"] == 0.15].set_index(["model", "finding", "version"])
    rows = table[table["metric"] == "net_benefit"].set_index(["model", "finding", "version"])
    for key, one in chosen.iterrows():
        assert one["net_benefit"] == rows.loc[key, "value"]
        assert one["low"] == rows.loc[key, "low"]
