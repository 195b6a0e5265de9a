"""The section on pooled differences: probabilities, said to be a model and no test."""

import dataclasses

from cxrcompare.comparison.result.comparison import table
from cxrcompare.comparison.row_types.main_rows import PartialPoolingRow
from cxrcompare.reporting.results.lookup import Results
from cxrcompare.reporting.sections import pooling_section

ROW = PartialPoolingRow(
    "a", "b", "Edema", -0.08, -0.07, -0.1, -0.04, 0.001, 0.0, 0.97, 0.03, 0.02, 0.03, 0.0, 0.1
)
ALIKE = ROW._replace(
    finding="Mass", probability_b_better_by_margin=0.02, probability_within_margin=0.98
)


def made(make_comparison, found):
    comparison = dataclasses.replace(
        make_comparison(networks=("a", "b"), findings=("Edema", "Mass")),
        partial_pooling=table("partial_pooling", found),
    )
    return pooling_section.section(Results(comparison))


def test_probable_differences_are_named_and_the_model_is_no_test(make_comparison):
    section = made(make_comparison, [ROW._replace(finding="mean"), ROW, ALIKE])
    assert section.sentences == (
        "In a model that pools findings, one network is better by more than 0.020 AUROC with a "
        "probability of at least 95% in 1 of 2 differences, and within it in 1.",
        "Edema: b is better than a by more than 0.020 with a probability of 97.0 %.",
    )
    assert section.note.startswith("A model, not a test")
    assert section.verdict == ""  # it decides nothing
    assert section.tables[0].body[0][1] == "distribution of findings"


def test_without_rows_there_is_no_section(make_comparison):
    assert made(make_comparison, []) is None
