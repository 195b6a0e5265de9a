"""The section on calibration: errors, recalibration on validation, and several views."""

from __future__ import annotations

from collections.abc import Sequence

from cxrcompare.comparison.row_types.calibration_rows import (
    CalibrationDifferenceRow,
    CalibrationRow,
    RecalibratedDifferenceRow,
    RecalibratedRow,
    ViewsCalibrationRow,
)
from cxrcompare.reporting.figures.analyses import rate_figures
from cxrcompare.reporting.results import numbers
from cxrcompare.reporting.results.lookup import Results, rows, title
from cxrcompare.reporting.results.pairs import words as words_of_pairs
from cxrcompare.reporting.sections.section import Section, ShownTable, shown

_MOST_ROWS = 100
_NOTE = (
    "The calibration error is smoothed, without bins and without bias: its interval contains 0 if "
    "a network is calibrated. A pair without a significant difference is undecided, not equal."
)
_RECALIBRATION = (
    " Recalibration is fitted on validation and applied to the test set. recalibrated.csv also has "
    "log loss, slope, intercept and net benefit of each version; recalibrated_differences.csv has "
    "all tests; recalibrated_curves.csv has the decision curves."
)
_VERSIONS = ("raw", "logistic", "isotonic")
_VERDICTS = {"max_better": "maximum better", "mean_better": "mean better", "": numbers.UNDEFINED}


def section(results: Results) -> Section | None:
    """Returns the section, or None if no network has probabilities."""
    comparison = results.comparison
    errors = rows(comparison.calibration_errors, CalibrationRow)
    versions = rows(comparison.recalibrated, RecalibratedRow)
    views = rows(comparison.views_calibration, ViewsCalibrationRow)
    views = [row for row in views if numbers.defined(row.max_error)]
    if not (errors or versions or views):
        return None
    sentences = [*_of_errors(results, errors), *_of_recalibration(results), *_of_views(views)]
    return Section(
        "calibration",
        "Calibration",
        tuple(sentences),
        (
            *_error_table(errors),
            *_version_table(versions),
            *_difference_table(results),
            *_view_table(views),
        ),
        _NOTE + (_RECALIBRATION if versions else ""),
        question="Can the probabilities be trusted?",
        figures=rate_figures.recalibration(results, versions),
        early=True,
    )


def _of_errors(results: Results, errors: list[CalibrationRow]) -> list[str]:
    tested = [row for row in errors if numbers.defined(row.p_adjusted)]
    if not tested:
        return []
    wrong = [row for row in tested if (row.p_adjusted or 0.0) < results.alpha]
    pairs = rows(results.comparison.calibration_differences, CalibrationDifferenceRow)
    pairs = [row for row in pairs if row.verdict]
    apart = sum(row.verdict in ("a_better", "b_better") for row in pairs)
    found = [
        f"Probabilities are significantly miscalibrated in {len(wrong)} of {len(tested)} cases "
        "(networks and findings)."
    ]
    if pairs:
        found.append(
            f"Calibration differs significantly in {apart} of {len(pairs)} {_pairs(pairs)} (each "
            "finding counts; calibration_differences.csv has all)."
        )
    return found


def _of_recalibration(results: Results) -> list[str]:
    """Returns how often a logistic recalibration improves the Brier score."""
    tested = [row for row in _tests(results) if row.metric == "brier" and row.verdict]
    own = [row for row in tested if row.model_a == row.model_b and row.version_a == "logistic"]
    if not own:
        return []
    better = sum(row.verdict == "a_better" for row in own)
    worse = sum(row.verdict == "b_better" for row in own)
    found = (
        f"A logistic recalibration on validation makes the Brier score significantly better in "
        f"{better} of {len(own)} cases ({_networks(results, own)}), and worse in {worse}"
    )
    pairs = [row for row in tested if row.model_a != row.model_b]
    apart = sum(row.verdict in ("a_better", "b_better") for row in pairs)
    if pairs:
        found += f"; after it, {apart} of {len(pairs)} {_pairs(pairs)} differ significantly"
    return [f"{found}."]


def _pairs(
    found: Sequence[CalibrationDifferenceRow] | Sequence[RecalibratedDifferenceRow],
) -> str:
    return words_of_pairs((row.model_a, row.model_b) for row in found)


