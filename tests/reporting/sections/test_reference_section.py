"""The section on two references and on corrected labels."""

import dataclasses

from cxrcompare.comparison.result.comparison import table
from cxrcompare.comparison.row_types.label_rows import (
    LabelCorrectionPairRow,
    LabelCorrectionRow,
    ReferenceModelRow,
    ReferenceOrderRow,
    ReferencePairRow,
)
from cxrcompare.reporting.results.lookup import Results
from cxrcompare.reporting.sections import reference_section

NAN = float("nan")
MODELS = [
    ReferenceModelRow("a", "mean", 90, 0.8, 0.7, 1, 2, -0.1, -0.2, 0.0, 0.04, 0.08),
    ReferenceModelRow("b", "mean", 90, 0.7, 0.75, 2, 1, 0.05, -0.1, 0.2, 0.3, 0.3),
]
PAIR = ReferencePairRow(
    model_a="a",
    model_b="b",
    finding="mean",
    units=90,
    difference=0.1,
    verdict="a_better",
    difference_second=-0.05,
    verdict_second="b_better",
    change=-0.15,
    low=-0.2,
    high=-0.1,
    p_value=0.001,
    p_adjusted=0.001,
    margin=0.02,
    p_equivalence=1.0,
    change_verdict="changed",
)
ORDER = ReferenceOrderRow("mean", 2, -1.0, 12.0, 1, 88, 0.001, 0.001)
CORRECTED = LabelCorrectionRow("a", "mean", "auroc", 0.8, 0.85, 0.8, 0.9, NAN, NAN, NAN)
DIFFERENCE = LabelCorrectionPairRow(
    "a", "b", "mean", 0.1, 0.12, 0.05, 0.2, 0.01, 0.01, 0.02, 1.0, "a_better"
)


def made(make_comparison, **rows):
    comparison = dataclasses.replace(
        make_comparison(networks=("a", "b"), findings=("Edema", "Mass")),
        **{name: table(name, many) for name, many in rows.items()},
    )
    return reference_section.section(Results(comparison))


def test_changes_and_reversals_are_said(make_comparison):
    section = made(
        make_comparison, reference_models=MODELS, reference_pairs=[PAIR], reference_order=[ORDER]
    )
    assert section.sentences == (
        "With the second reference, 1 of 1 verdict on pairs of networks is different; the "
        "difference of AUROC changes significantly for 1, and is shown not to change by more than "
        "the margin for 0.",
        "The verdict on a and b is reversed: a is better under the reference, b is better under "
        "the second one.",
        "Tested for all networks together, the second reference changes the differences between "
        "networks (p = 0.001; Kendall’s tau of both orders −1.00).",
    )
    assert "no evidence that the references differ" in section.note
    assert section.verdict == (
        "With the other labels, the verdict on 1 of 1 pair of networks is different; 1 "
        "difference changed significantly."
    )
    same = PAIR._replace(verdict_second="a_better", change_verdict="undecided")
    assert made(make_comparison, reference_models=MODELS, reference_pairs=[same]).verdict == (
        "With the other labels, no verdict on 1 pair of networks is different; no difference "
        "changed significantly."
    )
    assert [row[0] for row in section.tables[0].body] == ["a", "b"]


def test_a_change_that_is_not_significant_is_not_called_absent(make_comparison):
    section = made(
        make_comparison, reference_models=MODELS, reference_order=[ORDER._replace(p_value=0.3)]
    )
    assert "is not shown to change" in section.sentences[0]


def test_a_correction_names_its_assumption(make_comparison):
    section = made(
        make_comparison, label_correction=[CORRECTED], label_correction_pairs=[DIFFERENCE]
    )
    assert section.sentences == (
        "Corrected for the labeller’s error rates, a has an AUROC of 0.850 (0.800 to 0.900) "
        "instead of 0.800, if the labeller’s errors do not depend on the scores.",
        "Of 1 corrected difference, 1 is significant and 0 are equivalent within the margin.",
    )
    assert "assumes" in section.note


def test_without_labels_of_other_sources_there_is_no_section(make_comparison):
    assert made(make_comparison) is None
