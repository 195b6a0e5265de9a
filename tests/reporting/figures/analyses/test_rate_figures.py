"""The figures of operating points and of recalibration."""

from cxrcompare.comparison.row_types.calibration_rows import RecalibratedRow
from cxrcompare.comparison.row_types.decision_rows import OperatingPointRow
from cxrcompare.reporting.figures.analyses import rate_figures
from cxrcompare.reporting.results.lookup import Results

NAN = float("nan")


def row(model, **changed):
    numbers = dict.fromkeys(OperatingPointRow._fields[4:-3], 0.5)
    words = {"model": model, "finding": "Edema", "point": "same sensitivity", "target": 0.9}
    counts = {"tested": "specificity_at_sensitivity", "better_than": 0, "worse_than": 0}
    flags = {"flags": 300.0, "flags_low": 200.0, "flags_high": 400.0}
    return OperatingPointRow(**words | numbers | flags | counts | changed)


def test_each_shared_rate_has_a_figure_of_what_differs_there(make_comparison):
    results = Results(make_comparison(networks=("a", "b"), findings=("Edema",)))
    flags = {"point": "same flags", "target": 50.0, "sensitivity": 0.4}
    rows = [row("a", better_than=1), row("b", flags=350.0), row("a", **flags), row("b", **flags)]
    first, second = rate_figures.operating_points(results, rows)
    assert first.title == "At the same sensitivity of 0.9"
    assert [one[:4] for one in first.data] == [
        ("Edema", "a", 0.9, 300.0),
        ("Edema", "b", 0.9, 350.0),
    ]
    drawn = first.axes.svg("f", first.title, first.alt_text)
    assert drawn.count('class="hollow"') == 1  # b; a is significantly better
    assert second.title == "At the same flags per 1,000 patients"
    assert [one[3] for one in second.data] == [0.4, 0.4]
    assert second.axes.x[0] >= 0


def test_operating_points_without_tests_or_alone_have_no_figure(make_comparison):
    two = Results(make_comparison(networks=("a", "b"), findings=("Edema",)))
    assert rate_figures.operating_points(two, [row("a", tested="")]) == ()
    assert rate_figures.operating_points(two, [row("a", point="own threshold")]) == ()
    one = Results(make_comparison(networks=("a",), findings=("Edema",)))
    assert rate_figures.operating_points(one, [row("a")]) == ()


def test_raw_is_hollow_and_recalibrated_is_filled(make_comparison):
    results = Results(make_comparison(networks=("a", "b"), findings=("Edema",)))
    raw = RecalibratedRow("a", "Edema", "raw", rate_figures.ERROR, NAN, 0.05, 0.03, 0.07, "")
    rows = [
        raw,
        raw._replace(version="logistic", value=0.01, low=0.0, high=0.02),
        raw._replace(version="isotonic"),
        raw._replace(metric="brier"),
    ]
    (figure,) = rate_figures.recalibration(results, rows)
    assert [one[2:4] for one in figure.data] == [("raw", 0.05), ("logistic", 0.01)]
    drawn = figure.axes.svg("f", figure.title, figure.alt_text)
    assert drawn.count('class="hollow"') == 1
    assert drawn.count("whisker") == 2
    assert figure.axes.x[0] <= 0
    assert rate_figures.recalibration(results, []) == ()
