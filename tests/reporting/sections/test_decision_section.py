"""The section on decisions: what is counted, and what is left out."""

import dataclasses

from cxrcompare.comparison.result.comparison import table
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


def test_ensembles_are_compared_with_the_best_single_network_and_have_costs(make_comparison):
    plain = make_comparison(networks=("a", "b", "c"), findings=("Edema",), gap=0.3)
    first, *rest = plain.models
    cost = {"parameters": 14_200_000}
    models = [{**first, "kind": "ensemble", "description": "mean of b, c", "cost": cost}, *rest]
    changed = dataclasses.replace(plain, models=models)
    changed.differences["verdict"] = "a_better"
    found = decision_section.section(Results(changed))
    assert found.sentences == (
        "Of 1 ensemble, 1 is significantly better than b, the single network with the highest "
        "AUROC.",
    )
    (shown,) = found.tables
    assert shown.head[2:] == ("AUROC minus b", "Interval", "Adjusted p", "Parameters")
    assert shown.body[0][:2] == ("a", "mean of b, c")
    assert shown.body[0][5] == "14.2 M"
    alone = dataclasses.replace(plain, models=[{**models[0], "cost": None}])
    assert decision_section.section(Results(alone)).tables[0].head == ("Ensemble", "Members")


def test_without_results_there_is_no_section(make_comparison):
    assert made(make_comparison, at_prevalence=[], net_benefit_opponents=[]) is None