def _networks(results: Results, own: Sequence[RecalibratedDifferenceRow]) -> str:
    """Returns "networks and findings", or the networks if the result keeps only some of many."""
    names = list(dict.fromkeys(row.model_a for row in own))
    if len(names) == len(results.networks):
        return "networks and findings"
    return f"findings of {numbers.listed(names)}; recalibrated_differences.csv has all networks"


def _tests(results: Results) -> list[RecalibratedDifferenceRow]:
    return rows(results.comparison.recalibrated_differences, RecalibratedDifferenceRow)


def _of_views(views: list[ViewsCalibrationRow]) -> list[str]:
    tested = [row for row in views if row.verdict]
    if not tested:
        return []
    mean = sum(row.verdict == "mean_better" for row in tested)
    highest = sum(row.verdict == "max_better" for row in tested)
    return [
        f"With the mean over the views of a study, calibration is significantly better than with "
        f"the maximum in {mean} of {len(tested)} cases, and worse in {highest}."
    ]


def _error_table(errors: list[CalibrationRow]) -> tuple[ShownTable, ...]:
    return shown(
        "Smoothed calibration error, in probability",
        ("Finding", "Network", "Error", "Interval", "Calibrated, adjusted"),
        [
            (
                row.finding,
                row.model,
                numbers.decimal(row.error),
                numbers.interval(row.low, row.high),
                numbers.p_value(row.p_adjusted),
            )
            for row in errors
        ],
        2,
        _MOST_ROWS,
        "calibration_errors.csv",
    )


def _version_table(versions: list[RecalibratedRow]) -> tuple[ShownTable, ...]:
    """Returns Brier score and calibration error of each version side by side."""
    found: dict[tuple[str, str, str, str], RecalibratedRow] = {
        (row.finding, row.model, row.metric, row.version): row for row in versions
    }
    cases = list(dict.fromkeys((row.finding, row.model) for row in versions))
    chosen = [one for one in _VERSIONS if any(row.version == one for row in versions)]
    metrics = ("brier", rate_figures.ERROR)
    names = {"brier": title("brier"), rate_figures.ERROR: "Error"}
    heads = [f"{names[one]}, {version}" for one in metrics for version in chosen]
    return shown(
        "As they are (raw) and recalibrated on validation",
        ("Finding", "Network", *heads),
        [
            (*case, *(_value(found.get((*case, one, two))) for one in metrics for two in chosen))
            for case in cases
        ],
        2,
        _MOST_ROWS,
        "recalibrated.csv",
    )


def _value(row: RecalibratedRow | None) -> str:
    if row is None:
        return numbers.UNDEFINED
    return numbers.with_interval(row.value, row.low, row.high)


def _difference_table(results: Results) -> tuple[ShownTable, ...]:
    """Returns the significant tests of recalibrated networks."""
    clear = [row for row in _tests(results) if row.verdict in ("a_better", "b_better")]
    return shown(
        "Significant differences of recalibrated networks",
        ("Finding", "First", "Second", "Metric", "Difference", "Interval", "Adjusted p"),
        [
            (
                row.finding,
                f"{row.model_a}, {row.version_a}",
                f"{row.model_b}, {row.version_b}",
                title(row.metric)
                + (f" at {row.threshold:g}" if numbers.defined(row.threshold) else ""),
                numbers.signed(row.difference, 4),
                numbers.interval(row.low, row.high, 4),
                numbers.p_value(row.p_adjusted),
            )
            for row in sorted(clear, key=lambda row: numbers.number(row.p_adjusted))
        ],
        4,
        _MOST_ROWS,
        "recalibrated_differences.csv",
    )


def _view_table(views: list[ViewsCalibrationRow]) -> tuple[ShownTable, ...]:
    return shown(
        "Calibration error with the maximum and with the mean over the views of a study",
        ("Finding", "Network", "Verdict", "Maximum", "Mean", "Difference of squares", "Adjusted p"),
        [
            (
                row.finding,
                row.model,
                _VERDICTS.get(row.verdict, row.verdict),
                numbers.decimal(row.max_error),
                numbers.decimal(row.mean_error),
                numbers.signed(row.difference, 4),
                numbers.p_value(row.p_adjusted),
            )
            for row in views
        ],
        3,
        _MOST_ROWS,
        "views_calibration.csv",
    )
