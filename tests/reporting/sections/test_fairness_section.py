"""The section on fairness: what is said, and what is not said without power."""

import dataclasses

from cxrcompare.comparison.result.comparison import table
from cxrcompare.comparison.row_types.group_rows import GapDifferenceRow, SubgroupGapRow
from cxrcompare.reporting.results.lookup import Results
from cxrcompare.reporting.sections import fairness_section

NAN = float("nan")
GAP = SubgroupGapRow(
    model="a",
    column="sex",
    value="F",
    finding="mean",
    metric="sensitivity",
    difference=-0.12,
    low=-0.18,
    high=-0.06,
    p_value=0.0001,
    p_adjusted=0.002,
    against="rest",
    threshold=NAN,
    units=100,
    units_against=120,
    margin=0.05,
    p_equivalence=1.0,
    detectable=0.08,
    verdict="lower",
)
SMALL = GAP._replace(metric="specificity", difference=0.01, low=-0.02, high=0.04, p_adjusted=1.0)
APART = GapDifferenceRow(
    "a",
    "b",
    "sex",
    "F",
    "rest",
    "mean",
    "auroc",
    NAN,
    0.1,
    0.05,
    0.15,
    0.01,
    0.02,
    0.05,
    1.0,
    "different",
)


def made(make_comparison, gaps, pairs=()):
    comparison = dataclasses.replace(
        make_comparison(networks=("a", "b"), findings=("Edema", "Mass")),
        subgroup_gaps=table("subgroup_gaps", gaps),
        gap_differences=table("gap_differences", pairs),
    )
    return fairness_section.section(Results(comparison))


def test_a_significant_gap_is_named_with_its_size(make_comparison):
    section = made(make_comparison, [GAP, SMALL._replace(verdict="undecided")], [APART])
    assert section.sentences == (
        "Of 2 gaps between groups of patients, 1 is significant, 0 are shown to be within the "
        "margin, and for 1 there are not enough patients to tell (median detectable gap 0.08).",
        "a: sensitivity is lower for sex = F than for the rest by 0.120 (0.060 to 0.180; adjusted "
        "p = 0.002).",
        "Between networks, 1 of 1 differences of gaps are significant and 0 are shown to be within "
        "the margin.",
    )
    assert section.tables[0].body[0][4] == "lower"
    assert section.verdict == ("a has a lower sensitivity for sex = F than for the rest (by 0.12).")
    assert section.tables[0].body[1][4] == "not enough patients to tell"


def test_no_gap_is_said_only_if_every_gap_of_the_metric_is_shown_to_be_small(make_comparison):
    small = SMALL._replace(verdict="no_relevant_gap")
    words = "In specificity no group has a gap larger than the margin in any network."
    assert words in made(make_comparison, [GAP, small]).sentences
    undecided = SMALL._replace(model="b", verdict="undecided")
    assert words not in made(make_comparison, [GAP, small, undecided]).sentences
    assert made(make_comparison, [small, undecided]).verdict == (
        "Not known: no gap between groups is significant, but 1 of 2 gaps could be larger than the "
        "margin, as there are too few patients to tell."
    )
    assert made(make_comparison, [small]).verdict == "No group has a gap larger than the margin."
    assert made(make_comparison, [small]).sentences[0].endswith("and none is undecided.")


def test_complements_and_gaps_without_tests_are_left_out(make_comparison):
    rows = [GAP._replace(metric="false_negative_rate"), GAP._replace(verdict="")]
    assert made(make_comparison, rows) is None


def test_a_reference_group_is_named(make_comparison):
    section = made(make_comparison, [GAP._replace(against="M")])
    assert "than for sex = M by" in section.sentences[1]
