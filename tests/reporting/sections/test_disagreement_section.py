"""The section on disagreement: numbers, order, and what is left out."""

import dataclasses

from cxrcompare.comparison.result.comparison import table
from cxrcompare.comparison.row_types.agreement_rows import (
    DisagreementRow,
    JointErrorRow,
    ModelAgreementRow,
)
from cxrcompare.reporting.results.lookup import Results
from cxrcompare.reporting.sections import disagreement_section

PAIRS = [
    ModelAgreementRow("a", "b", "mean", 0.8, 0.7, 0.9, 0.95, 2),
    ModelAgreementRow("a", "c", "mean", 0.3, 0.2, 0.4, 0.7, 2),
    ModelAgreementRow("a", "b", "Edema", 0.1, 0.0, 0.2, 0.6, 1),
]
JOINT = [JointErrorRow(name, "Edema", n, 10 - n, 60, 10, 100) for n, name in enumerate("abc")]
CASES = [
    DisagreementRow("split", "Edema", f"s{n}", "p", 1.0, "", 1, 1, 3, 0.5 - n / 100)
    for n in range(9)
]


def made(make_comparison, joint=JOINT):
    comparison = dataclasses.replace(
        make_comparison(networks=("a", "b", "c"), findings=("Edema", "Mass")),
        model_agreement=table("model_agreement", PAIRS),
        joint_errors=table("joint_errors", joint),
        disagreements=table("disagreements", CASES),
    )
    return disagreement_section.section(Results(comparison))


def test_the_sentences_name_counts_and_extremes(make_comparison):
    section = made(make_comparison)
    assert section.sentences == (
        "Of 100 calls (units and findings), all three networks are right in 60.0 % and all are "
        "wrong in 10.0 %; they disagree in 30.0 %.",
        "a and c agree least (kappa 0.30, 0.20 to 0.40); a and b most (kappa 0.80, 0.70 to 0.90).",
    )


def test_the_tables_are_of_the_headline_scope_and_short(make_comparison):
    kappas, alone, cases = made(make_comparison).tables
    assert [row[:3] for row in kappas.body] == [("a", "c", "0.300"), ("a", "b", "0.800")]
    assert [row[0] for row in alone.body] == ["c", "b", "a"]  # by wrong alone minus right alone
    assert [row[2] for row in cases.body] == ["s0", "s1", "s2"]
    assert cases.body[0][3:] == ("positive", "", "1 of 3")


def test_without_joint_errors_there_is_no_section(make_comparison):
    assert made(make_comparison, joint=[]) is None
