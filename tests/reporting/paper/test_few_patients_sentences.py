"""What tests add where patients are few is stated for the tests that do so, and for no others."""

import pytest

from cxrcompare.reporting.paper import few_patients_sentences, statistics_sentences
from cxrcompare.reporting.results.lookup import Results


def words(table):
    return [one.words for one in few_patients_sentences.tests(table)]


def rows_of(comparison, method):
    """Returns the tested rows of the AUROC, with one method."""
    table = comparison.differences
    table = table[(table["metric"] == "auroc") & table["p_value"].notna()]
    assert len(table)
    return table.assign(method=method)


@pytest.mark.parametrize(
    ("method", "binormal", "skewness"),
    [
        ("DeLong", True, True),
        ("Obuchowski and paired permutation", True, True),
        ("DeLong and seeds (Welch)", False, True),
        ("Obuchowski and seeds (Welch)", False, True),
    ],
)
def test_seeds_have_no_added_variance(everything, method, binormal, skewness):
    found = " ".join(words(rows_of(everything, method)))
    assert ("binormal" in found) == binormal
    assert ("The test statistics of AUROC were also transformed" in found) == skewness


@pytest.mark.parametrize("seeds", ["", " and seeds (Welch)"])
def test_auprc_has_parts_of_patients_without_seeds(everything, seeds):
    table = rows_of(everything, f"infinitesimal jackknife{seeds}").assign(metric="auprc")
    found = " ".join(words(table))
    added = "3 negative patients" in found and "0.2 of a positive patient" in found
    assert added == (seeds == "")
    assert "binormal" not in found


def test_tests_with_the_variance_of_the_bootstrap_have_neither(everything):
    table = rows_of(everything, "t-test with bootstrap variance").assign(metric="ece")
    assert words(table) == []
    assert words(table.iloc[:0]) == []


def test_the_statistics_of_a_comparison_contain_them_with_the_reference(everything):
    found = statistics_sentences.tests(Results(everything))
    (one,) = [sentence for sentence in found if "skewness" in sentence.words]
    assert one.cites == ("hall1992",)
    assert "AUROC" in one.words
    assert "ECE" not in one.words
