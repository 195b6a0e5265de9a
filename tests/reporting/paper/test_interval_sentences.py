"""The sentences on intervals name the methods of the table of metrics, and no others."""

import pytest

from cxrcompare.reporting.paper import interval_sentences
from cxrcompare.reporting.results.lookup import Results


@pytest.mark.parametrize(
    ("method", "stated"),
    [
        ("infinitesimal jackknife, logit", "infinitesimal jackknife"),
        ("t-test over patients, logit", "means over units"),
        ("percentile with threshold noise", "percentile intervals"),
        ("basic", "basic intervals"),
        ("MOVER at specificity 0.9", "intervals that combine Wilson's interval"),
        ("influence functions, logit with one patient more", "intervals from influence functions"),
        ("wilson", "Wilson's interval"),
    ],
)
def test_the_interval_of_a_metric_is_that_of_its_method(everything, method, stated, words, changed):
    names = ["infinitesimal", "means over units", "percentile", "basic", "Wilson"]
    found = words(
        interval_sentences.intervals(
            Results(changed(everything, {"metric": "f1", "method": method}))
        )
    )
    assert (
        f"F1 had {stated}" in found
        or f"F1 of independent units had {stated}" in found
        or (found.count("F1") == 1 and stated in found)
    )
    assert [one for one in names if one in found and one not in stated] == []


def test_each_metric_has_one_sentence_on_its_interval(everything):
    found = [one.words.lower() for one in interval_sentences.intervals(Results(everything))]
    for name in ("auprc", "brier score", "ece", "partial auroc", "hamming loss", "f1"):
        assert sum(name in one for one in found) == 1, name


def test_a_metric_without_intervals_has_no_sentence(everything, changed):
    none = changed(everything, {"low": float("nan")})
    assert interval_sentences.intervals(Results(none)) == []
