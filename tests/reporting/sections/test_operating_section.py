"""The section on operating points: how many tests are significant, and the table."""

import dataclasses

from cxrcompare.comparison.result.comparison import table
from cxrcompare.comparison.row_types.decision_rows import OperatingPointRow
from cxrcompare.reporting.results.lookup import Results
from cxrcompare.reporting.sections import operating_section


def row(model, point="same sensitivity", finding="Edema", **changed):
    numbers = dict.fromkeys(OperatingPointRow._fields[4:-3], 0.5)
    words = {"model": model, "finding": finding, "point": point, "target": 0.9}
    counts = {"tested": "specificity_at_sensitivity", "better_than": 0, "worse_than": 0}
    return OperatingPointRow(**words | numbers | counts | changed)


def made(make_comparison, rows):
    comparison = dataclasses.replace(
        make_comparison(networks=("a", "b"), findings=("Edema", "Mass")),
        operating_points=table("operating_points", rows),
    )
    return operating_section.section(Results(comparison))


def test_significant_tests_are_counted_with_the_better_network(make_comparison):
    own = {"point": "own threshold", "target": float("nan")}
    rows = [
        row("a", better_than=1),
        row("b", worse_than=1),
        row("a", finding="Mass"),
        row("b", finding="Mass"),
        row("a", **own),
        row("b", **own),
    ]
    section = made(make_comparison, rows)
    assert section.sentences == (
        "At the same sensitivity, specificity differs significantly in 1 of 2 comparisons of two "
        "networks (each finding counts); a is most often the better one.",
        "At their own thresholds, sensitivity or specificity differs significantly in 0 of 2 "
        "comparisons of two networks (each finding counts).",
    )
    assert section.tables[0].body[0][:3] == ("Edema", "same sensitivity of 0.9", "a")
    assert section.tables[0].body[0][-2:] == ("1", "0")
    assert section.early


def test_a_given_rate_has_no_interval_and_an_untested_one_no_count(make_comparison):
    rows = [
        row("a", "same flags", target=51.6, tested="", sensitivity_low=0.4, sensitivity_high=0.6)
    ]
    section = made(make_comparison, rows)
    cells = section.tables[0].body[0]
    assert cells[1] == "same flags, 52"
    assert cells[3:5] == ("0.500 (0.400 to 0.600)", "0.500")
    assert cells[-2:] == ("–", "–")
    assert section.sentences[0].endswith("nothing was tested.")
    assert section.figures == ()


def test_without_rows_there_is_no_section(make_comparison):
    assert made(make_comparison, []) is None
