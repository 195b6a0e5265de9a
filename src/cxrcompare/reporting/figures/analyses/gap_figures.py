"""Figures of fairness: the gaps between groups of patients, with the margin."""

from __future__ import annotations

from collections.abc import Sequence

from cxrcompare.comparison.row_types.group_rows import SubgroupGapRow
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

METRICS = {
    "sensitivity": "sensitivity",
    "specificity": "specificity",
    "auroc": "AUROC",
    "observed_minus_expected": "observed minus expected share",
}


def gaps(results: Results, rows: Sequence[SubgroupGapRow]) -> tuple[Figure, ...]:
    """Draws the gaps of each metric, a line per group and network; none without gaps.

    Args:
        results: The comparison.
        rows: The gaps of one scope that have a verdict.
    """
    drawn = (_figure(results, rows, metric, words) for metric, words in METRICS.items())
    return tuple(figure for figure in drawn if figure is not None)


def _figure(
    results: Results, rows: Sequence[SubgroupGapRow], metric: str, words: str
) -> Figure | None:
    own = [row for row in rows if row.metric == metric and numbers.defined(row.difference)]
    labels = list(dict.fromkeys(map(_label, own)))
    shown = networks(results, len(labels))
    own = [row for row in own if row.model in shown]
    if not own:
        return None
    groups = [
        Group(
            label,
            [
                Line(
                    row.model,
                    numbers.number(row.difference),
                    row.low,
                    row.high,
                    row.verdict != "undecided",
                )
                for name in shown
                for row in own
                if row.model == name and _label(row) == label
            ],
        )
        for label in labels
    ]
    margin = own[0].margin
    axes = draw(
        results,
        groups,
        "group minus the others",
        0.0,
        margin if numbers.defined(margin) else None,
    )
    said = "; ".join(
        f"{row.model}, {_label(row)}: {numbers.signed(row.difference)} "
        f"({numbers.interval(row.low, row.high)}), {row.verdict.replace('_', ' ')}"
        for row in own
    )
    return Figure(
        "gap",
        metric,
        f"Gaps of {words} between groups",
        said,
        axes,
        ("model", "group", "against", "difference", "low", "high", "margin", "verdict"),
        [
            (
                row.model,
                _label(row),
                row.against,
                row.difference,
                row.low,
                row.high,
                row.margin,
                row.verdict,
            )
            for row in own
        ],
        "Filled: significant, or shown to be within the margin (shaded). Hollow: not enough "
        "patients to tell." + shortened(results, shown, "subgroup_gaps.csv"),
    )


def _label(row: SubgroupGapRow) -> str:
    return f"{row.column} {row.value}"
