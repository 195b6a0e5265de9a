"""The section on decisions: what is counted, and what is left out."""

import dataclasses

from cxrcompare.comparison.result.comparison import table
from cxrcompare.comparison.row_types.calibration_rows import CalibrationRow
from cxrcompare.comparison.row_types.decision_rows import (
    AtPrevalenceRow,
    CostDifferenceRow,
    TreatmentRow,
)
from cxrcompare.reporting.results.lookup import Results
from cxrcompare.reporting.sections import decision_section

TESTED = TreatmentRow("a", "treat all", "Edema", 0.1, 0.02, 0.01, 0.03, 0.001, 0.01, "better")


def made(make_comparison, **tables):
    comparison = dataclasses.replace(
        make_comparison(networks=("a", "b"), findings=("Edema", "Mass")),
        **{name: table(name, rows) for name, rows in tables.items()},
    )
    return decision_section.section(Results(comparison))


def test_a_case_is_better_only_than_both_opponents(make_comparison):
    none = TESTED._replace(opponent="treat none", verdict="undecided")
    other = TESTED._replace(model="b"), none._replace(model="b", verdict="better")
    worse = TESTED._replace(finding="Mass", verdict="worse")
    found = made(make_comparison, net_benefit_opponents=[TESTED, none, *other, worse])
    assert "in 1 of 3 cases" in found.sentences[0]
    assert "lower than one of the two in 1;" in found.sentences[0]


def test_a_finding_is_worth_it_where_one_network_is_better_than_both(make_comparison):
    none = TESTED._replace(opponent="treat none")
    split = [TESTED._replace(finding="Mass"), none._replace(finding="Mass", threshold=0.2)]
    found = made(make_comparison, net_benefit_opponents=[TESTED, none, *split])
    assert found.question == "Worth using here?"
    assert found.verdict == (
        "At least one network is shown to be better than flagging every patient and flagging none "
        "(net benefit) for 1 of 2 findings, but not for Mass."
    ), "better than one opponent at one threshold and than the other at another is not enough"
    found = made(make_comparison, net_benefit_opponents=split)
    assert found.verdict.startswith("No network is shown to be better")
    found = made(make_comparison, net_benefit_opponents=[TESTED, none])
    assert found.verdict.endswith("flagging none (net benefit).")
    found = made(make_comparison, calibration_errors=[CalibrationRow("a", "Mass", *[0.1] * 5)])
    assert found.verdict == ""


def test_costs_name_the_cheaper_network_and_never_equality(make_comparison):
    row = CostDifferenceRow("a", "b", "Edema", 12.34, 5.0, 20.0, 0.001, 0.01, "b_better")
    site = AtPrevalenceRow("a", "Edema", 0.02, "given", "flags", 51.25, 40.0, 63.0, 0.0)
    found = made(make_comparison, cost_differences=[row], at_prevalence=[site])
    assert "b costs 12.3 less per 1,000 patients than a" in found.sentences[0]
    assert found.tables[0].body == (("Edema", "a", "0.020, given", "51.2 (40.0 to 63.0)"),)
    undecided = row._replace(verdict="undecided", p_adjusted=0.4)
    found = made(make_comparison, cost_differences=[undecided], at_prevalence=[site])
    assert "0 of 1 pairs" in found.sentences[0]
    assert "undecided, not equal" in found.sentences[0]


def test_calibration_counts_adjusted_tests(make_comparison):
    wrong = CalibrationRow("a", "Edema", 0.1, 0.05, 0.14, 0.0001, 0.001)
    errors = [wrong, wrong._replace(model="b", low=0.0, p_adjusted=0.2)]
    found = made(make_comparison, calibration_errors=errors)
    assert found.sentences == (
        "Probabilities are significantly miscalibrated in 1 of 2 cases (networks and findings).",
    )
    assert len(found.tables[0].body) == 2


def test_without_results_there_is_no_section(make_comparison):
    empty = {name: [] for name in ("at_prevalence", "net_benefit_opponents", "calibration_errors")}
    assert made(make_comparison, **empty) is None
