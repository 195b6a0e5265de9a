"""Figures of rates by finding: networks at the same operating point, and before recalibration."""

from __future__ import annotations

from collections.abc import Sequence

from cxrcompare.comparison.row_types.calibration_rows import RecalibratedRow
from cxrcompare.comparison.row_types.decision_rows import OperatingPointRow
from cxrcompare.reporting.figures.analyses.interval_lines import (
    Group,
    Line,
    draw,
    networks,
    shortened,
)
from cxrcompare.reporting.figures.figure import Figure
from cxrcompare.reporting.results import numbers
from cxrcompare.reporting.results.lookup import Results

POINTS = {
    "same sensitivity": ("flags", "flags per 1,000 patients (fewer is better)"),
    "same flags": ("sensitivity", "sensitivity (more is better)"),
    "same specificity": ("sensitivity", "sensitivity (more is better)"),
}
"""{operating point: what differs there, the label of the axis}."""

ERROR = "smooth_calibration_error"


def operating_points(results: Results, rows: Sequence[OperatingPointRow]) -> tuple[Figure, ...]:
    """Draws what the networks do at each shared operating point, by finding."""
    drawn = (_at(results, rows, point) for point in POINTS)
    return tuple(figure for figure in drawn if figure is not None)


def _at(results: Results, rows: Sequence[OperatingPointRow], point: str) -> Figure | None:
    quantity, words = POINTS[point]
    own = [
        row
        for row in rows
        if row.point == point and row.tested and numbers.defined(getattr(row, quantity))
    ]
    findings = list(dict.fromkeys(row.finding for row in own))
    shown = networks(results, len(findings))
    own = [row for row in own if row.model in shown]
    if len(shown) < 2 or not own:
        return None
    by_key = {(row.finding, row.model): row for row in own}
    groups = [
        Group(
            finding,
            [
                Line(
                    name,
                    getattr(row, quantity),
                    getattr(row, f"{quantity}_low"),
                    getattr(row, f"{quantity}_high"),
                    bool(row.better_than or row.worse_than),
                )
                for name in shown
                if (row := by_key.get((finding, name)))
            ],
        )
        for finding in findings
    ]
    bounds = (0.0, 1000.0) if quantity == "flags" else (0.0, 1.0)
    digits = 0 if quantity == "flags" else 3
    said = "; ".join(
        f"{row.finding}, {row.model}: {numbers.decimal(getattr(row, quantity), digits)}"
        for row in own
    )
    return Figure(
        "operating",
        point,
        f"At the {target(own[0])}",
        said,
        draw(results, groups, words, bounds=bounds),
        ("finding", "model", "target", quantity, "low", "high", "better_than", "worse_than"),
        [
            (
                row.finding,
                row.model,
                row.target,
                getattr(row, quantity),
                getattr(row, f"{quantity}_low"),
                getattr(row, f"{quantity}_high"),
                row.better_than,
                row.worse_than,
            )
            for row in own
        ],
        "Filled: significantly better or worse than another network. Hollow: no difference is "
        "shown." + shortened(results, shown, "operating_points.csv"),
    )


def target(row: OperatingPointRow) -> str:
    """Returns an operating point in words; the number of flags differs between findings."""
    if row.point == "same flags":
        return "same flags per 1,000 patients"
    if numbers.defined(row.target):
        return f"{row.point} of {row.target:g}"
    return row.point


def recalibration(results: Results, rows: Sequence[RecalibratedRow]) -> tuple[Figure, ...]:
    """Draws the calibration error of networks as they are and recalibrated, by finding."""
    own = {
        (row.finding, row.model, row.version): row
        for row in rows
        if row.metric == ERROR and row.version in ("raw", "logistic") and numbers.defined(row.value)
    }
    findings = list(dict.fromkeys(key[0] for key in own))
    known = {key[1] for key in own}
    shown = [name for name in networks(results, 2 * len(findings)) if name in known]
    if not shown:
        return ()
    groups = [
        Group(
            finding,
            [
                Line(name, numbers.number(row.value), row.low, row.high, version == "logistic")
                for name in shown
                for version in ("raw", "logistic")
                if (row := own.get((finding, name, version)))
            ],
        )
        for finding in findings
    ]
    chosen = [row for row in own.values() if row.model in shown]
    said = "; ".join(
        f"{row.finding}, {row.model}, {row.version}: {numbers.decimal(row.value)}" for row in chosen
    )
    figure = Figure(
        "recalibration",
        "",
        "Calibration error, before and after recalibration",
        said,
        draw(results, groups, "calibration error, in probability", 0.0),
        ("finding", "model", "version", "error", "low", "high"),
        [(row.finding, row.model, row.version, row.value, row.low, row.high) for row in chosen],
        "Hollow: the probabilities as they are. Filled: after a logistic recalibration on "
        "validation. An interval that reaches 0 agrees with calibrated probabilities."
        + shortened(results, shown, "recalibrated.csv"),
    )
    return (figure,)
