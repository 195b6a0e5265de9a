"""The sentences on intervals, tests and families name the methods of the tables, and no others."""

import dataclasses

import pytest

from cxrcompare.reporting.paper import data_sentences, statistics_sentences
from cxrcompare.reporting.results.lookup import Results


@pytest.mark.parametrize(
    ("correction", "stated", "not_stated"),
    [
        ("bonferroni", ["Bonferroni's", "exclude 0 exactly", "Half of that level"], ["Holm"]),
        ("holm", ["Holm's", "Simultaneous", "Half of that level"], ["exclude 0 exactly"]),
        ("fdr", ["Hochberg's", "false discovery rate"], ["Half", "Simultaneous", "the level of"]),
    ],
)
def test_the_family_is_that_of_the_correction(
    everything, correction, stated, not_stated, words, changed
):
    found = words(statistics_sentences.tests(Results(changed(everything, correction=correction))))
    assert [one for one in stated if one not in found] == []
    assert [one for one in not_stated if one in found] == []


def test_one_finding_has_no_halves(everything, words):
    table = everything.differences
    one = table[table["finding"].isin(["Edema", "mean"])]
    found = words(
        statistics_sentences.tests(Results(dataclasses.replace(everything, differences=one)))
    )
    assert "one family of all pairs of models;" in found
    assert "Half" not in found


@pytest.mark.parametrize("metric", ["auroc", "sensitivity"])
def test_a_permutation_test_is_stated_where_it_was_made(everything, metric, words, changed):
    table = everything.differences
    method = table["method"].str.removesuffix(" and paired permutation")
    none = changed(everything, differences={"method": method})
    plain = words(statistics_sentences.tests(Results(none)))
    assert "permutation" not in plain
    assert "McNemar" not in plain
    method = method.where(table["metric"] != metric, method + " and paired permutation")
    made = changed(everything, differences={"method": method})
    found = words(statistics_sentences.tests(Results(made)))
    assert ("paired permutation test" in found) == (metric == "auroc")
    assert ("McNemar" in found) == (metric == "sensitivity")


def test_no_tests_no_family(everything, changed):
    nan = float("nan")
    none = changed(
        everything, differences={"p_value": nan, "p_adjusted": nan, "p_equivalence": nan}
    )
    none = dataclasses.replace(none, ranks=none.ranks.iloc[:0])
    assert statistics_sentences.tests(Results(none)) == []


def test_ensembles_are_no_baselines(everything, words):
    found = words(data_sentences.models(Results(everything)))
    assert 'Ensemble "both": mean of probabilities of' in found
    assert 'Baseline "both"' not in found
    assert 'Baseline "prevalence"' in found


@pytest.mark.parametrize(
    ("rule", "stated"),
    [
        ("youden", "by the maximum of Youden's index"),
        ("f1", "by the maximum of F1"),
        ("sensitivity=0.9", "by the highest specificity with a sensitivity of at least 0.9"),
        ("specificity=0.95", "by the highest sensitivity with a specificity of at least 0.95"),
        ("net-benefit=0.2", "by the maximum of net benefit at the threshold probability 0.2"),
        ("cost=10", "by the least cost, with 10 false positives as costly as a miss"),
    ],
)
def test_the_rule_of_thresholds_is_stated(everything, rule, stated, words, changed):
    other = changed(everything, thresholds_rule=rule, thresholds_source="validation")
    assert stated in words(data_sentences.thresholds(Results(other)))
