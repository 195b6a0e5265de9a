"""Estimates of architectures, their differences and intervals."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from cxrcompare.comparison.compare_options import Options
from cxrcompare.comparison.inference import (
    differences,
    non_inferiority,
    scoring,
    tested_estimates,
)
from cxrcompare.evaluation.auroc import delong

OPTIONS = Options(replicates=100, margin=0.05)


@pytest.fixture
def scored():
    """Sixty labels, and scores of three networks of which the first is best."""
    rng = np.random.default_rng(4)
    labels = (np.arange(60) % 3 == 0).astype(float)
    noise = {"a": 0.5, "b": 1.5, "c": 3.0}
    return labels, {name: labels + sd * rng.normal(size=60) for name, sd in noise.items()}


def columns(scores):
    return {name: values[:, None] for name, values in scores.items()}


def row_of(panel, finding="mean", metric="auroc"):
    """Returns the first pair's row."""
    found = {metric: tested_estimates.estimate(panel, metric)}
    made = differences.rows(differences.differences(panel, found, OPTIONS), OPTIONS)
    return next(row for row in made if row.finding == finding)


def test_a_difference_of_single_runs_has_the_error_of_delong(make_panel, scored):
    labels, scores = scored
    panel = make_panel(labels[:, None], columns(scores))
    found = row_of(panel, panel.findings[0])
    areas = delong.delong(labels, np.array([scores["a"], scores["b"]]))
    expected = delong.paired(areas, 0, 1, 0.95)
    # Student's distribution in place of the normal one: wider, and a larger p-value
    assert found.low < expected.low < expected.high < found.high
    assert expected.p_value < found.p_value < 2e-4
    assert (found.low + found.high) / 2 == pytest.approx(expected.difference, rel=0.01)
    assert found.method == "DeLong"
    # the mean over one finding, and all findings pooled, are that finding
    for same in ("mean", "micro"):
        other = row_of(panel, same)._replace(finding=found.finding)
        assert other.p_adjusted == pytest.approx(found.p_adjusted)
        assert other.simultaneous_low == pytest.approx(found.simultaneous_low)
    # the family is the three pairs of that finding
    assert found.p_adjusted == pytest.approx(3 * found.p_value)


def test_two_seeds_have_an_interval_but_no_test(make_panel, scored):
    labels, scores = scored
    runs = {"a__seed0": scores["a"], "a__seed1": scores["b"], "c": scores["c"]}
    found = row_of(make_panel(labels[:, None], columns(runs)))
    assert np.isnan([found.p_value, found.p_equivalence, found.simultaneous_low]).all()
    assert found.low < found.high
    assert found.method == "DeLong and seeds (Welch)"
    assert found.verdict == ""


def test_the_permutation_test_is_added_where_a_class_has_few_patients(make_panel):
    rng = np.random.default_rng(3)
    for positives, method in ((19, "DeLong and paired permutation"), (20, "DeLong")):
        labels = (np.arange(80) < positives).astype(float)[:, None]
        scores = {name: labels + rng.normal(size=(80, 1)) for name in "ab"}
        panel = make_panel(labels, scores)
        found = row_of(panel)
        assert found.method == method
        aurocs = {"auroc": tested_estimates.estimate(panel, "auroc")}
        plain = differences.differences(panel, aurocs, OPTIONS)
        errors = plain[0].differences
        alone = 2 * stats.t.sf(abs(found.difference) / errors.standard_error, errors.degrees)
        assert found.p_value >= alone[0, 1] - 1e-12


def test_the_method_names_clusters_and_seeds(make_panel, scored):
    labels, scores = scored
    runs = {"a": scores["a"], "b__seed0": scores["b"], "b__seed1": scores["c"]}
    panel = make_panel(labels[:, None], columns(runs), patients=np.arange(60) // 2)
    found = tested_estimates.estimate(panel, "auroc")
    low, high, methods = tested_estimates.intervals(panel, "auroc", found, 0.95)
    assert methods[:, 0].tolist() == ["Obuchowski, logit", "Obuchowski and seeds (Welch), logit"]
    assert ((low > 0) & (low < high) & (high < 1)).all()


def test_a_finding_with_few_patients_has_no_interval_and_no_test(make_panel):
    # five positives of twelve patients, fewer than the ten that are needed
    labels = np.repeat([1.0, 0.0], [5, 7])[:, None]
    rng = np.random.default_rng(0)
    panel = make_panel(labels, {name: rng.random((12, 1)) for name in "ab"})
    found = row_of(panel, panel.findings[0])
    assert np.isnan([found.low, found.high, found.p_value, found.simultaneous_low]).all()
    estimates = tested_estimates.estimate(panel, "auroc")
    assert np.isnan(tested_estimates.intervals(panel, "auroc", estimates, 0.95)[0]).all()


def test_identical_models_are_equivalent_and_not_inferior(make_panel, scored):
    labels, scores = scored
    panel = make_panel(labels[:, None], columns({"a": scores["a"], "b": scores["a"]}))
    assert row_of(panel).verdict == "equivalent"
    compared = differences.differences(
        panel, {"auroc": tested_estimates.estimate(panel, "auroc")}, OPTIONS
    )
    rows = non_inferiority.rows(compared, OPTIONS)
    assert all(row.p_value == 0 and row.non_inferior for row in rows)


def test_two_perfect_models_are_not_shown_to_be_equivalent(make_panel):
    # no pair is ordered wrongly, so the variance of the difference is not known
    labels = (np.arange(60) % 3 == 0).astype(float)[:, None]
    rng = np.random.default_rng(0)
    panel = make_panel(labels, {name: 100 * labels + rng.normal(size=(60, 1)) for name in "ab"})
    found = row_of(panel, panel.findings[0])
    assert (found.difference, found.p_value, found.verdict) == (0, 1, "undecided")
    assert np.isnan(found.low)


def test_a_mean_over_units_is_the_paired_t_test(make_panel):
    rng = np.random.default_rng(1)
    labels = (rng.random((50, 1)) < 0.4).astype(float)
    scores = {
        name: np.clip(0.3 + 0.3 * labels + 0.1 * rng.normal(size=(50, 1)), 0, 1) for name in "ab"
    }
    panel = make_panel(labels, scores)
    runs = scoring.score(panel, ["brier"], 15)["brier"]
    found = tested_estimates.estimate(panel, "brier", runs)
    plain = replace(found, third=None)  # without the correction for skewness
    one = tested_estimates.compared(panel, "brier", plain, np.array([0]), np.array([1]))
    squares = [(scores[name] - labels)[:, 0] ** 2 for name in "ab"]
    expected = stats.ttest_rel(*squares)
    ends = expected.confidence_interval()
    low, high = one.interval(0.95)
    for k in range(3):  # the finding, the mean and all pooled
        assert one.p_value[0, k] == pytest.approx(expected.pvalue)
        assert (low[0, k], high[0, k]) == pytest.approx((ends.low, ends.high))
    assert runs.replicates is None
    inside = tested_estimates.intervals(panel, "brier", found, 0.95)
    assert (inside[0] < runs.point).all() and (runs.point < inside[1]).all()


def test_every_run_is_an_entry_where_asked(make_panel, scored):
    labels, scores = scored
    runs = {"a__seed0": scores["a"], "a__seed1": scores["b"], "c": scores["c"]}
    panel = make_panel(labels[:, None], columns(runs))
    assert len(tested_estimates.estimate(panel, "auroc").seeds) == 2
    single = [[m] for m in range(len(panel.runs))]
    found = tested_estimates.estimate(panel, "auroc", entries=single)
    assert found.seeds.tolist() == [1, 1, 1]
