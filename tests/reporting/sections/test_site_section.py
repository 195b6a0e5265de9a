"""The section on several sites: pooled verdicts, a new site, and what is not pooled."""

import dataclasses

from cxrcompare.comparison.result.comparison import table
from cxrcompare.comparison.row_types.site_row_types import SiteMetricRow, SitePooledRow
from cxrcompare.reporting.results.lookup import Results
from cxrcompare.reporting.sections import site_section

METRICS = [
    SiteMetricRow(site, "a", "mean", "auroc", value, value - 0.1, value + 0.1, 50, 90, 100)
    for site, value in (("A", 0.8), ("B", 0.7), ("C", 0.75))
]
PAIR = SitePooledRow(
    model_a="a",
    model_b="b",
    finding="mean",
    sites=3,
    difference=-0.05,
    low=-0.08,
    high=-0.02,
    p_value=0.001,
    p_adjusted=0.002,
    margin=0.02,
    p_equivalence=1.0,
    verdict="b_better",
    tau=0.01,
    tau_low=0.0,
    tau_high=0.1,
    i_squared=0.25,
    p_heterogeneity=0.2,
    prediction_low=-0.12,
    prediction_high=0.02,
)


def made(make_comparison, pooled, metrics=METRICS):
    comparison = dataclasses.replace(
        make_comparison(networks=("a", "b"), findings=("Edema", "Mass")),
        site_metrics=table("site_metrics", metrics),
        site_pooled=table("site_pooled", pooled),
    )
    return site_section.section(Results(comparison))


def test_a_pooled_difference_is_told_from_the_better_network(make_comparison):
    section = made(make_comparison, [PAIR])
    assert section.sentences == (
        "Over 3 sites, 1 of 1 difference of networks is significant and 0 are equivalent within "
        "the margin; 0 of the significant ones are expected to keep the direction at a new site.",
        "b is better than a by 0.050 (0.020 to 0.080; adjusted p = 0.002); at a new site the "
        "difference is expected between −0.020 and 0.120.",
        "a: AUROC from 0.700 to 0.800 at 3 sites.",
    )
    assert section.verdict == ("Over 3 sites, b is better than a; this may not hold at a new site.")
    new = PAIR._replace(prediction_high=-0.01)
    assert made(make_comparison, [new]).verdict.endswith("this is expected at a new site too.")
    both = made(make_comparison, [PAIR, new._replace(model_b="c")]).verdict
    assert both == (
        "Over 3 sites, 2 of 2 differences between networks are significant; 1 of them are expected "
        "at a new site too."
    )
    undecided = made(make_comparison, [PAIR._replace(verdict="undecided")]).verdict
    assert undecided == "Over 3 sites, no network is significantly better than another."
    assert section.tables[0].body[0][5] == "0.010 (0.000 to 0.100)"


def test_without_pooled_rows_the_reason_is_given(make_comparison):
    section = made(make_comparison, [], METRICS[:2])
    assert section.sentences[0].startswith("Differences are not pooled over 2 sites")
    assert section.verdict == section.note == ""


def test_without_sites_there_is_no_section(make_comparison):
    assert made(make_comparison, [], []) is None
