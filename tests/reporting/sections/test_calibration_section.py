"""The section on calibration: adjusted tests, recalibration and views."""

import dataclasses

from cxrcompare.comparison.result.comparison import table
from cxrcompare.comparison.row_types.calibration_rows import (
    CalibrationRow,
    RecalibratedDifferenceRow,
    RecalibratedRow,
    ViewsCalibrationRow,
)
from cxrcompare.reporting.results.lookup import Results
from cxrcompare.reporting.sections import calibration_section

NAN = float("nan")
TEST = RecalibratedDifferenceRow(
    *("a", "logistic", "a", "raw", "Edema", "brier", NAN, -0.01, -0.02, -0.005, 0.001, 0.01),
    *("test patients and fit", "a_better"),
)


def made(make_comparison, **tables):
    comparison = dataclasses.replace(
        make_comparison(networks=("a", "b"), findings=("Edema", "Mass")),
        **{name: table(name, rows) for name, rows in tables.items()},
    )
    return calibration_section.section(Results(comparison))


def test_calibration_counts_adjusted_tests(make_comparison):
    wrong = CalibrationRow("a", "Edema", 0.1, 0.05, 0.14, 0.0001, 0.001)
    errors = [wrong, wrong._replace(model="b", low=0.0, p_adjusted=0.2)]
    found = made(make_comparison, calibration_errors=errors)
    assert found.sentences == (
        "Probabilities are significantly miscalibrated in 1 of 2 cases (networks and findings).",
    )
    assert len(found.tables[0].body) == 2
    assert found.figures == ()
    assert "recalibrated.csv" not in found.note


def test_recalibration_is_beside_the_raw_probabilities(make_comparison):
    row = RecalibratedRow("a", "Edema", "raw", "brier", NAN, 0.2, 0.1, 0.3, "test patients")
    versions = [
        row,
        row._replace(version="logistic", value=0.19),
        row._replace(metric="smooth_calibration_error", value=0.05),
        row._replace(metric="smooth_calibration_error", value=0.01, version="logistic"),
    ]
    tests = [
        TEST,
        TEST._replace(model_a="b", model_b="b", verdict="undecided"),
        TEST._replace(model_b="b", version_b="logistic", verdict="b_better"),
        TEST._replace(metric="log_loss"),
    ]
    found = made(make_comparison, recalibrated=versions, recalibrated_differences=tests)
    assert found.sentences == (
        "A logistic recalibration on validation makes the Brier score significantly better in 1 of "
        "2 cases (networks and findings), and worse in 0; after it, 1 of 1 pairs of networks "
        "differ significantly.",
    )
    sides, clear = found.tables
    assert sides.head[2:] == ("Brier, raw", "Brier, logistic", "Error, raw", "Error, logistic")
    assert [cell.split()[0] for cell in sides.body[0][2:]] == ["0.200", "0.190", "0.050", "0.010"]
    assert len(clear.body) == 3
    assert clear.body[0][:4] == ("Edema", "a, logistic", "a, raw", "Brier")
    assert len(found.figures[0].data) == 2
    assert "recalibrated_curves.csv" in found.note


def test_both_rules_of_views_are_shown(make_comparison):
    numbers = dict.fromkeys(ViewsCalibrationRow._fields, 0.1)
    row = ViewsCalibrationRow(**numbers | {"model": "a", "finding": "Edema", "verdict": ""})
    views = [row._replace(verdict="mean_better", mean_error=0.02), row._replace(finding="Mass")]
    found = made(make_comparison, views_calibration=views)
    assert found.sentences == (
        "With the mean over the views of a study, calibration is significantly better than with "
        "the maximum in 1 of 1 cases, and worse in 0.",
    )
    assert found.tables[0].body[0][2:5] == ("mean better", "0.100", "0.020")
    undefined = row._replace(max_error=NAN)
    assert made(make_comparison, views_calibration=[undefined]) is None
